"""Multipliers as an iCE40 has them: `gateware/ice40_products.map` maps each to one SB_MAC16."""

from typing import Any

from amaranth.hdl import Module, Signal, signed, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["Scale", "Twin"]


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
            low.eq(pixel[:8].as_signed() * weights[:8].as_signed()),
            self.total.eq(pixel[8:].as_signed() * weights[8:].as_signed() + low),
        ]
        return m


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
