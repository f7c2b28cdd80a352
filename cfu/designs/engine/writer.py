"""Join the output's words to beats, and write them."""

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.drain import word_of

__all__ = ["Writer", "beat_of"]


def beat_of(configuration: Configuration) -> data.StructLayout:
    """Return the layout of a write."""
    width = configuration.width
    return data.StructLayout({"address": 32, "strobe": width, "data": 8 * width})


class Writer(wiring.Component):
    """Collect words of some bytes at any address in beats.

    Members
    -------
    word : ``In(stream(word_of(configuration)))``
        Bytes, and the offset of the first.
    base : ``In(32)``
        The output's address.
    flush : ``In(1)``
        Write what is collected.
    beat : ``Out(stream(beat_of(configuration)))``
        An aligned write.
    busy : ``Out(1)``
        Something is collected.

    Timing
    ------
    One word a cycle as long as no more than one beat a cycle results from them.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._most, self._width = configuration.requantisers, configuration.width
        self._beat = beat_of(configuration)
        super().__init__(
            {
                "word": In(stream.Signature(word_of(configuration))),
                "base": In(32),
                "flush": In(1),
                "beat": Out(stream.Signature(self._beat)),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the shifted word, the collected beat, and the beat to write."""
        m = Module()
        word: Any = self.word.payload
        # Stage 1: the word where it lies in two beats.
        width = self._width
        bits = ceil_log2(width)
        placed = Signal()
        row = Signal(32 - bits)
        low, high = Signal(8 * width), Signal(8 * width)
        low_bytes, high_bytes = Signal(width), Signal(width)
        address = Signal(32)
        m.d.comb += address.eq(word.offset + self.base)
        moves = Signal()
        m.d.comb += self.word.ready.eq(~placed | moves)
        with m.If(self.word.valid & self.word.ready):
            used = ~((~0 & 0xF) << word.count)[: self._most]
            spread, enabled = Signal(16 * width), Signal(2 * width)
            m.d.comb += [
                spread.eq(word.bytes << (address[:bits] << 3)),
                enabled.eq(used << address[:bits]),
            ]
            m.d.sync += [
                placed.eq(1),
                row.eq(address[bits:]),
                low.eq(spread[: 8 * width]),
                high.eq(spread[8 * width :]),
                low_bytes.eq(enabled[:width]),
                high_bytes.eq(enabled[width:]),
            ]
        # Stage 2: the beat that is being collected.
        collected = Signal()
        at, value, strobe = Signal.like(row), Signal.like(low), Signal(width)
        written = Signal()
        beat: Any = Signal(self._beat)
        full = Signal()
        m.d.comb += [
            self.beat.valid.eq(full),
            self.beat.payload.eq(beat),
            written.eq(~full | self.beat.ready),
            self.busy.eq(placed | collected | full),
        ]
        with m.If(full & self.beat.ready):
            m.d.sync += full.eq(0)
        # The word joins the collected beat if it begins there. What spills begins the next one.
        same = collected & (at == row)
        spills = high_bytes != 0
        joins = same | ~collected
        joined = Mux(same, value & _mask(strobe), 0) | (low & _mask(low_bytes))
        joined_strobe = Mux(same, strobe, 0) | low_bytes
        emits = Signal()
        m.d.comb += [
            emits.eq(written & Mux(placed, ~joins | spills, self.flush & collected)),
            moves.eq(placed & Mux(joins, ~spills | written, ~spills & written)),
        ]
        with m.If(emits):
            whole = placed & joins
            m.d.sync += [
                full.eq(1),
                beat.address.eq(Mux(whole, row, at) << bits),
                beat.data.eq(Mux(whole, joined, value)),
                beat.strobe.eq(Mux(whole, joined_strobe, strobe)),
                collected.eq(0),
            ]
        with m.If(moves):
            m.d.sync += [
                placed.eq(self.word.valid),
                collected.eq(1),
                at.eq(row + spills),
                value.eq(Mux(spills, high, joined)),
                strobe.eq(Mux(spills, high_bytes, joined_strobe)),
            ]
        return m


def _mask(strobe: Any) -> Any:
    """Return eight ones for each bit that is set."""
    return Cat(bit.replicate(8) for bit in strobe)
