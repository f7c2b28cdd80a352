"""Read pieces of memory in the order in which a load command lists them."""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.designs.engine.commands import Kind, Load

__all__ = ["Loader", "Piece"]

AHEAD = 32  # beats under way or waiting to be placed
FETCH = 8  # beats of commands fetched at once
DRAIN = 12  # cycles from a run's end until its last records are read, less those of a load

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
        Begin to fetch `beats` beats of commands from address `program`.
    load : ``In(stream(Load))``
        The next load; taken when the one before has been asked for and `ended` has reached its
        ``after``. One of records also lets the drain read those of the run that has ended.
    bases : ``In(4 addresses)``
        Added to a load's source.
    ended : ``In(16)``
        The number of runs that have ended.
    room : ``In(1)``
        The command queue takes eight beats more.
    address : ``Out(stream(32))``
        The address of a beat to read, a multiple of 8.
    consumed : ``In(1)``
        A beat has been placed.
    piece : ``Out(stream(Piece))``
        A piece whose beats are asked for from now on.
    fetching : ``Out(1)``
        High for one cycle when eight beats of commands are asked for.
    busy : ``Out(1)``
        A load is under way, or commands are.

    Timing
    ------
    One beat a cycle, and one cycle between pieces.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "start": In(1),
                "program": In(32),
                "beats": In(16),
                "load": In(stream.Signature(Load)),
                "bases": In(data.ArrayLayout(32, 4)),
                "ended": In(16),
                "room": In(1),
                "address": Out(stream.Signature(32)),
                "consumed": In(1),
                "piece": Out(stream.Signature(Piece)),
                "fetching": Out(1),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build three nested loops: rows, pieces, beats."""
        m = Module()
        load: Any = Signal(Load)
        program, unfetched = Signal(29), Signal(16)
        pieces, rows = Signal(16), Signal(16)  # left, this one included
        source, row_source = Signal(32), Signal(32)
        place, row_place = Signal(16), Signal(16)
        bank = Signal(8)
        beat, beats = Signal(29), Signal(14)
        room = Signal(range(AHEAD + 1), init=AHEAD)
        fetch = Signal()

        asked = Signal()
        m.d.comb += asked.eq(self.address.valid & self.address.ready)
        m.d.sync += room.eq(room - asked + self.consumed)
        with m.If(self.start):
            m.d.sync += [program.eq(self.program[3:]), unfetched.eq(self.beats)]

        m.d.comb += [
            self.address.payload.eq(Cat(Const(0, 3), beat)),
            self.address.valid.eq((beats != 0) & (room != 0)),
        ]
        new: Any = self.load.payload
        reached = (self.ended - new.after).as_signed() >= 0
        parity, draining = Signal(), Signal(range(DRAIN + 1))
        m.d.sync += parity.eq(self.ended[0])
        with m.If(parity != self.ended[0]):
            m.d.sync += draining.eq(DRAIN)
        with m.Elif(draining != 0):
            m.d.sync += draining.eq(draining - 1)
        drains = (parity != self.ended[0]) | (draining != 0)
        count = Mux(unfetched > FETCH, FETCH, unfetched)
        step_source, step_place = source + load.step, place + load.place_step
        next_source, next_place = row_source + load.row_step, row_place + load.row_place
        last_piece, last_row = pieces == 1, rows == 1
        to_banks = load.kind == Kind.FILTERS
        length = source[:3] + load.length

        with m.FSM() as fsm:
            with m.State("IDLE"):
                m.d.comb += fetch.eq((unfetched != 0) & self.room)
                with m.If(fetch):
                    m.d.comb += [
                        self.piece.valid.eq(1),
                        self.piece.payload.kind.eq(Kind.COMMANDS),
                        self.piece.payload.length.eq(count << 3),
                    ]
                    with m.If(self.piece.ready):
                        m.d.comb += self.fetching.eq(1)
                        m.d.sync += [
                            beat.eq(program),
                            beats.eq(count),
                            program.eq(program + count),
                            unfetched.eq(unfetched - count),
                        ]
                        m.next = "COMMANDS"
                with m.Elif(self.load.valid & reached & ~(drains & (new.kind == Kind.RECORDS))):
                    m.d.comb += self.load.ready.eq(1)
                    first = new.source + self.bases[new.base]
                    m.d.sync += [
                        load.eq(new),
                        pieces.eq(new.count),
                        rows.eq(new.rows),
                        source.eq(first),
                        row_source.eq(first),
                        place.eq(new.place),
                        row_place.eq(new.place),
                        bank.eq(Mux(new.kind == Kind.FILTERS, 1, new.banks)),
                    ]
                    m.next = "PIECE"
            with m.State("PIECE"):
                m.d.comb += [
                    self.piece.valid.eq(1),
                    self.piece.payload.kind.eq(load.kind),
                    self.piece.payload.banks.eq(bank),
                    self.piece.payload.first.eq(source[:3]),
                    self.piece.payload.place.eq(place),
                    self.piece.payload.length.eq(load.length),
                    self.piece.payload.last.eq(last_piece & last_row),
                ]
                with m.If(self.piece.ready):
                    m.d.sync += [beat.eq(source[3:]), beats.eq((length + 7)[3:])]
                    with m.If(last_piece):
                        wraps = to_banks & ~bank[7]
                        m.d.sync += [
                            pieces.eq(load.count),
                            rows.eq(rows - 1),
                            source.eq(next_source),
                            row_source.eq(next_source),
                            place.eq(Mux(wraps, row_place, next_place)),
                            row_place.eq(Mux(wraps, row_place, next_place)),
                        ]
                        with m.If(to_banks):
                            m.d.sync += bank.eq(bank.rotate_left(1))
                    with m.Else():
                        m.d.sync += [
                            pieces.eq(pieces - 1),
                            source.eq(step_source),
                            place.eq(step_place),
                        ]
                    m.next = "BEATS"
            with m.State("COMMANDS"), m.If(asked & (beats == 1)):
                m.next = "IDLE"
            with m.State("BEATS"), m.If(asked & (beats == 1)):
                m.next = "PIECE"
                with m.If(rows == 0):
                    m.next = "IDLE"
        with m.If(asked):
            m.d.sync += [beat.eq(beat + 1), beats.eq(beats - 1)]
        m.d.comb += self.busy.eq(~fsm.ongoing("IDLE") | (unfetched != 0))
        return m
