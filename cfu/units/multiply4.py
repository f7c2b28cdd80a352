"""Four int8 products a cycle, and their sum: the first part of a multiply-accumulate unit."""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from amaranth.hdl import Module, ShapeLike, Signal, signed
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.shapes import s8x4
from cfuforge.cfu.units.pipeline import delay

__all__ = ["Multiply4"]


class Multiply4(wiring.Component):
    """Compute ``(x[l] + input_offset) * w[l]`` for four lanes, and the sum of the lanes.

    Parameters
    ----------
    tag_shape
        Shape of a value that travels with each input and comes out with its products.

    Members
    -------
    input : ``In(stream, always_ready)``
        ``x`` and ``w``, int8 values, lane 0 in the low byte, and ``tag``.
    input_offset : ``In(signed(9))``
        Read one cycle after the input to which it applies: a register that is written in the cycle
        of an input takes effect from the next input on.
    output : ``Out(stream, always_ready)``
        ``products`` (4 times 18 bits, signed), ``total`` (their sum) and ``tag``.
    busy : ``Out(1)``
        High while an input is in the pipeline; low in the cycle after its output.

    Timing
    ------
    Latency 4 cycles, one input a cycle, no backpressure. Operands, multiplier inputs, products and
    sum are registered, with at most a small adder or a multiplier between two registers.
    """

    LATENCY = 4

    def __init__(self, tag_shape: ShapeLike = 1) -> None:
        self._tag_shape = tag_shape
        products = data.ArrayLayout(signed(18), 4)
        inputs = data.StructLayout({"x": s8x4, "w": s8x4, "tag": tag_shape})
        outputs = data.StructLayout({"products": products, "total": signed(20), "tag": tag_shape})
        super().__init__(
            {
                "input": In(stream.Signature(inputs, always_ready=True)),
                "input_offset": In(signed(9)),
                "output": Out(stream.Signature(outputs, always_ready=True)),
                "busy": Out(1),
            }
        )

    @staticmethod
    def compute(x: Sequence[int], w: Sequence[int], input_offset: int) -> tuple[list[int], int]:
        """Return the four products and their sum."""
        products = [(one + input_offset) * weight for one, weight in zip(x, w, strict=True)]
        return products, sum(products)

    def elaborate(self, platform: Any) -> Module:
        """Build the four stages."""
        m = Module()
        valids = delay(m, self.input.valid, 1, self.LATENCY, "valid")
        tags = delay(m, self.input.payload.tag, self._tag_shape, self.LATENCY, "tag")
        x, w, w_aligned = Signal(s8x4), Signal(s8x4), Signal(s8x4)
        moved = Signal(data.ArrayLayout(signed(10), 4))
        products = Signal(data.ArrayLayout(signed(18), 4))
        output = self.output.payload
        m.d.sync += [x.eq(self.input.payload.x), w.eq(self.input.payload.w), w_aligned.eq(w)]
        for lane in range(4):
            m.d.sync += [
                moved[lane].eq(x[lane] + self.input_offset),
                products[lane].eq(moved[lane] * w_aligned[lane]),
            ]
        m.d.sync += [
            output.products.eq(products),
            output.total.eq((products[0] + products[1]) + (products[2] + products[3])),
        ]
        m.d.comb += [
            self.output.valid.eq(valids[-1]),
            output.tag.eq(tags[-1]),
            self.busy.eq(reduce(or_, valids[1:])),
        ]
        return m
