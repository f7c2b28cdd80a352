"""Requantise sums to int8 on one 16x16 multiplier, bit for bit as TensorFlow Lite Micro does."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, ShapeLike, Signal, Value, signed, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.shapes import s8, s32

__all__ = ["SerialRequantise"]


class Step(IntEnum):
    """The first stage's task in this cycle."""

    ADD = 0  # add an input
    PREPARE = 1  # shift left by one bit, or complement a negative sum
    INCREMENT = 2  # ... and add one
    LOW_LOW = 3  # multiply a half of the sum by a half of the multiplier
    ROUND = 4
    LOW_HIGH = 5
    HIGH_LOW = 6
    HIGH_HIGH = 7
    HAND_OVER = 8  # to the second stage


class SerialRequantise(wiring.Component):
    """Compute ``clamp(MultiplyByQuantizedMultiplier(sum, multiplier, shift) + output_offset)``.

    Parameters
    ----------
    tag_shape
        Shape of a value that travels with each sum and comes out with its output.

    Members
    -------
    input : ``In(stream)``
        ``value`` (s32) is added to the sum, which wraps at 32 bits. After the ``last`` value the
        sum is scaled, and the next sum starts at 0.
    clear : ``In(1)``
        Sets the sum to 0; only while the input is ready.
    sum : ``Out(s32)``
        The sum of the inputs so far.
    multiplier, shift, tag : ``In``
        u31; s6, positive to the left, wrapping at 32 bits. Hold them from the cycle after the last
        input until the cycle before the next input is ready.
    ready_soon : ``Out(1)``
        The input is ready in at most two cycles.
    output_offset, activation_min, activation_max : ``In``
        Added after scaling; the limits of the output, the lower applied first. Held while `busy`.
    output : ``Out(stream, always_ready)``
        ``value`` (s8) and ``tag``.
    busy : ``Out(1)``
        An output is still to come.

    Timing
    ------
    After the last input the next one is ready in 8 cycles, plus one for a negative sum, plus one
    for each bit of left shift, plus any wait for the second stage to finish the previous output.
    The second stage takes 2 cycles plus one for each bit of right shift.

    References
    ----------
    TensorFlow Lite Micro, ``MultiplyByQuantizedMultiplier`` with double rounding.
    """

    def __init__(self, tag_shape: ShapeLike = 1) -> None:
        self._tag_shape = tag_shape
        inputs = data.StructLayout({"value": s32, "last": 1})
        outputs = data.StructLayout({"value": s8, "tag": tag_shape})
        super().__init__(
            {
                "input": In(stream.Signature(inputs)),
                "clear": In(1),
                "sum": Out(s32),
                "multiplier": In(unsigned(31)),
                "shift": In(signed(6)),
                "tag": In(tag_shape),
                "ready_soon": Out(1),
                "output_offset": In(signed(9)),
                "activation_min": In(s8),
                "activation_max": In(s8),
                "output": Out(stream.Signature(outputs, always_ready=True)),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the two stages: sum, magnitude and product; right shift and limits."""
        m = Module()
        step, negative, free = Signal(Step), Signal(), Signal()
        handed = (step == Step.HAND_OVER) & free
        self._sum(m, step, negative, handed)
        product = self._multiply(m, step, negative)
        self._finish(m, handed, free, negative, product)
        following = {
            Step.LOW_LOW: Step.ROUND,
            Step.ROUND: Step.LOW_HIGH,
            Step.LOW_HIGH: Step.HIGH_LOW,
            Step.HIGH_LOW: Step.HIGH_HIGH,
            Step.HIGH_HIGH: Step.HAND_OVER,
            Step.INCREMENT: Step.LOW_LOW,
        }
        with m.Switch(step):
            for now, then in following.items():
                with m.Case(now):
                    m.d.sync += step.eq(then)
        with m.If(handed):
            m.d.sync += step.eq(Step.ADD)
        ends = (step == Step.HIGH_HIGH) | (step == Step.HAND_OVER)
        m.d.comb += self.ready_soon.eq((step == Step.ADD) | (ends & free))
        m.d.comb += self.busy.eq((step != Step.ADD) | ~free | self.output.valid)
        return m

    def _sum(self, m: Module, step: Value, negative: Value, handed: Value) -> None:
        """Accumulate; then shift the sum left and take its magnitude."""
        left = Signal(unsigned(5))  # bits shifted so far
        double, complement = Signal(), Signal()
        m.d.comb += self.input.ready.eq(step == Step.ADD)
        with m.If(step == Step.PREPARE):
            m.d.comb += double.eq(~self.shift[-1] & (left != self.shift[:5]))
            m.d.comb += complement.eq(~double & self.sum[-1])
            with m.If(~double):
                m.d.sync += step.eq(Mux(complement, Step.INCREMENT, Step.LOW_LOW))
                m.d.sync += [left.eq(0), negative.eq(complement)]
            with m.Else():
                m.d.sync += left.eq(left + 1)
        taken = self.input.valid & self.input.ready
        with m.If(taken & self.input.payload.last):
            m.d.sync += step.eq(Step.PREPARE)
        addend = Mux(double, self.sum, Mux(taken, self.input.payload.value, 0))
        m.d.sync += self.sum.eq(
            Mux(complement, ~self.sum, self.sum + addend + (step == Step.INCREMENT))
        )
        with m.If(self.clear | handed):
            m.d.sync += self.sum.eq(0)

    def _multiply(self, m: Module, step: Value, negative: Value) -> Value:
        """Return ``(sum * multiplier + 2**30 - negative) >> 31``, valid in step HAND_OVER.

        Each step adds one product to the total. The lowest 16 bits are dropped in step ROUND, and
        the 16 bits above, except for their highest, in the last step. No step overflows 32 bits,
        since the sum is at most 2**31.
        """
        total, carried = Signal(unsigned(32)), Signal()
        a, b, c = Signal(unsigned(16)), Signal(unsigned(16)), Signal(unsigned(32))
        low, high = self.sum[:16], self.sum[16:]
        b_low, b_high = self.multiplier[:16], self.multiplier[16:]
        m.d.comb += [a.eq(low), b.eq(0), c.eq(total)]
        with m.Switch(step):
            with m.Case(Step.LOW_LOW):
                m.d.comb += [b.eq(b_low), c.eq(negative.replicate(16))]
            with m.Case(Step.ROUND):
                rounding = Mux(negative, (1 << 14) - 1, 1 << 14)
                m.d.comb += [a.eq(rounding), b.eq(1), c.eq(total[16:])]
            with m.Case(Step.LOW_HIGH):
                m.d.comb += b.eq(b_high)
            with m.Case(Step.HIGH_LOW):
                m.d.comb += [a.eq(high), b.eq(b_low)]
            with m.Case(Step.HIGH_HIGH):
                m.d.comb += [a.eq(high), b.eq(b_high), c.eq(total[16:])]
                m.d.sync += carried.eq(total[15])
        m.d.sync += total.eq(a * b + c)
        return Cat(carried, total[:31])

    def _finish(
        self, m: Module, handed: Value, free: Value, negative: Value, product: Value
    ) -> None:
        """Shift right bit by bit; the last bit shifted out decides the rounding."""
        quotient, sign = Signal(unsigned(33)), Signal()
        right = Signal(signed(6))  # minus the number of bits left to shift
        active, moved, tag = Signal(), Signal(signed(11)), Signal(self._tag_shape)
        output = self.output
        m.d.comb += free.eq(~active)
        m.d.sync += output.valid.eq(0)
        with m.If(handed):
            m.d.sync += [
                quotient.eq(Cat(Const(0, 1), product)),
                right.eq(Mux(self.shift[-1], self.shift, 0)),
                sign.eq(negative),
                Value.cast(tag).eq(Value.cast(self.tag)),
                active.eq(1),
            ]
        with m.Elif(right != 0):
            m.d.sync += [quotient.eq(quotient >> 1), right.eq(right + 1)]
        # Nine bits suffice: a larger size becomes all ones, which is beyond any limit.
        size = (quotient[1:10] | quotient[10:].any().replicate(9)) ^ sign.replicate(9)
        scaled = Cat(size, sign).as_signed()
        with m.If(active & (right == 0)):
            m.d.sync += [
                moved.eq(scaled + self.output_offset + (quotient[0] ^ sign)),
                active.eq(0),
                output.valid.eq(1),
                Value.cast(output.payload.tag).eq(Value.cast(tag)),
            ]
        raised = Mux(moved < self.activation_min, self.activation_min, moved)
        m.d.comb += output.payload.value.eq(
            Mux(raised > self.activation_max, self.activation_max, raised)
        )
