"""The way of bytes: turned, and some replaced; to the stores, or to the array."""

from amaranth.hdl import Cat, Module, Mux, Signal, signed

from cfuforge.cfu.designs.engine.lean.wires import Wires

__all__ = ["turn_bytes"]


def turn_bytes(m: Module, w: Wires) -> None:
    """Turn the bytes of a beat, or of two words of activations, and replace those outside."""
    x, y = w.x, w.y
    outside, shift = Signal(4), Signal(2)
    above = y[-1] | (y[:9] >= w.height)
    room = Signal(signed(16))
    m.d.comb += room.eq(w.row_bytes - x)
    none, near = room <= 0, room[2:] == 0
    before_all = x[-1] & ~x[2:].all()
    flags = [
        above | before_all | none | (near & (room[:2] <= byte))
        | (x[-1] & (x[:2] + byte < 4))
        for byte in range(4)
    ]  # fmt: skip
    with m.If(w.advance):
        m.d.sync += [outside.eq(Cat(flags)), shift.eq(w.at[:2])]
    come = Mux(w.loading, w.response.payload, w.activations.word)
    amount = Signal(2)
    back = Cat(w.turn[0], w.turn[1] ^ w.turn[0])  # minus the turn
    m.d.comb += amount.eq(Mux(w.loading, back, shift))
    half = Signal(32)
    turned = Signal(32)
    m.d.comb += [
        half.eq(Mux(amount[1], come.rotate_right(16), come)),
        turned.eq(Mux(amount[0], half.rotate_right(8), half)),
    ]
    replaced = Mux(w.loading, w.zeros, outside)
    padding = Mux(w.loading, 0, w.padding)
    word = Signal(32)
    m.d.comb += [
        word.word_select(i, 8).eq(Mux(replaced[i], padding, turned.word_select(i, 8)))
        for i in range(4)
    ]
    entry = Cat(word[:7], ~word[7])
    m.d.comb += [
        w.activations.at.eq(w.at),
        w.activations.enable.eq(w.advance),
        w.write.data.eq(word),
        w.array.pixel.eq(word),
        w.array.filters.eq(w.filters.words),
        w.filters.enable.eq(w.advance),
        w.filters.address.eq(Mux(w.elementwise, entry, w.w)),
    ]
