"""RAM with a second side, for the CFU."""

from __future__ import annotations

from litex.gen import LiteXModule
from litex.soc.interconnect import wishbone
from migen import READ_FIRST, Array, If, Memory, Replicate, Signal, log2_int

__all__ = ["SharedRam"]


class SharedRam(LiteXModule):
    """One memory with two ports: LiteX's bus, and one for a CFU's memory port.

    Parameters
    ----------
    name
        The name of the memory in Verilog.
    origin, size
        Its first address and its size in bytes.
    width
        Width in bytes of the CFU's port, and of the memory's words.

    Members
    -------
    bus
        Wishbone of 32 bits.
    mem : Memory
        The words; their bytes are in the order of their addresses.
    second
        The memory's port for the CFU.

    Timing
    ------
    The bus is answered as LiteX's ``wishbone.SRAM`` answers it.
    """

    autocsr_exclude = frozenset({"mem"})  # otherwise LiteX makes it a register bank

    def __init__(self, name: str, origin: int, size: int, width: int) -> None:
        self.origin, self.size = origin, size
        self.bus = wishbone.Interface(data_width=32, address_width=32, addressing="word")
        self.mem = Memory(8 * width, size // width, name=name)
        self.specials += self.mem
        self._add_bus(width // 4)
        self.second = self.mem.get_port(write_capable=True, we_granularity=8, mode=READ_FIRST)
        self.specials += self.second

    def _add_bus(self, lanes: int) -> None:
        # READ_FIRST, since what a port reads while it writes is not used: block RAM has that.
        bus = self.bus
        port = self.mem.get_port(write_capable=True, we_granularity=8, mode=READ_FIRST)
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
