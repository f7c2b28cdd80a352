"""A quad SPI NOR flash as read-only memory on a Wishbone bus."""

from __future__ import annotations

from enum import Enum
from typing import Any

from amaranth.hdl import C, Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from cfuforge.soc.small_cpu.cpu import BusSignature

__all__ = ["FAST_READ", "QUAD_READ", "FlashReader"]

FAST_READ = 0x0B  # every pin as after power-on: address and data on one line, 8 dummy clocks
QUAD_READ = 0xEB  # address, 8 mode bits and data on four lines, 4 dummy clocks between them


class Phase(Enum):
    """The purpose of the clocks to come."""

    DESELECTED = 0
    COMMAND = 1
    ADDRESS = 2
    DUMMY = 3
    DATA = 4
    READY = 5


class FlashReader(wiring.Component):
    """Read a flash chip, word by word, and the next word before it is asked for.

    The chip stays selected: as long as words are read in sequence, each takes only the clocks of
    its data. Any other address begins with a new command.

    Parameters
    ----------
    address_bits
        Of the chip's bytes, at most 24.

    Members
    -------
    bus : ``In(BusSignature())``
        Of ``adr``, the bits above the chip's size do not count. Writes are answered and do nothing.
    quad : ``In(1)``
        Read with `QUAD_READ`, which the chip must have been allowed; otherwise with `FAST_READ`.
    cs_n : ``Out(1)``
        The chip's select.
    clock : ``Out(1)``
        Give the chip a clock, low and then high, within this cycle.
    d_o, d_oe, d_i : ``Out(4)``, ``Out(4)``, ``In(4)``
        Its data lines, the first the one to the chip on a bus of one line, the second the one from
        it.

    Timing
    ------
    From ``stb`` to ``ack``, both included: 76 cycles for a word at any address, 32 on four lines;
    the next word 34 or 10 after that, less the time until it is asked for, at least 3. The chip is
    deselected for one cycle between two commands, which it has to know as such (20 to 50 ns).

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
        clocks = Signal(5)  # left in this phase after this one
        shift = Signal(32)
        quad = Signal()  # as the current command has it
        place = Signal(self._words)  # of the word that is read, or there
        asked = Signal()
        other = Signal()  # than the word that is read
        wanted = bus.adr[: self._words]
        m.d.sync += [  # a cycle late, for the CPU computes its address in the same cycle
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
            # On a bus of one line the others are WP# and HOLD#: high.
            self.d_o.eq(0b1100),
            self.d_oe.eq(Mux(quad, 0, 0b1101)),
            # The first byte that comes is the lowest of the word.
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
                    # 24 bits of address, then 8 of mode that end this command or are dummy clocks.
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
                with m.Elif(bus.ack):  # what follows is read before it is asked for
                    m.d.sync += [phase.eq(Phase.DATA), place.eq(place + 1), clocks.eq(data_clocks)]
                with m.Elif(asked):
                    m.d.sync += bus.ack.eq(1)
        return m
