"""Requantise 32-bit accumulators to int8, bit for bit as TensorFlow Lite Micro does."""

from functools import reduce
from operator import or_
from typing import Any

from amaranth.hdl import Cat, Module, Mux, ShapeLike, Signal, signed, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.arithmetic import requantise
from cfuforge.cfu.shapes import s8, s32
from cfuforge.cfu.units.pipeline import delay

__all__ = ["Requantise"]


class Requantise(wiring.Component):
    """Compute ``clamp(MultiplyByQuantizedMultiplier(value, multiplier, shift) + output_offset)``.

    Parameters
    ----------
    tag_shape
        Shape of a value that travels with each input and comes out with its output.
    byte
        The byte of an output of 16 bits, 0 or 1, that a unit with `wide` gives; None: it has not.

    Members
    -------
    input : ``In(stream, always_ready)``
        ``value`` (s32), ``multiplier`` (u31), ``shift`` (s6; positive is to the left and wraps at
        32 bits) and ``tag``.
    output_offset : ``In(signed(9))``
        Added after scaling, without overflow. Read 6 cycles after the input.
    activation_min, activation_max : ``In(signed(8))``
        Limits of the output, the lower applied first. Read 8 cycles after the input.
    wide : ``In(1)``
        Saturate to int16, and give one byte of it. Read 7 cycles after the input.
    output : ``Out(stream, always_ready)``
        ``value`` (s8) and ``tag``.
    busy : ``Out(1)``
        High while an input is in the pipeline; low in the cycle after its output.

    Timing
    ------
    Latency 9 cycles, one value a cycle, no backpressure. Between two registers is one 32-bit
    shifter, one 16x16 multiplier, one adder or two comparisons.

    References
    ----------
    TensorFlow Lite Micro, ``MultiplyByQuantizedMultiplier`` with double rounding.
    """

    LATENCY = 9

    def __init__(self, tag_shape: ShapeLike = 1, byte: int | None = None) -> None:
        self._tag_shape, self._byte = tag_shape, byte
        inputs = data.StructLayout(
            {"value": s32, "multiplier": unsigned(31), "shift": signed(6), "tag": tag_shape}
        )
        outputs = data.StructLayout({"value": s8, "tag": tag_shape})
        super().__init__(
            {
                "input": In(stream.Signature(inputs, always_ready=True)),
                "output_offset": In(signed(9)),
                "activation_min": In(s8),
                "activation_max": In(s8),
                **({} if byte is None else {"wide": In(1)}),
                "output": Out(stream.Signature(outputs, always_ready=True)),
                "busy": Out(1),
            }
        )

    @staticmethod
    def compute(
        value: int, multiplier: int, shift: int, output_offset: int, low: int, high: int
    ) -> int:
        """Return the output for one value."""
        return int(requantise(value, multiplier, shift, output_offset, low, high))

    def elaborate(self, platform: Any) -> Module:
        """Build the nine stages."""
        m = Module()
        valids = delay(m, self.input.valid, 1, self.LATENCY, "valid")
        tags = delay(m, self.input.payload.tag, self._tag_shape, self.LATENCY, "tag")
        high = self._multiply_high(m, *self._shift_left(m))
        rights = self._right_shifts(m)
        scaled, round_up = self._divide(m, high, rights[4])
        self._clamp(m, scaled, round_up)
        m.d.comb += [
            self.output.valid.eq(valids[-1]),
            self.output.payload.tag.eq(tags[-1]),
            self.busy.eq(reduce(or_, valids[1:])),
        ]
        return m

    def _shift_left(self, m: Module) -> tuple[Any, Any]:
        """Stage 1: shift left; delay the multiplier."""
        shift = self.input.payload.shift
        shifted, multiplier = Signal(s32), Signal(unsigned(31))
        left = Mux(shift[-1], 0, shift[:5])
        m.d.sync += shifted.eq(self.input.payload.value << left)
        m.d.sync += multiplier.eq(self.input.payload.multiplier)
        return shifted, multiplier

    def _multiply_high(self, m: Module, a: Any, b: Any) -> Any:
        """Stages 2 to 4: ``floor((a * b + 2**30) / 2**31)`` from four 16x16 products."""
        a_low, a_high = a[:16], a[16:].as_signed()
        b_low, b_high = b[:16], b[16:]
        low_low, high_high = Signal(unsigned(32)), Signal(signed(32))
        low_high, high_low = Signal(unsigned(31)), Signal(signed(33))
        m.d.sync += [
            low_low.eq(a_low * b_low),
            low_high.eq(a_low * b_high),
            high_low.eq(a_high * b_low),
            high_high.eq(a_high * b_high),
        ]
        # Only bits 16 and up: nothing is added below, so no carry comes from there.
        outer, middle, total = Signal(signed(48)), Signal(signed(35)), Signal(signed(48))
        m.d.sync += [
            outer.eq(Cat(low_low[16:], high_high).as_signed()),
            middle.eq(low_high + high_low + (1 << 14)),
            total.eq(outer + middle),
        ]
        return total[15:47].as_signed()

    def _right_shifts(self, m: Module) -> list[Any]:
        """Return the right shift, 0..32, after stages 1, 2, ..."""
        shift = self.input.payload.shift
        right = Signal(unsigned(6))
        m.d.sync += right.eq(Mux(shift[-1], -shift, 0))
        return delay(m, right, unsigned(6), 4, "right")

    def _divide(self, m: Module, high: Any, right: Any) -> tuple[Any, Any]:
        """Stages 5 and 6: divide by ``2**right``; `round_up` is still to be added to the quotient.

        Rounding half away from zero is ``(x - negative + half) >> right``. The last bit shifted out
        decides the rounding; when nothing is shifted, the sign, placed below bit 0, is that bit.
        """
        lowered, sign = Signal(s32), Signal()
        quotient = Signal(signed(33))
        m.d.sync += [
            lowered.eq(high - high[-1]),
            sign.eq(high[-1]),
            quotient.eq(Cat(sign, lowered).as_signed() >> right),
        ]
        return quotient[1:].as_signed(), quotient[0]

    def _clamp(self, m: Module, scaled: Any, round_up: Any) -> None:
        """Stages 7 to 9: add the rounding and the offset; saturate to int8; clamp."""
        moved, narrow = Signal(signed(34)), Signal(s8)
        m.d.sync += moved.eq(scaled + round_up + self.output_offset)
        fits = (moved[7:] == 0) | moved[7:].all()
        value: Any = moved[:8]
        saturated: Any = Mux(moved[-1], 0x80, 0x7F)
        if self._byte is not None:
            fits = Mux(self.wide, (moved[15:] == 0) | moved[15:].all(), fits)
        if self._byte == 0:
            saturated = Mux(self.wide, ~moved[-1].replicate(8), saturated)
        elif self._byte == 1:
            value = Mux(self.wide, moved[8:16], value)
        m.d.sync += narrow.eq(Mux(fits, value, saturated).as_signed())
        low, high = self.activation_min, self.activation_max
        lowest = Mux(low > high, high, low)  # in that case the upper limit, applied last, wins
        raised = Mux(narrow < low, lowest, narrow)
        m.d.sync += self.output.payload.value.eq(Mux(narrow > high, high, raised))
