"""Multipliers as an iCE40 has them: `gateware/ice40_products.map` maps each to one SB_MAC16."""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["LogicTwin", "Scale", "Twin"]


class Twin(wiring.Component):
    """Multiply two pairs of bytes, and add the products up.

    Members
    -------
    a, b : ``In(16)``
        Two signed bytes each, taken when `enable`.
    enable : ``In(1)``
        Take them.
    total : ``Out(signed(16))``
        The sum of the products, one cycle later; it wraps.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "a": In(16),
                "b": In(16),
                "enable": In(1),
                "total": Out(signed(16)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the registers, products and the adder."""
        m = Module()
        pixel, weights = Signal(16, reset_less=True), Signal(16, reset_less=True)
        with m.If(self.enable):
            m.d.sync += [pixel.eq(self.a), weights.eq(self.b)]
        low = Signal(signed(16))
        m.d.comb += [
            low.eq(self._product(pixel[:8].as_signed(), weights[:8])),
            self.total.eq(self._product(pixel[8:].as_signed(), weights[8:]) + low),
        ]
        return m

    def _product(self, left: Value, right: Value) -> Value:
        return left * right.as_signed()


class LogicTwin(Twin):
    """A `Twin` in some 300 logic cells, which leaves an SB_MAC16 to the CPU."""

    def _product(self, left: Value, right: Value) -> Value:
        """Add up `left` times each of the right one's digits -2 to 2 of weights 1, 4, 16 and 64."""
        below: Value = Const(0, 1)
        rows, ones = [], []
        for at in range(0, 8, 2):
            low, high = right[at], right[at + 1]
            single, negative = low ^ below, high & ~(low & below)
            double = Mux(high, ~low & ~below, low & below)
            size = Mux(double, left << 1, Mux(single, left, 0)).as_signed()
            rows.append(size ^ negative.replicate(len(size)).as_signed())
            ones.append(negative)  # -x is ~x + 1
            below = high
        lower = rows[0] + Cat(ones[0], Const(0, 1), ones[1]) + (rows[1] << 2)
        return lower + ((rows[2] + Cat(ones[2], Const(0, 1), ones[3]) + (rows[3] << 2)) << 4)


class Scale(wiring.Component):
    """Multiply and add: 16 bits by 16 bits.

    Parameters
    ----------
    sign
        Whether `a` is signed.

    Members
    -------
    a, b, c : ``In(16)``, ``In(unsigned(16))``, ``In``
        The operands, used when `enable`; `c` has 16 bits or, if `sign`, 17 signed ones.
    enable : ``In(1)``
        Take them.
    out : ``Out(32)``
        ``a * b + c``, one cycle later.
    """

    def __init__(self, sign: bool) -> None:
        self._sign = sign
        added = signed(17) if sign else unsigned(16)
        super().__init__(
            {"a": In(16), "b": In(16), "c": In(added), "enable": In(1), "out": Out(32)}
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the multiplier, adder and register."""
        m = Module()
        factor: Any = self.a.as_signed() if self._sign else self.a
        total = Signal(32, reset_less=True)
        m.d.comb += self.out.eq(total)
        with m.If(self.enable):
            m.d.sync += total.eq(factor * self.b + self.c)
        return m
