"""Join the output's words to beats, and write them."""

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.drain import word_of

__all__ = ["Beat", "Writer"]

Beat = data.StructLayout({"address": 32, "strobe": 8, "data": 64})


class Writer(wiring.Component):
    """Collect words of some bytes at any address in beats of eight.

    Members
    -------
    word : ``In(stream(word_of(configuration)))``
        Bytes, and the offset of the first.
    base : ``In(32)``
        The output's address.
    flush : ``In(1)``
        Write what is collected.
    beat : ``Out(stream(Beat))``
        An aligned write.
    busy : ``Out(1)``
        Something is collected.

    Timing
    ------
    One word a cycle as long as no more than one beat a cycle results from them.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._most = configuration.requantisers
        super().__init__(
            {
                "word": In(stream.Signature(word_of(configuration))),
                "base": In(32),
                "flush": In(1),
                "beat": Out(stream.Signature(Beat)),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the shifted word, the collected beat, and the beat to write."""
        m = Module()
        word: Any = self.word.payload
        # Stage 1: the word where it lies in two beats.
        placed = Signal()
        row = Signal(29)
        low, high = Signal(64), Signal(64)
        low_bytes, high_bytes = Signal(8), Signal(8)
        address = Signal(32)
        m.d.comb += address.eq(word.offset + self.base)
        moves = Signal()
        m.d.comb += self.word.ready.eq(~placed | moves)
        with m.If(self.word.valid & self.word.ready):
            used = ~((~0 & 0xF) << word.count)[: self._most]
            spread, enabled = Signal(128), Signal(16)
            m.d.comb += [
                spread.eq(word.bytes << (address[:3] << 3)),
                enabled.eq(used << address[:3]),
            ]
            m.d.sync += [
                placed.eq(1),
                row.eq(address[3:]),
                low.eq(spread[:64]),
                high.eq(spread[64:]),
                low_bytes.eq(enabled[:8]),
                high_bytes.eq(enabled[8:]),
            ]
        # Stage 2: the beat that is being collected.
        collected = Signal()
        at, value, strobe = Signal(29), Signal(64), Signal(8)
        written = Signal()
        beat: Any = Signal(Beat)
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
                beat.address.eq(Mux(whole, row, at) << 3),
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
