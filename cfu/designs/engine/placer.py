"""Turn the beats of a piece into aligned writes to the stores."""

from typing import Any

from amaranth.hdl import Array, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.designs.engine.commands import Kind
from cfuforge.cfu.designs.engine.loader import Piece

__all__ = ["Placed", "Placer"]

Placed = data.StructLayout(
    {
        "kind": Kind,
        "banks": 8,
        "granule": 13,  # the eighth part of the place
        "data": 64,
        "bytes": 8,  # which of them belong to the piece; the others are 0
    }
)


class Placer(wiring.Component):
    """Shift the bytes of a piece from where they lie in a beat to where they lie in a store.

    Members
    -------
    piece : ``In(stream(Piece))``
        Where the next beats go.
    beat : ``In(stream(64))``
        What was read.
    output : ``Out(stream(Placed, always_ready))``
        Eight bytes to write.
    ended : ``Out(1)``
        High for one cycle after the last write of a load.

    Timing
    ------
    One beat a cycle. A piece whose end spills into another eight bytes takes one cycle more.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "piece": In(stream.Signature(Piece)),
                "beat": In(stream.Signature(64)),
                "output": Out(stream.Signature(Placed, always_ready=True)),
                "ended": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the rotation and the merging of two beats."""
        m = Module()
        piece: Any = Signal(Piece)
        active = Signal()
        beats, granules = Signal(14), Signal(14)  # left
        turn = Signal(3)
        skips, begins = Signal(), Signal()
        granule, end = Signal(13), Signal(3)

        new: Any = self.piece.payload
        finishes = Signal()
        m.d.comb += self.piece.ready.eq(~active | finishes)
        last_byte = new.place + new.length
        in_beats, in_place = new.first + new.length + 7, new.place[:3] + new.length + 7

        rotated = [Signal(8, name=f"rotated_{i}") for i in range(8)]
        beat = [self.beat.payload.word_select(i, 8) for i in range(8)]
        for i in range(8):
            m.d.comb += rotated[i].eq(Array(beat[(i - k) % 8] for k in range(8))[turn])
        before = [Signal(8, name=f"before_{i}") for i in range(8)]

        needs, goes, emits = Signal(), Signal(), Signal()
        m.d.comb += [
            needs.eq(beats != 0),
            goes.eq(active & (~needs | self.beat.valid)),
            self.beat.ready.eq(active & needs),
            emits.eq(goes & ~skips),
            finishes.eq(emits & (granules == 1)),
        ]
        with m.If(goes):
            m.d.sync += skips.eq(0)
            with m.If(needs):
                m.d.sync += beats.eq(beats - 1)
                m.d.sync += [a.eq(b) for a, b in zip(before, rotated, strict=True)]
        m.d.sync += [self.output.valid.eq(emits), self.ended.eq(finishes & piece.last)]
        with m.If(emits):
            m.d.sync += [granules.eq(granules - 1), granule.eq(granule + 1), begins.eq(0)]
            m.d.sync += [
                self.output.payload.kind.eq(piece.kind),
                self.output.payload.banks.eq(piece.banks),
                self.output.payload.granule.eq(granule),
            ]
            for i in range(8):
                value = Mux(turn > i, before[i], rotated[i])
                inside = ~(begins & (piece.place[:3] > i))
                inside &= ~((granules == 1) & (end != 0) & (end <= i))
                m.d.sync += [
                    self.output.payload.data.word_select(i, 8).eq(Mux(inside, value, 0)),
                    self.output.payload.bytes[i].eq(inside),
                ]
        with m.If(finishes):
            m.d.sync += active.eq(0)
        with m.If(self.piece.valid & self.piece.ready):
            m.d.sync += [
                piece.eq(new),
                active.eq(1),
                beats.eq(in_beats[3:]),
                granules.eq(in_place[3:]),
                granule.eq(new.place[3:]),
                turn.eq(new.place[:3] - new.first),
                skips.eq(new.place[:3] < new.first),
                begins.eq(1),
                end.eq(last_byte[:3]),
            ]
        return m
