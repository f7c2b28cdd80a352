"""Serve a CFU's memory port from RAM and DRAM, and the CPU's bus from the same DRAM."""

from __future__ import annotations

from typing import Any

from litex.gen import LiteXModule
from litex.soc.interconnect import stream, wishbone
from migen import If, Mux, Replicate, Signal, log2_int

from cfuforge.soc.litex.cfu_port import CfuPort
from cfuforge.soc.litex.dram_bus import DramBus
from cfuforge.soc.litex.dram_reader import UNDER_WAY, DramReader
from cfuforge.soc.litex.dram_writer import DramWriter
from cfuforge.soc.litex.shared_ram import SharedRam

__all__ = ["PortSwitch"]


class PortSwitch(LiteXModule):
    """Send each of a CFU's requests where its address is, and answer all in their order.

    Parameters
    ----------
    port
        The CFU's port.
    ram
        The RAM.
    crossbar
        LiteDRAM's.
    origin, size
        The DRAM's first address and size in bytes.
    stores
        The Wishbone by which the CPU writes, for which the CFU waits as in `RamPort`.

    Members
    -------
    bus
        Wishbone of 32 bits, to the DRAM.

    Timing
    ------
    One request a cycle, as long as the DRAM keeps up. A read of RAM is answered after `LATENCY`
    cycles, if no read of DRAM is before it.
    """

    LATENCY = 4

    def __init__(
        self,
        port: CfuPort,
        ram: SharedRam,
        crossbar: Any,
        origin: int,
        size: int,
        stores: wishbone.Interface,
    ) -> None:
        width, fine = port.width, log2_int(port.width)
        self.reader = reader = DramReader(crossbar.get_port(mode="read"), width)
        self.writer = writer = DramWriter(crossbar.get_port(mode="write"), width)
        self.dram_bus = dram_bus = DramBus(size, width)
        self.bus = dram_bus.bus

        # A request, from the cycle after it has been taken until it goes on.
        valid, write, goes, stores_now = Signal(), Signal(), Signal(), Signal()
        address, strobe, data = Signal(32), Signal(width), Signal(8 * width)
        self.comb += [
            stores_now.eq(stores.cyc & stores.stb & stores.we),
            port.ready.eq(~stores_now & (~valid | goes)),
        ]
        self.sync += [
            If(goes, valid.eq(0)),
            If(
                port.ready,
                valid.eq(port.valid),
                write.eq(port.write),
                address.eq(port.address),
                strobe.eq(port.strobe),
                data.eq(port.data),
            ),
        ]
        offset, is_dram, in_ram = Signal(32), Signal(), Signal()
        reads_ram, reads_dram, writes_dram = Signal(), Signal(), Signal()
        bits = log2_int(size)
        self.comb += [
            is_dram.eq(address[bits:] == origin >> bits),
            offset.eq(address - ram.origin),
            in_ram.eq(offset < ram.size),
            reads_dram.eq(valid & ~write & is_dram),
            reads_ram.eq(valid & ~write & ~is_dram),
            writes_dram.eq(valid & write & is_dram),
        ]

        # Where the answers come from.
        self.order = order = stream.SyncFIFO([("dram", 1)], UNDER_WAY)
        self.read = read = stream.SyncFIFO([("data", 8 * width)], UNDER_WAY)
        second = ram.second
        self.comb += [
            second.adr.eq(offset[fine:]),
            second.dat_w.eq(data),
            second.we.eq(Replicate(valid & write & in_ram, width) & strobe),
            read.sink.data.eq(second.dat_r),
        ]
        self.sync += read.sink.valid.eq(reads_ram & order.sink.ready)

        # The DRAM is read for the CPU first. No read overtakes a write that waits.
        for_bus, was_for_bus, may_read = Signal(), Signal(), Signal()
        self.comb += [
            for_bus.eq(Mux(reader.busy, was_for_bus, dram_bus.ask.valid)),
            writer.address.eq(Mux(for_bus, dram_bus.ask.address, address[fine:bits])),
            may_read.eq(reader.busy | ~writer.holds),
            reader.sink.address.eq(writer.address),
            reader.sink.tag.eq(for_bus),
            reader.sink.valid.eq(may_read & (for_bus | (reads_dram & order.sink.ready))),
            dram_bus.ask.ready.eq(for_bus & may_read & reader.sink.ready),
            reader.forget.eq(writer.sink.valid & writer.sink.ready),
            dram_bus.changes.eq(reader.forget),
        ]
        self.sync += was_for_bus.eq(for_bus)
        # It is written for the CFU first: at most one request, since others wait for the store.
        self.comb += [
            writer.sink.valid.eq(writes_dram | dram_bus.write.valid),
            writer.sink.address.eq(Mux(writes_dram, address[fine:bits], dram_bus.write.address)),
            writer.sink.data.eq(Mux(writes_dram, data, dram_bus.write.data)),
            writer.sink.strobe.eq(Mux(writes_dram, strobe, dram_bus.write.strobe)),
            dram_bus.write.ready.eq(writer.sink.ready & ~writes_dram),
        ]
        dram_takes = Signal()
        self.comb += [
            dram_takes.eq(may_read & reader.sink.ready & ~for_bus),
            order.sink.dram.eq(is_dram),
            order.sink.valid.eq(reads_ram | (reads_dram & dram_takes)),
            goes.eq(
                Mux(
                    write,
                    ~is_dram | writer.sink.ready,
                    order.sink.ready & (~is_dram | dram_takes),
                )
            ),
        ]

        comes, from_dram = Signal(), Signal()
        self.comb += [
            from_dram.eq(reader.source.valid & ~reader.source.tag),
            comes.eq(Mux(order.source.dram, from_dram, read.source.valid) & order.source.valid),
            order.source.ready.eq(comes),
            read.source.ready.eq(comes & ~order.source.dram),
            dram_bus.answer.valid.eq(reader.source.valid & reader.source.tag),
            dram_bus.answer.data.eq(reader.source.data),
            reader.source.ready.eq(reader.source.tag | (comes & order.source.dram)),
        ]
        self.sync += [
            port.answers.eq(comes),
            port.answer.eq(Mux(order.source.dram, reader.source.data, read.source.data)),
        ]
