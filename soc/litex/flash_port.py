"""Serve a CFU's memory port from RAM with one port, and from the flash."""

from __future__ import annotations

from litex.gen import LiteXModule
from litex.soc.interconnect import wishbone
from migen import Mux, Signal, log2_int

from cfuforge.soc.litex.cfu_port import CfuPort
from cfuforge.soc.litex.single_ram import SingleRam

__all__ = ["FlashPort"]


class FlashPort(LiteXModule):
    """Send each of a CFU's requests to RAM or flash.

    Parameters
    ----------
    port
        The CFU's port, of 4 bytes.
    ram
        The RAM.
    flash
        The flash reader's Wishbone, whose data stay for a cycle after it has acknowledged.
    origin
        The flash's first address, a power of two; the RAM's has not that bit.

    Members
    -------
    bus
        Wishbone of 32 bits, by which the CPU reads the flash.

    Timing
    ------
    A request to RAM is taken every cycle but the one after a cycle in which the CPU has waited. A
    request to the flash is taken when the flash has read the word, after that nothing is under
    way. A read is answered in the next cycle. As the CPU's store ends only when it is in memory,
    no request overtakes it.
    """

    def __init__(
        self, port: CfuPort, ram: SingleRam, flash: wishbone.Interface, origin: int
    ) -> None:
        self.bus, own = (
            wishbone.Interface(data_width=32, address_width=32, addressing="word") for _ in range(2)
        )
        self.arbiter = wishbone.Arbiter([self.bus, own], flash)
        in_flash, was_in_flash, ended = Signal(), Signal(), Signal()
        self.comb += [
            in_flash.eq(port.address[log2_int(origin)]),
            ram.valid.eq(port.valid & ~in_flash),
            ram.write.eq(port.write),
            ram.address.eq(port.address[2:]),
            ram.strobe.eq(port.strobe),
            ram.data.eq(port.data),
            # Between two words the CPU may read.
            own.cyc.eq(port.valid & in_flash & ~ended),
            own.stb.eq(own.cyc),
            own.adr.eq(port.address[2:]),
            own.we.eq(port.write),
            port.ready.eq(Mux(in_flash, own.ack, ram.ready)),
            port.answer.eq(Mux(was_in_flash, flash.dat_r, ram.answer)),
        ]
        self.sync += [
            ended.eq(own.ack),
            was_in_flash.eq(in_flash),
            port.answers.eq(port.valid & port.ready & ~port.write),
        ]
