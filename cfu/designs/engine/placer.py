"""Turn the beats of a piece into aligned writes to the stores."""

from typing import Any

from amaranth.hdl import Array, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from cfuforge.cfu.designs.engine.commands import Kind
from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.loader import Piece

__all__ = ["Placer", "placed_of"]


def placed_of(configuration: Configuration) -> data.StructLayout:
    """Return the layout of an aligned write: as many bytes as a beat has."""
    width = configuration.width
    return data.StructLayout(
        {
            "kind": Kind,
            "banks": 8,
            "granule": 16 - ceil_log2(width),  # the place divided by the width
            "data": 8 * width,
            "bytes": width,  # which of them belong to the piece; the others are 0
        }
    )


class Placer(wiring.Component):
    """Shift the bytes of a piece from where they lie in a beat to where they lie in a store.

    Members
    -------
    piece : ``In(stream(Piece))``
        Where the next beats go.
    beat : ``In(stream(8 * width))``
        What was read.
    output : ``Out(stream(placed_of(configuration), always_ready))``
        Bytes to write.
    ended : ``Out(1)``
        High for one cycle after the last write of a load.
    active : ``Out(1)``, ``kind`` : ``Out(Kind)``
        A piece is being placed; where it, or the last one, goes.

    Timing
    ------
    One beat a cycle. A piece whose end spills into another write takes one cycle more.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._width = width = configuration.width
        super().__init__(
            {
                "piece": In(stream.Signature(Piece)),
                "beat": In(stream.Signature(8 * width)),
                "output": Out(stream.Signature(placed_of(configuration), always_ready=True)),
                "ended": Out(1),
                "active": Out(1),
                "kind": Out(Kind),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the rotation and the merging of two beats."""
        m = Module()
        piece: Any = Signal(Piece)
        active = self.active
        width = self._width
        bits = ceil_log2(width)
        beats, granules = Signal(17 - bits), Signal(17 - bits)  # left
        needs, last_granule = Signal(), Signal()  # whether there are beats; whether it is the last
        turn = Signal(bits)
        skips, begins = Signal(), Signal()
        granule, end = Signal(16 - bits), Signal(bits)

        new: Any = self.piece.payload
        finishes = Signal()
        m.d.comb += [self.piece.ready.eq(~active | finishes), self.kind.eq(piece.kind)]
        last_byte = new.place + new.length
        in_beats = new.first + new.length + (width - 1)
        in_place = new.place[:bits] + new.length + (width - 1)

        rotated = [Signal(8, name=f"rotated_{i}") for i in range(width)]
        beat = [self.beat.payload.word_select(i, 8) for i in range(width)]
        for i in range(width):
            m.d.comb += rotated[i].eq(Array(beat[(i - k) % width] for k in range(width))[turn])
        before = [Signal(8, name=f"before_{i}") for i in range(width)]

        goes, emits = Signal(), Signal()
        m.d.comb += [
            goes.eq(active & (~needs | self.beat.valid)),
            self.beat.ready.eq(active & needs),
            emits.eq(goes & ~skips),
            finishes.eq(emits & last_granule),
        ]
        with m.If(goes):
            m.d.sync += skips.eq(0)
            with m.If(needs):
                m.d.sync += [beats.eq(beats - 1), needs.eq(beats != 1)]
                m.d.sync += [a.eq(b) for a, b in zip(before, rotated, strict=True)]
        m.d.sync += [self.output.valid.eq(emits), self.ended.eq(finishes & piece.last)]
        with m.If(emits):
            m.d.sync += [granules.eq(granules - 1), last_granule.eq(granules == 2)]
            m.d.sync += [granule.eq(granule + 1), begins.eq(0)]
            m.d.sync += [
                self.output.payload.kind.eq(piece.kind),
                self.output.payload.banks.eq(piece.banks),
                self.output.payload.granule.eq(granule),
            ]
            for i in range(width):
                value = Mux(turn > i, before[i], rotated[i])
                inside = ~(begins & (piece.place[:bits] > i))
                inside &= ~(last_granule & (end != 0) & (end <= i))
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
                beats.eq(in_beats[bits:]),
                needs.eq(1),
                granules.eq(in_place[bits:]),
                last_granule.eq(in_place[bits + 1 :] == 0),
                granule.eq(new.place[bits:]),
                turn.eq(new.place[:bits] - new.first),
                skips.eq(new.place[:bits] < new.first),
                begins.eq(1),
                end.eq(last_byte[:bits]),
            ]
        return m
