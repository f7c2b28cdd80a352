"""Read pieces of memory in the order in which a load command lists them."""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from cfuforge.cfu.designs.engine.array import Array
from cfuforge.cfu.designs.engine.commands import Kind, Load
from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.fetch import Fetch
from cfuforge.cfu.fifo import ResponseFifo

__all__ = ["Loader", "Piece"]

AHEAD = 32  # beats under way or waiting to be placed
FETCH = 8  # beats of commands fetched at once

Piece = data.StructLayout(
    {
        "kind": Kind,
        "banks": 8,
        "first": 3,  # byte of the first beat where the piece begins
        "place": 16,
        "length": 16,
        "last": 1,  # of its load
    }
)


class Loader(wiring.Component):
    """Ask for the beats of all pieces of a load, and say where each piece goes.

    Commands themselves are fetched the same way, whenever the queue has room for them.

    Members
    -------
    start : ``In(1)``
        Begin to fetch `beats` times 8 bytes of commands from address `program`.
    load : ``In(stream(Load))``
        The next load; taken when the one before has been asked for and `ended` has reached its
        ``after``. One of records also lets the drain read those of the run that has ended.
    bases : ``In(4 addresses)``
        Added to a load's source.
    ended, run_ended : ``In(16)``, ``In(1)``
        The number of runs that have ended; one is ending.
    room : ``In(1)``
        The command queue takes eight beats more.
    address : ``Out(stream(32))``, ``weights`` : ``Out(1)``
        The address of a beat to read; whether it has anything but activations.
    consumed : ``In(1)``
        A beat has been placed.
    piece : ``Out(stream(Piece))``
        A piece whose beats are asked for from now on.
    fetching : ``Out(1)``
        High for one cycle when eight beats of commands are asked for.

    Timing
    ------
    One beat a cycle, and at most one piece a cycle. A load is offered for at least two cycles.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._banks, self._width = configuration.filters, configuration.width
        # Cycles until the next records may be loaded: the drain reads the first one when the last
        # step's sums are complete; it takes six cycles at least from here to the stores.
        self._reads = Fetch.LATENCY + Array.LATENCY - 6 + configuration.slots
        super().__init__(
            {
                "start": In(1),
                "program": In(32),
                "beats": In(16),
                "load": In(stream.Signature(Load)),
                "bases": In(data.ArrayLayout(32, 4)),
                "ended": In(16),
                "run_ended": In(1),
                "room": In(1),
                "address": Out(stream.Signature(32)),
                "weights": Out(1),
                "consumed": In(1),
                "piece": Out(stream.Signature(Piece)),
                "fetching": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the loops over rows and pieces, and behind them the one over beats."""
        m = Module()
        width = self._width
        bits = ceil_log2(width)  # of an address in a beat
        beat_address, piece_beats = 32 - bits, 17 - bits
        program, unfetched = Signal(beat_address), Signal(19 - bits)
        unfinished, fetches = Signal(), Signal()
        m.d.sync += fetches.eq(unfinished & self.room & ~self.fetching)
        with m.If(self.start):
            m.d.sync += [program.eq(self.program[bits:]), unfetched.eq(self.beats << 3 - bits)]
            m.d.sync += [each.eq(self.beats != 0) for each in (unfinished, fetches)]
        fetched = Mux(unfetched > FETCH, FETCH, unfetched)

        # The next pieces' beats, and those that are being asked for. What is decided with them is
        # known a cycle ahead: whether there are any, and whether it is the last one. No path joins
        # the port and the loops over pieces.
        spans = data.StructLayout({"beat": beat_address, "beats": piece_beats, "weights": 1})
        m.submodules.spans = waiting = ResponseFifo(spans)
        span: Any = waiting.input.payload
        after: Any = waiting.output.payload
        beat, beats = Signal(beat_address), Signal(piece_beats)
        asking, last_beat = Signal(), Signal()
        asked, passes = Signal(), Signal()
        room, full = Signal(range(AHEAD + 1), init=AHEAD), Signal()
        m.d.comb += [
            self.address.payload.eq(Cat(Const(0, bits), beat)),
            self.address.valid.eq(asking & ~full),
            asked.eq(self.address.valid & self.address.ready),
            waiting.output.ready.eq(~asking | (asked & last_beat)),
            passes.eq(waiting.output.valid & waiting.output.ready),
        ]
        m.d.sync += room.eq(room - asked + self.consumed)
        m.d.sync += full.eq(~self.consumed & (room <= asked))
        with m.If(asked):
            m.d.sync += [
                beat.eq(beat + 1),
                beats.eq(beats - 1),
                asking.eq(~last_beat),
                last_beat.eq(beats == 2),
            ]
        with m.If(passes):
            m.d.sync += [
                beat.eq(after.beat),
                beats.eq(after.beats),
                self.weights.eq(after.weights),
                asking.eq(1),
                last_beat.eq(after.beats == 1),
            ]

        load: Any = Signal(Load)
        pieces, rows = Signal(16), Signal(16)  # left, this one included
        source, row_source = Signal(32), Signal(32)
        place, row_place = Signal(16), Signal(16)
        banks = Signal(8)
        new: Any = self.load.payload
        piece: Any = self.piece.payload
        draining = Signal(range(self._reads + 1))
        with m.If(self.run_ended):
            m.d.sync += draining.eq(self._reads)
        with m.Elif(draining != 0):
            m.d.sync += draining.eq(draining - 1)
        # Whether the load that waits may start in the next cycle.
        drains = (self.run_ended | (draining > 1)) & (new.kind == Kind.RECORDS)
        missing = new.after - self.ended  # runs
        reached = (missing[:16].as_signed() <= 0) | (self.run_ended & (missing[:16] == 1))
        may_start = Signal()
        m.d.sync += may_start.eq(self.load.valid & ~self.load.ready & reached & ~drains)
        last_piece = pieces == 1
        next_row, next_place = row_source + load.row_step, row_place + load.row_place
        ready, goes = waiting.input.ready, Signal()
        m.d.comb += [
            goes.eq(self.piece.ready & ready),
            waiting.input.valid.eq(self.piece.valid & self.piece.ready),
        ]
        with m.FSM():
            with m.State("IDLE"):
                with m.If(fetches):
                    m.d.comb += [
                        self.piece.valid.eq(ready),
                        piece.kind.eq(Kind.COMMANDS),
                        piece.length.eq(fetched << bits),
                        self.fetching.eq(goes),
                    ]
                    m.d.comb += [
                        span.beat.eq(program),
                        span.beats.eq(fetched),
                        span.weights.eq(1),
                    ]
                    with m.If(goes):
                        m.d.sync += [
                            program.eq(program + FETCH),
                            unfetched.eq(unfetched - FETCH),
                            unfinished.eq(unfetched > FETCH),
                        ]
                with m.Elif(may_start):
                    first = new.source + self.bases[new.base]
                    m.d.comb += self.load.ready.eq(1)
                    m.d.sync += [
                        load.eq(new),
                        pieces.eq(new.count),
                        rows.eq(new.rows),
                        source.eq(first),
                        row_source.eq(first),
                        place.eq(new.place),
                        row_place.eq(new.place),
                        banks.eq(Mux(new.kind == Kind.FILTERS, 1, new.banks)),
                    ]
                    m.next = "PIECES"
            with m.State("PIECES"):
                m.d.comb += [
                    self.piece.valid.eq(ready),
                    piece.kind.eq(load.kind),
                    piece.banks.eq(banks),
                    piece.first.eq(source[:bits]),
                    piece.place.eq(place),
                    piece.length.eq(load.length),
                    piece.last.eq(last_piece & (rows == 1)),
                    span.beat.eq(source[bits:]),
                    span.beats.eq((source[:bits] + load.length + (width - 1))[bits:]),
                    span.weights.eq(load.kind != Kind.ACTIVATIONS),
                ]
                with m.If(goes):
                    m.d.sync += [
                        pieces.eq(pieces - 1),
                        source.eq(source + load.step),
                        place.eq(place + load.place_step),
                    ]
                    with m.If(last_piece):
                        # A row of FILTERS goes to the next bank; after the last, to the next place.
                        filters = load.kind == Kind.FILTERS
                        stays = filters & ~banks[self._banks - 1]
                        moved = Mux(stays, row_place, next_place)
                        m.d.sync += [
                            pieces.eq(load.count),
                            rows.eq(rows - 1),
                            source.eq(next_row),
                            row_source.eq(next_row),
                            place.eq(moved),
                            row_place.eq(moved),
                            banks.eq(Mux(filters, banks[: self._banks].rotate_left(1), banks)),
                        ]
                        with m.If(rows == 1):
                            m.next = "IDLE"
        return m
