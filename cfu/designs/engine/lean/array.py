"""Sum products: four bytes of a pixel times three filters, or times a weight each."""

from typing import Any

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.designs.engine.lean.products import LogicTwin, Twin

__all__ = ["Array"]


class Array(wiring.Component):
    """Add products up, and keep complete sums in a chain.

    Members
    -------
    pixel : ``In(32)``, ``filters`` : ``In(3 words)``
        What to multiply.
    advance : ``In(1)``
        Take it.
    adds : ``In(1)``
        Add the products of what was taken last, when `advance`.
    channelwise, elementwise : ``In(1)``
        What to add: products of a filter each; of a channel each; or to sum 0, the `second` of the
        filters' words, or the first, as it is now.
    second : ``In(1)``
        See above.
    load, shift : ``In(1)``
        Move the sums to the chain, and let them begin at 0; move the chain on.
    sum : ``Out(signed(32))``
        The first sum of the chain.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "pixel": In(32),
                "filters": In(data.ArrayLayout(32, 3)),
                "advance": In(1),
                "adds": In(1),
                "channelwise": In(1),
                "elementwise": In(1),
                "second": In(1),
                "load": In(1),
                "shift": In(1),
                "sum": Out(signed(32)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build multipliers, adders and the chain."""
        m = Module()
        halves = []
        for index in range(3):
            for half in range(2):
                is_last = index == 2 and half == 1
                twin = LogicTwin() if is_last else Twin()
                m.submodules["logic_twin" if is_last else f"twin_{index}{half}"] = twin
                m.d.comb += [
                    twin.a.eq(self.pixel.word_select(half, 16)),
                    twin.b.eq(self.filters[index].word_select(half, 16)),
                    twin.enable.eq(self.advance),
                ]
                halves.append(twin.total)
        other = Mux(self.channelwise, 0, halves[1])
        table = Mux(self.second, self.filters[1], self.filters[0]).as_signed()
        first = Signal(signed(32))
        m.d.comb += first.eq(Mux(self.elementwise, table, halves[0] + other))
        added = [first, halves[2] + halves[3], halves[4] + halves[5], halves[1]]
        following: Any = None
        for index in (3, 2, 1, 0):
            shape = signed(27 if index else 32)
            total, chained = (
                Signal(shape, name=f"sum_{index}"),
                Signal(shape, name=f"chain_{index}"),
            )
            with m.If(self.advance & self.adds):
                m.d.sync += total.eq(Mux(self.load, 0, total) + added[index])
            with m.Elif(self.load):
                m.d.sync += total.eq(0)
            with m.If(self.load | self.shift):
                m.d.sync += chained.eq(
                    total if following is None else Mux(self.load, total, following)
                )
            following = chained
        m.d.comb += self.sum.eq(following)
        return m
