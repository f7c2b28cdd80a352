"""Reading pieces of memory, and where their bytes go."""

from amaranth.hdl import Cat, Module, Mux, Signal

from cfuforge.cfu.designs.engine.commands import Kind
from cfuforge.cfu.designs.engine.lean.wires import Wires

__all__ = ["read_pieces"]


def read_pieces(m: Module, w: Wires) -> None:
    """Ask for a piece's beats, and say which bytes of each beat a store takes."""
    s, loops, at, turn = w.s, w.loops, w.at, w.turn
    skipped = s[:2]  # bytes of a beat before the piece
    end = Signal(3)
    extra = Signal()  # it has a beat more than words
    double = Signal()  # each beat is read and written twice
    asks_extra, asks_second = Signal(), Signal()
    first, in_extra, second = Signal(), Signal(), Signal()
    done = Signal()
    m.d.comb += [
        at.eq(w.x + Mux(w.loading, -skipped, w.r)),
        turn.eq(at[:2]),
        end.eq(skipped + w.few),
        extra.eq(end[2]),
        double.eq((w.kind == Kind.RECORDS) | ((w.kind != Kind.ACTIVATIONS) & (turn != 0))),
    ]
    accepted = w.request.valid & w.request.ready & ~w.going
    with m.If(accepted):
        with m.If(w.loading & double & ~asks_second):
            m.d.sync += asks_second.eq(1)
        with m.Else():
            m.d.sync += asks_second.eq(0)
            with m.If(asks_extra):
                m.d.sync += [w.asking.eq(0), asks_extra.eq(0)]
            with m.Else():
                m.d.comb += w.asked_word.eq(1)
                m.d.sync += w.asked.eq(w.asked + 1)
                with m.If(w.loading & (w.asked == loops.turns.words)):
                    m.d.sync += [asks_extra.eq(extra), w.asking.eq(extra)]

    arrives = w.response.valid & w.loading
    beat_done = arrives & (~double | second)
    last = in_extra | (loops.last_word & ~extra)
    m.d.comb += [
        w.beat_counts.eq(beat_done & ~in_extra),
        done.eq(beat_done & last),
        w.piece_done.eq(done),
    ]
    with m.If(w.beat_counts):
        m.d.sync += w.event.eq(loops.event)
    with m.If(arrives):
        m.d.sync += second.eq(double & ~second)
    with m.If(beat_done):
        m.d.sync += [first.eq(0), in_extra.eq(loops.last_word & extra & ~in_extra)]
    with m.If(w.begins_piece):
        m.d.sync += [
            w.asked.eq(0), w.asking.eq(1), asks_extra.eq(0), asks_second.eq(0),
            first.eq(1), in_extra.eq(0), second.eq(0),
        ]  # fmt: skip

    # Byte j of a beat goes to byte j + turn, of this word or of the next one.
    zeros, used = [], []
    some = Signal()  # of the next word
    for lane in range(4):
        source = Signal(2, name=f"source_{lane}")
        m.d.comb += source.eq(lane - turn)
        here = lane >= turn
        before, beyond = first & (source < skipped), last & (source > end[:2])
        if lane == 0:
            m.d.comb += some.eq(~beyond)
        zeros.append(beyond | (second & here & (turn != 0)))
        to_words = Mux(second, some, here & ~before)
        used.append(Mux(w.kind == Kind.ACTIVATIONS, ~before & ~beyond, to_words))
    m.d.comb += [
        w.zeros.eq(Cat(zeros)),
        w.write.valid.eq(arrives),
        w.write.kind.eq(w.kind),
        w.write.banks.eq(w.banks),
        w.write.second.eq(second),
        w.write.bytes.eq(Cat(used)),
        w.filters.row.eq(Mux(second, w.activations.next_row, w.activations.row)),
        w.records.row.eq(w.activations.row),
    ]
    for store in (w.activations, w.filters, w.records):
        m.d.comb += store.write.eq(w.write)
