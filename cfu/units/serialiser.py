"""Turn an array that arrives in one cycle into one value a cycle."""

from typing import Any

from amaranth.hdl import Module, ShapeLike, Signal, Value, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

__all__ = ["Serialiser"]


class Serialiser(wiring.Component):
    """Output the elements of an array, one a cycle, element 0 first.

    Parameters
    ----------
    shape
        Shape of an element.
    count
        Number of elements, at least 2.
    tag_shape
        Shape of a value that comes with each array and goes out with each of its elements.

    Members
    -------
    input : ``In(stream)``
        ``values`` and ``tag``; ready while idle and in the cycle of the last element.
    output : ``Out(stream, always_ready)``
        ``value``, ``index`` (0 to count - 1) and ``tag``.

    Timing
    ------
    Element i goes out i + 1 cycles after the input; one input in `count` cycles.
    """

    def __init__(self, shape: ShapeLike, count: int, tag_shape: ShapeLike = 1) -> None:
        self._count = count
        self._values = data.ArrayLayout(shape, count)
        self._index = unsigned(ceil_log2(count))
        self._tag = tag_shape
        inputs = data.StructLayout({"values": self._values, "tag": tag_shape})
        outputs = data.StructLayout({"value": shape, "index": self._index, "tag": tag_shape})
        super().__init__(
            {
                "input": In(stream.Signature(inputs)),
                "output": Out(stream.Signature(outputs, always_ready=True)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build a shift register and a counter."""
        m = Module()
        values: Any = Signal(self._values)
        tag = Signal(self._tag)
        index = Signal(self._index)
        active = Signal()
        last = index == self._count - 1
        m.d.comb += [
            self.input.ready.eq(~active | last),
            self.output.valid.eq(active),
            self.output.payload.value.eq(values[0]),
            self.output.payload.index.eq(index),
            self.output.payload.tag.eq(tag),
        ]
        with m.If(active):
            m.d.sync += [values[i].eq(values[i + 1]) for i in range(self._count - 1)]
            m.d.sync += index.eq(index + 1)
            with m.If(last):
                m.d.sync += active.eq(0)
        with m.If(self.input.valid & self.input.ready):
            m.d.sync += [
                values.eq(self.input.payload.values),
                Value.cast(tag).eq(Value.cast(self.input.payload.tag)),
                index.eq(0),
                active.eq(1),
            ]
        return m
