"""Rows of four 32-bit accumulators, one per channel, that restart from a bias."""

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Module, Mux, Signal, signed, unsigned
from amaranth.lib import data, enum, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from cfuforge.cfu.arithmetic import wrap32
from cfuforge.cfu.shapes import s32

__all__ = ["Accumulators", "Operation"]


class Operation(enum.Enum, shape=2):  # type: ignore[call-arg]
    """An operation on the four accumulators of a row."""

    DOT = 0  # add total to one channel
    LANES = 1  # add products[l] to channel l
    TAKE = 2  # output all four and restart them from the biases


class Accumulators(wiring.Component):
    """Accumulate dot products or single products, wrapping at 32 bits.

    Parameters
    ----------
    rows
        Number of rows, at least 1.

    Members
    -------
    input : ``In(stream, always_ready)``
        ``operation``, ``row``, ``channel`` (for DOT) and the addends ``products`` and ``total``.
    load : ``In(stream, always_ready)``
        ``channel`` and ``bias``: sets a channel's bias, and its accumulators in all rows. Must not
        come in the same cycle as an input.
    taken : ``Out(stream, always_ready)``
        The four accumulators of the row, in the cycle in which TAKE is the input.
    read_row, read_channel : ``In``
        The accumulator that `read_value` shows.
    read_value : ``Out(signed(32))``
        The accumulator's value before this cycle's input; combinational.

    Timing
    ------
    One input a cycle, also on the same accumulator, which is updated at the end of the cycle.
    """

    def __init__(self, rows: int) -> None:
        self._rows = rows
        row = unsigned(max(1, ceil_log2(rows)))
        addends = {"products": data.ArrayLayout(signed(18), 4), "total": signed(20)}
        sum_of = {"operation": Operation, "row": row, "channel": unsigned(2)}
        load = {"channel": unsigned(2), "bias": s32}
        four = data.ArrayLayout(s32, 4)
        super().__init__(
            {
                "input": In(
                    stream.Signature(data.StructLayout({**sum_of, **addends}), always_ready=True)
                ),
                "load": In(stream.Signature(data.StructLayout(load), always_ready=True)),
                "taken": Out(stream.Signature(four, always_ready=True)),
                "read_row": In(row),
                "read_channel": In(unsigned(2)),
                "read_value": Out(s32),
            }
        )

    @staticmethod
    def compute(
        row: Sequence[int],
        bias: Sequence[int],
        operation: Operation,
        channel: int,
        products: Sequence[int],
        total: int,
    ) -> list[int]:
        """Return the four accumulators of a row after an operation."""
        if operation == Operation.TAKE:
            return list(bias)
        if operation == Operation.LANES:
            return [wrap32(old + product) for old, product in zip(row, products, strict=True)]
        return [wrap32(old + total) if k == channel else old for k, old in enumerate(row)]

    def elaborate(self, platform: Any) -> Module:
        """Build a column per channel: a register for each row, an adder and a bias."""
        m = Module()
        command = self.input.payload
        is_dot = command.operation == Operation.DOT
        is_lanes = command.operation == Operation.LANES
        is_take = command.operation == Operation.TAKE
        m.d.comb += self.taken.valid.eq(self.input.valid & is_take)
        columns = [
            Signal(data.ArrayLayout(s32, self._rows), name=f"column_{channel}")
            for channel in range(4)
        ]
        for channel, column in enumerate(columns):
            bias, old, addend = Signal(s32), Signal(s32), Signal(signed(20))
            m.d.comb += [
                old.eq(column[command.row]),
                addend.eq(Mux(is_lanes, command.products[channel], command.total)),
                self.taken.payload[channel].eq(old),
            ]
            with m.If(self.input.valid & (~is_dot | (command.channel == channel))):
                m.d.sync += column[command.row].eq(Mux(is_take, bias, old + addend))
            with m.If(self.load.valid & (self.load.payload.channel == channel)):
                m.d.sync += bias.eq(self.load.payload.bias)
                m.d.sync += [column[row].eq(self.load.payload.bias) for row in range(self._rows)]
        with m.Switch(self.read_channel):
            for channel, column in enumerate(columns):
                with m.Case(channel):
                    m.d.comb += self.read_value.eq(column[self.read_row])
        return m
