"""A quad SPI NOR flash as read-only memory on a Wishbone bus."""

from __future__ import annotations

from enum import Enum
from typing import Any

from amaranth.hdl import C, Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from cfuforge.soc.small_cpu.cpu import BusSignature

__all__ = ["FAST_READ", "QUAD_READ", "FlashReader"]

FAST_READ = 0x0B  # works after power-on: address and data on one line, 8 dummy clocks
QUAD_READ = 0xEB  # address, 8 mode bits and data on four lines, 4 dummy clocks before the data


class Phase(Enum):
    """The use of the chip's clocks in a transfer."""

    DESELECTED = 0
    COMMAND = 1
    ADDRESS = 2
    DUMMY = 3
    DATA = 4
    READY = 5


class FlashReader(wiring.Component):
    """Read words from a flash chip, and prefetch the next word.

    The chip stays selected: while words are read in sequence, each takes only the clocks for its
    data. Any other address starts a new command.

    Parameters
    ----------
    address_bits
        Width of the chip's byte addresses, at most 24.

    Members
    -------
    bus : ``In(BusSignature())``
        Bits of ``adr`` above the chip's size are ignored. Writes are acknowledged and do nothing.
    quad : ``In(1)``
        Read with `QUAD_READ`, which must be enabled in the chip; otherwise with `FAST_READ`.
    cs_n : ``Out(1)``
        The chip's select line.
    clock : ``Out(1)``
        Clock the chip, low and then high, within this cycle.
    d_o, d_oe, d_i : ``Out(4)``, ``Out(4)``, ``In(4)``
        The chip's data lines. In single-line mode, line 0 carries data to the chip and line 1 from
        it.

    Timing
    ------
    From ``stb`` to ``ack``, both included: 76 cycles for a word at any address, or 32 on four
    lines. The next word in sequence takes 34 or 10 cycles from that ``ack``, or 3 from
    its own ``stb``, whichever ends later. The chip is deselected for one cycle between two
    commands, which must be as long as it requires (20 to 50 ns).

    References
    ----------
    Data sheets GD25Q16C (GigaDevice) and MX25R1635F (Macronix), commands 0BH and EBH.
    """

    def __init__(self, address_bits: int) -> None:
        self._words = address_bits - 2
        super().__init__(
            {
                "bus": In(BusSignature()),
                "quad": In(1),
                "cs_n": Out(1, init=1),
                "clock": Out(1),
                "d_o": Out(4),
                "d_oe": Out(4),
                "d_i": In(4),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the reader: one shift register for address and data, one counter of clocks."""
        m = Module()
        bus = self.bus
        phase = Signal(Phase)
        clocks = Signal(5)  # number left in this phase, after the current one
        shift = Signal(32)
        quad = Signal()  # whether the current command is QUAD_READ
        place = Signal(self._words)  # address of the word that is being read, or has been
        asked = Signal()
        other = Signal()  # the bus wants another word than that
        wanted = bus.adr[: self._words]
        m.d.sync += [  # registered, since the CPU computes the address in the same cycle
            asked.eq(bus.cyc & bus.stb & ~bus.ack),
            other.eq((place != wanted) | (quad != self.quad)),
        ]
        data_clocks = Mux(quad, 7, 31)
        moved = Mux(quad, Cat(self.d_i, shift[:28]), Cat(self.d_i[1], shift[:31]))
        command = Mux(quad, C(QUAD_READ, 8), C(FAST_READ, 8))
        idle, last = Signal(), Signal()
        m.d.comb += [
            idle.eq((phase == Phase.DESELECTED) | (phase == Phase.READY)),
            last.eq(clocks == 0),
            self.cs_n.eq(phase == Phase.DESELECTED),
            self.clock.eq(~idle),
            # In single-line mode the other lines are WP# and HOLD#: high.
            self.d_o.eq(0b1100),
            self.d_oe.eq(Mux(quad, 0, 0b1101)),
            # The first byte to arrive is the word's lowest.
            bus.dat_r.eq(Cat(shift[24:], shift[16:24], shift[8:16], shift[:8])),
            bus.err.eq(0),
        ]
        m.d.sync += bus.ack.eq(0)
        with m.If(self.clock):
            m.d.sync += [clocks.eq(clocks - 1), shift.eq(moved)]

        with m.Switch(phase):
            with m.Case(Phase.DESELECTED):
                m.d.sync += [quad.eq(self.quad), place.eq(wanted), clocks.eq(7)]
                with m.If(asked):
                    m.d.sync += phase.eq(Phase.COMMAND)
            with m.Case(Phase.COMMAND):
                m.d.comb += self.d_o[0].eq(command.bit_select(clocks[:3], 1))
                m.d.comb += self.d_oe.eq(0b1101)
                with m.If(last):
                    # 24 address bits, then 8 mode bits, which end this command or are dummy clocks.
                    m.d.sync += [shift.eq(place << 10), clocks.eq(data_clocks)]
                    m.d.sync += phase.eq(Phase.ADDRESS)
            with m.Case(Phase.ADDRESS):
                m.d.comb += self.d_o.eq(Mux(quad, shift[28:], Cat(shift[31], C(0b110, 3))))
                with m.If(quad):
                    m.d.comb += self.d_oe.eq(0b1111)
                with m.If(last):
                    m.d.sync += phase.eq(Mux(quad, Phase.DUMMY, Phase.DATA))
                    m.d.sync += clocks.eq(Mux(quad, 3, 31))
            with m.Case(Phase.DUMMY), m.If(last):
                m.d.sync += [phase.eq(Phase.DATA), clocks.eq(7)]
            with m.Case(Phase.DATA):
                with m.If(last):
                    m.d.sync += phase.eq(Phase.READY)
                with m.If(asked & other):
                    m.d.sync += phase.eq(Phase.DESELECTED)
            with m.Case(Phase.READY):
                with m.If(asked & other):
                    m.d.sync += phase.eq(Phase.DESELECTED)
                with m.Elif(bus.ack):  # prefetch the next word
                    m.d.sync += [phase.eq(Phase.DATA), place.eq(place + 1), clocks.eq(data_clocks)]
                with m.Elif(asked):
                    m.d.sync += bus.ack.eq(1)
        return m
