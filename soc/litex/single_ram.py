"""RAM with one port, for a CFU on an FPGA whose large memories have no second one."""

from __future__ import annotations

from litex.gen import LiteXModule
from litex.soc.interconnect import wishbone
from migen import READ_FIRST, Array, Cat, ClockSignal, Instance, Memory, Mux, Replicate, Signal

__all__ = ["SingleRam"]

SPRAM_WORDS = 1 << 14  # of 16 bits, in each of an iCE40's


class SingleRam(LiteXModule):
    """One memory with one port, which LiteX's bus and the CFU's port share.

    Parameters
    ----------
    name
        The name of the memory in Verilog.
    origin, size
        Its first address and its size in bytes.
    spram
        Whether it is made of an iCE40's SPRAM.

    Members
    -------
    bus
        Wishbone of 32 bits.
    mem : Memory
        The words, unless they are in SPRAM.
    valid, write, address, strobe, data
        An access for the CFU, with an address in words.
    ready
        It is made in this cycle.
    answer
        What was read in the cycle before.

    Timing
    ------
    The CFU's accesses go first, but while the bus waits there is only one. The bus is answered in
    the next cycle, or in the one after that.
    """

    autocsr_exclude = frozenset({"mem"})  # otherwise LiteX makes it a register bank

    def __init__(self, name: str, origin: int, size: int, spram: bool) -> None:
        self.origin, self.size = origin, size
        self.bus = bus = wishbone.Interface(data_width=32, address_width=32, addressing="word")
        self.valid, self.write, self.ready = Signal(), Signal(), Signal()
        self.address, self.strobe, self.data = Signal(30), Signal(4), Signal(32)
        self.answer = Signal(32)

        asks, waits, own = Signal(), Signal(), Signal()
        self._adr, self._we, self._dat_w = Signal(30), Signal(4), Signal(32)
        self.comb += [
            asks.eq(bus.cyc & bus.stb & ~bus.ack),
            self.ready.eq(~waits),
            own.eq(self.valid & self.ready),
            self._adr.eq(Mux(own, self.address, bus.adr)),
            self._dat_w.eq(Mux(own, self.data, bus.dat_w)),
            self._we.eq(
                Mux(
                    own,
                    Replicate(self.write, 4) & self.strobe,
                    Replicate(asks & bus.we, 4) & bus.sel,
                )
            ),
            bus.dat_r.eq(self.answer),
        ]
        self.sync += [bus.ack.eq(asks & ~own), waits.eq(asks & own)]
        if spram:
            self._add_spram(size // 4 // SPRAM_WORDS)
        else:
            self.mem = Memory(32, size // 4, name=name)
            port = self.mem.get_port(write_capable=True, we_granularity=8, mode=READ_FIRST)
            self.specials += self.mem, port
            self.comb += [
                port.adr.eq(self._adr),
                port.we.eq(self._we),
                port.dat_w.eq(self._dat_w),
                self.answer.eq(port.dat_r),
            ]

    def _add_spram(self, pairs: int) -> None:
        """Add so many pairs of SB_SPRAM256KA, a power of two, each with 64 kB of words."""
        pair, last, words = Signal(max=max(pairs, 2)), Signal(max=max(pairs, 2)), []
        self.comb += pair.eq(self._adr[14:] & (pairs - 1))
        self.sync += last.eq(pair)
        for index in range(pairs):
            halves = [Signal(16), Signal(16)]
            words.append(Cat(*halves))
            for half, out in enumerate(halves):
                we = self._we[2 * half : 2 * half + 2]
                self.specials += Instance(
                    "SB_SPRAM256KA",
                    i_CLOCK=ClockSignal(),
                    i_STANDBY=0,
                    i_SLEEP=0,
                    i_POWEROFF=1,
                    i_CHIPSELECT=1,
                    i_ADDRESS=self._adr[:14],
                    i_DATAIN=self._dat_w[16 * half : 16 * half + 16],
                    i_MASKWREN=Cat(we[0], we[0], we[1], we[1]),  # of four bits each
                    i_WREN=(pair == index) & (we != 0),
                    o_DATAOUT=out,
                )
        self.comb += self.answer.eq(Array(words)[last])
