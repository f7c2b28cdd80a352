"""Requantise sums one after another, an output in two cycles, on two multipliers."""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.designs.engine.lean.products import Scale

__all__ = ["Drain", "Limits", "shifted"]

Limits = data.StructLayout({"low": signed(8), "high": signed(8), "offset": signed(9)})


class Drain(wiring.Component):
    """Take sums from their chain, add bias, scale, and offer bytes.

    Members
    -------
    limits : ``In(Limits)``
        Of the outputs.
    first : ``In(7)``
        The record of a pixel's first channel; taken when `start`.
    start : ``In(1)``
        A run begins.
    load : ``In(1)``, ``count`` : ``In(2)``, ``ends`` : ``In(1)``
        So many sums, less one, come into the chain; the last one is its pixel's.
    free : ``Out(1)``
        Sums may come.
    sum : ``In(signed(32))``, ``shift`` : ``Out(1)``
        The first sum of the chain; the next one takes its place.
    record : ``Out(7)``, ``bias`` : ``In(32)``
        A record, and one cycle later its bias and its right shift.
    half : ``Out(8)``, ``reads`` : ``Out(1)``, ``factor`` : ``In(16)``
        A half of a multiplier to read, and one cycle later that half, until it reads again.
    valid, ready : ``Out(1)``, ``In(1)``
        An output is offered, and taken.
    output : ``Out(8)``, ``last`` : ``Out(1)``
        The output, which is the last of its pixel.
    busy : ``Out(1)``
        Outputs are still to come.

    Timing
    ------
    An output in two cycles, the first one six cycles after its sum.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "limits": In(Limits),
                "first": In(7),
                "start": In(1),
                "load": In(1),
                "count": In(2),
                "ends": In(1),
                "free": Out(1),
                "sum": In(signed(32)),
                "shift": Out(1),
                "record": Out(7),
                "bias": In(32),
                "half": Out(8),
                "reads": Out(1),
                "factor": In(16),
                "valid": Out(1),
                "ready": In(1),
                "output": Out(8),
                "last": Out(1),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the stages, each of two cycles."""
        m = Module()
        second, goes = Signal(), Signal()  # of the two cycles; nothing waits
        left, ends = Signal(3), Signal()  # in the chain
        waits = self.valid & ~self.ready & second
        m.d.comb += [
            goes.eq(~waits),
            self.reads.eq(goes),
            self.shift.eq(goes & ~second & (left != 0)),
            self.free.eq((left == 0) | ((left == 1) & self.shift)),
        ]
        with m.If(goes):
            m.d.sync += second.eq(~second)
        taken_last = (left == 1) & ends
        earlier = Signal(7)  # the record of the sum that is scaled
        with m.If(self.shift):
            m.d.sync += [left.eq(left - 1), earlier.eq(self.record)]
            m.d.sync += self.record.eq(Mux(taken_last, self.first, self.record + 1))
        with m.If(self.load):
            m.d.sync += [left.eq(self.count + 1), ends.eq(self.ends)]
        with m.If(self.start):
            m.d.sync += self.record.eq(self.first)
        m.d.comb += self.half.eq(Cat(second, Mux(second, earlier, self.record)))

        # The sum with its bias, and then two steps of the product.
        value = Signal(signed(32))
        rights = [Signal(5, name=f"right_{i}") for i in range(3)]
        valids = [Signal(name=f"valid_{i}") for i in range(3)]
        lasts = [Signal(name=f"last_{i}") for i in range(3)]
        negative, final = Signal(), Signal()
        with m.If(goes & ~second):
            m.d.sync += [
                value.eq(self.sum + self.bias[:27].as_signed()),
                rights[0].eq(self.bias[27:]),
                rights[1].eq(rights[0]),
                valids[0].eq(left != 0),
                valids[1].eq(valids[0]),
                lasts[0].eq(taken_last),
                lasts[1].eq(lasts[0]),
                negative.eq(value[-1]),
            ]
        m.submodules.scale_u = low = Scale(False)
        m.submodules.scale_s = high = Scale(True)
        rounding = Cat(Const(1 << 14, 15), value[-1].replicate(2)).as_signed()
        kept = Signal(16)
        m.d.comb += [
            low.enable.eq(goes),
            low.a.eq(value[:16]),
            low.b.eq(self.factor),
            low.c.eq(Mux(second, 0, low.out[16:])),
            high.enable.eq(goes),
            high.a.eq(value[16:]),
            high.b.eq(self.factor),
            high.c.eq(Mux(second, rounding, high.out[16:].as_signed())),
        ]
        scaled = Signal(signed(32))
        total = Cat(kept, high.out).as_signed() + low.out
        with m.If(goes & ~second):
            m.d.sync += kept.eq(high.out[:16])
        with m.If(goes & second):
            m.d.sync += [
                scaled.eq(total[15:47].as_signed()),
                final.eq(negative),
                rights[2].eq(rights[1]),
                lasts[2].eq(lasts[1]),
                valids[2].eq(valids[1]),
            ]
        with m.Elif(self.valid & self.ready):
            m.d.sync += valids[2].eq(0)

        limits: Any = self.limits
        quotient, sign, far = shifted(m, Cat(final, scaled), rights[2])
        near = Mux(far, Mux(sign, -512, 511), quotient[1:].as_signed())
        moved = Signal(signed(12))
        m.d.comb += moved.eq(near + quotient[0] + limits.offset)
        raised = Mux(moved < limits.low, limits.low, moved)
        m.d.comb += [
            self.output.eq(Mux(raised > limits.high, limits.high, raised)),
            self.valid.eq(valids[2]),
            self.last.eq(lasts[2]),
            self.busy.eq((left != 0) | Cat(valids).any()),
        ]
        return m


def shifted(m: Module, value: Value, right: Value) -> tuple[Any, Any, Any]:
    """Shift a signed value right by 0 to 31.

    Returns
    -------
    tuple
        The lowest 11 bits, the sign, and whether the result needs more bits.
    """
    sign = value[-1]
    bits: list[Any] = list(value)
    far: Any = Const(0)
    for stage in (4, 3, 2, 1, 0):
        moves, distance = right[stage], 1 << stage
        most = 11 + distance - 1
        beyond = Cat(bits[most:]) ^ sign.replicate(len(bits) - most)
        far = far | (~moves & beyond.any())
        out = Signal(most, name=f"shifted_{stage}")
        padded = bits + [sign] * (most + distance - len(bits))
        m.d.comb += out.eq(Mux(moves, Cat(padded[distance : distance + most]), Cat(bits[:most])))
        bits = list(out)
    return Cat(bits), sign, far | (bits[-1] ^ sign)
