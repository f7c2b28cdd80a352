"""The numbers S, X, R, Y and W, and the memory of what is added to them."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib.memory import Memory

from cfuforge.cfu.designs.engine.commands import Operation
from cfuforge.cfu.designs.engine.lean.stores import BLOCK_RAM
from cfuforge.cfu.designs.engine.lean.wires import COMMAND, FOUR, Wires

__all__ = ["add_numbers"]


def add_numbers(m: Module, w: Wires) -> None:
    """Build the numbers, and the two block RAMs, with places for 32 addends."""
    drain = w.drain
    ds = Memory(shape=32, depth=32, init=[0] * FOUR + [4], attrs=BLOCK_RAM)
    dx = Memory(shape=16, depth=32, init=[0] * FOUR + [4], attrs=BLOCK_RAM)
    m.submodules.ds, m.submodules.dx = ds, dx
    deltas, steps = ds.read_port(), dx.read_port()
    first, second = ds.write_port(), dx.write_port()
    place = Signal(5)
    slot = w.slot
    m.d.comb += [
        place.eq(Cat(w.index[1:], w.op != Operation.SET, 0)),
        deltas.addr.eq(w.place),
        steps.addr.eq(w.place),
        deltas.en.eq(w.advance),
        steps.en.eq(w.advance),
        first.addr.eq(Mux(slot.valid, slot.place, place)),
        first.data.eq(Mux(slot.valid, slot.value, w.response.payload)),
        first.en.eq(slot.valid | (w.fetched & ~w.index[0])),
        second.addr.eq(place),
        second.data.eq(w.response.payload[:16]),
        second.en.eq(w.fetched & w.index[0]),
    ]
    with m.If((w.index == 0) & ~slot.valid):  # the first word: its operation is not yet kept
        m.d.comb += first.addr.eq(Mux(w.response.payload[:2] == Operation.SET, 0, COMMAND))
    delta = deltas.data
    step = Mux(drain.last, w.pitch, 1)
    with m.If(w.clears):
        m.d.sync += [each.eq(0) for each in (w.s, w.x, w.r, w.y, w.w)]
    with m.Else():
        with m.If(w.adds_s):
            m.d.sync += w.s.eq(w.s + Mux(w.going, step, delta))
        with m.If(w.adds_x):
            m.d.sync += w.x.eq(w.x + steps.data[:14].as_signed())
        with m.If(w.adds_r):
            m.d.sync += [
                w.r.eq(w.r + delta[2:14]),
                w.y.eq(w.y + delta[14:24].as_signed()),
                w.w.eq(w.w + delta[24:]),
            ]
