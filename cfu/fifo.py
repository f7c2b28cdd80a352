"""The response FIFO: two entries, no combinational path between its two sides."""

from typing import Any

from amaranth.hdl import Module, Mux, ShapeLike, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["ResponseFifo"]


class ResponseFifo(wiring.Component):
    """Hold up to two payloads, so that one passes each cycle and no path joins the two sides.

    Parameters
    ----------
    shape
        The payload's shape.

    Members
    -------
    input : ``In(stream.Signature(shape))``
        ``ready`` comes from a register: it is high while at most one entry is in use.
    output : ``Out(stream.Signature(shape))``
        ``valid`` and ``payload`` come from registers.

    Timing
    ------
    A payload leaves at least one cycle after it enters; at most one payload a cycle.
    """

    def __init__(self, shape: ShapeLike) -> None:
        self._shape = shape
        super().__init__(
            {"input": In(stream.Signature(shape)), "output": Out(stream.Signature(shape))}
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the head entry, which is the output, and the tail entry behind it."""
        m = Module()
        tail = Signal(self._shape)
        tail_valid = Signal()
        m.d.comb += self.input.ready.eq(~tail_valid)
        with m.If(self.output.ready | ~self.output.valid):
            m.d.sync += [
                self.output.payload.eq(Mux(tail_valid, tail, self.input.payload)),
                self.output.valid.eq(tail_valid | self.input.valid),
                tail_valid.eq(0),
            ]
        with m.Elif(self.input.valid & self.input.ready):
            m.d.sync += [tail.eq(self.input.payload), tail_valid.eq(1)]
        return m
