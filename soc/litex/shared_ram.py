"""Main RAM with a second port, for the CFU."""

from __future__ import annotations

from typing import Any

from litex.gen import LiteXModule
from litex.soc.interconnect import wishbone
from migen import READ_FIRST, Array, If, Memory, Replicate, Signal, log2_int

__all__ = ["SharedRam"]


class SharedRam(LiteXModule):
    """One memory with two ports: LiteX's bus, and a CFU's memory port.

    Parameters
    ----------
    origin, size
        Its first address and its size in bytes.
    width
        Width in bytes of the CFU's port, and of the memory's words.
    stores
        The Wishbone by which the CPU writes. While it does, the CFU's port waits, so that a store
        that the CPU has executed, but not yet written because it fetches code, is not overtaken by
        a CFU instruction behind it.

    Members
    -------
    bus
        Wishbone of 32 bits.
    mem : Memory
        The words; their bytes are in the order of their addresses.
    cfu : dict
        The port, as arguments of the ``Instance`` of module ``Cfu``.

    Timing
    ------
    The bus is answered as LiteX's ``wishbone.SRAM`` answers it. The CFU's port takes a request
    every cycle in which the CPU does not write, and answers a read in the next. What is outside of
    the memory reads as any value and is not written.
    """

    autocsr_exclude = frozenset({"mem"})  # otherwise LiteX makes it a register bank

    def __init__(self, origin: int, size: int, width: int, stores: wishbone.Interface) -> None:
        self.bus = wishbone.Interface(data_width=32, address_width=32, addressing="word")
        self.mem = Memory(8 * width, size // width, name="main_ram")
        self.specials += self.mem
        self._add_bus(width // 4)
        self.cfu = self._add_cfu(origin, size, width, stores)

    def _add_bus(self, lanes: int) -> None:
        bus, port = self.bus, self.mem.get_port(write_capable=True, we_granularity=8)
        self.specials += port
        chosen, last = Signal(max=max(lanes, 2)), Signal(max=max(lanes, 2))
        bits = log2_int(lanes)
        self.comb += [
            chosen.eq(bus.adr[:bits] if bits else 0),
            port.adr.eq(bus.adr[bits:]),
            port.dat_w.eq(Replicate(bus.dat_w, lanes)),
            bus.dat_r.eq(Array(port.dat_r[at : at + 32] for at in range(0, 32 * lanes, 32))[last]),
            *(
                port.we[4 * lane : 4 * lane + 4].eq(
                    Replicate(bus.cyc & bus.stb & bus.we & (chosen == lane), 4) & bus.sel
                )
                for lane in range(lanes)
            ),
        ]
        self.sync += [
            last.eq(chosen),
            bus.ack.eq(0),
            If(bus.cyc & bus.stb & ~bus.ack, bus.ack.eq(1)),
        ]

    def _add_cfu(
        self, origin: int, size: int, width: int, stores: wishbone.Interface
    ) -> dict[str, Any]:
        port = self.mem.get_port(write_capable=True, we_granularity=8, mode=READ_FIRST)
        self.specials += port
        valid, write, ready, takes = Signal(), Signal(), Signal(), Signal()
        answers, is_inside = Signal(), Signal()
        address, offset, strobe = Signal(32), Signal(32), Signal(width)
        self.comb += [
            ready.eq(~(stores.cyc & stores.stb & stores.we)),
            takes.eq(valid & ready),
            offset.eq(address - origin),
            is_inside.eq(offset < size),
            port.adr.eq(offset[log2_int(width) :]),
            port.we.eq(Replicate(takes & write & is_inside, width) & strobe),
        ]
        self.sync += answers.eq(takes & ~write)
        return {
            "o_memory_request_valid": valid,
            "i_memory_request_ready": ready,
            "o_memory_request_address": address,
            "o_memory_request_write": write,
            "o_memory_request_strobe": strobe,
            "o_memory_request_data": port.dat_w,
            "i_memory_response_valid": answers,
            "i_memory_response_data": port.dat_r,
        }
