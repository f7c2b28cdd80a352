"""Join the output's words to beats, and write them."""

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from cfuforge.cfu.designs.engine.configuration import LANES, Configuration
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
    Latency 3 cycles; one word a cycle as long as no more than one beat a cycle results from them.
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
        """Build the turned word, the collected beat, and the beat to write."""
        m = Module()
        width = self._width
        bits = ceil_log2(width)
        # Stage 1: the word's address.
        offered: Any = self.word.payload
        word: Any = Signal.like(offered)
        valid, placed, moves = Signal(), Signal(), Signal()
        enters = valid & (~placed | moves)  # stage 2
        m.d.comb += self.word.ready.eq(~valid | enters)
        with m.If(self.word.ready):
            m.d.sync += [
                valid.eq(self.word.valid),
                word.eq(offered),
                word.offset.eq(offered.offset + self.base),
            ]
        bytes_ = Signal(8 * LANES)
        m.d.comb += bytes_.eq(word.bytes)
        # Stage 2: the word turned to where it lies in a beat and in the next one, which it may
        # reach; and whether it begins in the beat that the word before has begun or ended.
        turned = Signal(8 * LANES)
        low_bytes, high_bytes, spills = Signal(width), Signal(width), Signal()
        row, next_row, follows = Signal(32 - bits), Signal(32 - bits), Signal()
        with m.If(moves):
            m.d.sync += placed.eq(0)
        with m.If(enters):
            begin, here = word.offset[:bits], word.offset[bits:]
            used = Signal(2 * width)
            m.d.comb += used.eq(~((~0 & 0xF) << word.count)[: self._most] << begin)
            reaches = used[width:].any()
            m.d.sync += [
                placed.eq(1),
                row.eq(here),
                next_row.eq(here + reaches),
                follows.eq(here == next_row),
                Cat(low_bytes, high_bytes).eq(used),
                spills.eq(reaches),
            ]
            with m.Switch(begin[:2]):
                for turn in range(LANES):
                    with m.Case(turn):
                        m.d.sync += turned.eq(bytes_.rotate_left(8 * turn))
        # Stage 3: the beat that is being collected.
        collected = Signal()
        at, value, strobe = Signal.like(row), Signal(8 * width), Signal(width)
        written = Signal()
        beat: Any = Signal(self._beat)
        full = Signal()
        m.d.comb += [
            self.beat.valid.eq(full),
            self.beat.payload.eq(beat),
            written.eq(~full | self.beat.ready),
            self.busy.eq(valid | placed | collected | full),
        ]
        with m.If(full & self.beat.ready):
            m.d.sync += full.eq(0)
        # The word joins the collected beat if it begins there. What spills begins the next one.
        same = collected & follows
        joins = same | ~collected
        joined, begun = (
            Cat(
                Mux(used, turned.word_select(i % 4, 8), value.word_select(i, 8))
                for i, used in enumerate(taken)
            )
            for taken in (low_bytes, low_bytes | spills.replicate(width))
        )
        joined_strobe = Mux(same, strobe, 0) | low_bytes
        emits = Signal()
        m.d.comb += [
            emits.eq(written & Mux(placed, ~joins | spills, self.flush & collected & ~valid)),
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
                collected.eq(1),
                at.eq(next_row),
                value.eq(begun),
                strobe.eq(Mux(spills, high_bytes, joined_strobe)),
            ]
        return m
