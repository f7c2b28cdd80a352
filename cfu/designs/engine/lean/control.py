"""What the machine does when: it fetches a command, loads, computes."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal

from cfuforge.cfu.designs.engine.commands import Kind, Operation
from cfuforge.cfu.designs.engine.lean.loops import Event
from cfuforge.cfu.designs.engine.lean.wires import BASES, COMMAND, FOUR, PROGRAM, Wires

__all__ = ["take_turns"]


def take_turns(m: Module, w: Wires, start: Signal, running: Signal) -> None:
    """Carry one command out after another, from `start` on, until a program ends."""
    drain = w.drain
    m.d.comb += [
        w.request.valid.eq(Mux(w.going, drain.valid, w.asking)),
        w.request.payload.address.eq(w.s),
        w.request.payload.write.eq(w.going),
        w.request.payload.data.eq(drain.output.replicate(4)),
        w.request.payload.strobe.eq(Const(1, 4) << w.s[:2]),
        drain.ready.eq(w.request.ready & w.going),
        w.fetched.eq(w.fetching & w.response.valid),
    ]
    with m.FSM():
        _fetch(m, w, start, running)
        _load(m, w)
        _run(m, w)


def _fetch(m: Module, w: Wires, start: Signal, running: Signal) -> None:
    """Jump to the program, or where a command says that the next one is, and fetch it."""
    starts = Signal()  # the jump is to the program
    sets = w.op == Operation.SET
    begin = [w.index.eq(0), w.asked.eq(0), w.asking.eq(1)]
    with m.State("IDLE"):
        m.d.sync += starts.eq(1)
        with m.If(start):
            m.d.sync += running.eq(1)
            m.next = "JUMP"
    with m.State("JUMP"):
        m.d.comb += [w.place.eq(Mux(starts, PROGRAM, COMMAND)), w.clears.eq(1)]
        m.next = "JUMPED"
    with m.State("JUMPED"):
        m.d.comb += [w.place.eq(FOUR), w.adds_s.eq(1)]
        m.d.sync += [starts.eq(0), *begin]
        m.next = "FETCH"
    with m.State("FETCH"):
        m.d.comb += [w.fetching.eq(1), w.place.eq(FOUR), w.adds_s.eq(w.asked_word)]
        with m.If(w.asked_word & (w.asked[:3].all() | w.asked[3] & w.asked[:2].all())):
            m.d.sync += w.asking.eq((w.index != 0) & sets & ~w.asked[3])
        with m.If(w.fetched):
            with m.If((w.index == 0) & (w.response.payload[:2] == Operation.SET)):
                m.d.sync += w.asking.eq(1)
            with m.If(w.index[:3].all() & ~sets), m.Switch(w.op):
                with m.Case(Operation.LOAD):
                    m.next = "LOAD"
                with m.Case(Operation.RUN):
                    m.next = "RUN"
                with m.Default():
                    m.d.sync += running.eq(0)
                    m.next = "IDLE"
            with m.If(w.index[3] & w.index[:2].all()):
                m.d.sync += begin


def _load(m: Module, w: Wires) -> None:
    """Add up where a load begins, and read its pieces."""
    event, now = w.event, Signal(3)
    with m.State("LOAD"):
        m.d.comb += [w.place.eq(Cat(w.base, Const(BASES >> 2, 3))), w.clears.eq(1)]
        m.next = "LOAD 1"
    with m.State("LOAD 1"):
        m.d.comb += [w.place.eq(COMMAND + 1), w.adds_s.eq(w.base != 0)]
        m.next = "LOAD 2"
    with m.State("LOAD 2"):
        m.d.comb += [w.place.eq(COMMAND), w.adds_s.eq(1)]
        m.next = "LOAD 3"
    with m.State("LOAD 3"):
        m.d.comb += [w.place.eq(FOUR), w.adds_x.eq(1), w.loops.start.eq(1), w.begins_piece.eq(1)]
        m.next = "PIECE"
    with m.State("PIECE"):
        m.d.comb += [
            w.loading.eq(1),
            w.place.eq(FOUR),
            w.adds_s.eq(w.asked_word),
            w.adds_x.eq(w.beat_counts),
        ]
        with m.If(w.beat_counts):
            m.d.comb += now.eq(w.loops.event)
        with m.Else():
            m.d.comb += now.eq(event)
        with m.If(w.piece_done):
            m.next = "NEXT 1"
            m.d.comb += w.place.eq(COMMAND + 3)
            with m.If(now == Event.COLUMN):
                m.d.comb += w.place.eq(COMMAND + 2)
            with m.If(now >= Event.BLOCK):
                m.d.comb += [w.place.eq(COMMAND), w.clears.eq(1)]
                m.next = "JUMPED"
    with m.State("NEXT 1"):
        m.d.comb += [w.adds_s.eq(1), w.adds_x.eq(1), w.place.eq(FOUR)]
        m.d.comb += w.begins_piece.eq(1)
        m.next = "PIECE"
        with m.If((w.kind == Kind.FILTERS) & (event == Event.ROW)):
            m.d.sync += w.banks.eq(w.banks.rotate_left(1))
            with m.If(w.banks[2]):
                m.d.comb += [w.place.eq(COMMAND + 1), w.begins_piece.eq(0)]
                m.next = "NEXT 2"
    with m.State("NEXT 2"):
        m.d.comb += [w.adds_x.eq(1), w.place.eq(FOUR), w.begins_piece.eq(1)]
        m.next = "PIECE"


def _run(m: Module, w: Wires) -> None:
    """Add up where a run begins, and let its steps go until all outputs are written."""
    with m.State("RUN"):
        m.d.comb += [w.place.eq(BASES), w.clears.eq(1), w.loops.start.eq(1)]
        m.d.comb += w.drain.start.eq(1)
        m.next = "RUN 1"
    with m.State("RUN 1"):
        m.d.comb += [w.place.eq(COMMAND + 2), w.adds_s.eq(1)]
        m.next = "RUN 2"
    with m.State("RUN 2"):
        m.d.comb += [w.place.eq(COMMAND + 1), w.adds_s.eq(1)]
        m.next = "RUN 3"
    with m.State("RUN 3"):
        m.d.comb += [w.place.eq(COMMAND), w.adds_r.eq(1)]
        m.next = "RUN 4"
    with m.State("RUN 4"):
        m.d.comb += [w.place.eq(w.loops.event), w.adds_x.eq(1), w.issues.eq(1)]
        m.next = "GO"
    with m.State("GO"):
        m.d.comb += [
            w.going.eq(1),
            w.issues.eq(1),
            w.place.eq(w.loops.event),
            w.adds_x.eq(w.step_adds),
            w.adds_r.eq(w.step_adds),
            w.adds_s.eq(w.drain.valid & w.drain.ready),
        ]
        with m.If(w.quiet):
            m.next = "JUMP"
