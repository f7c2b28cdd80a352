"""Accumulate dot products in block RAM: four products in two cycles, on two multipliers."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import data, memory, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from cfuforge.cfu.shapes import s8x4, s32

__all__ = ["PartialSums"]


class PartialSums(wiring.Component):
    """Rows of four sums, one per channel, each kept in four parts that wrap at 32 bits.

    A sum is the sum of its parts. Lane l of a dot product is added to part l, in the adder of an
    iCE40's multiplier, so that a sum needs no register and, until it is read, no other adder.
    Parts l and l + 2 share a multiplier and a 32-bit block RAM.

    Parameters
    ----------
    rows
        Number of rows, a power of two up to 16.

    Members
    -------
    input : ``In(stream)``
        Adds ``(x[l] + input_offset) * w[l]`` for four lanes l to the sum of ``channel`` in ``row``
        or, with ``lanes``, to that of channel l.
    input_offset : ``In(signed(9))``
        Read in the cycle of an input and in the next.
    access : ``In(stream)``
        Reads parts ``2 * half`` and ``2 * half + 1`` of the sum of ``channel`` in ``row`` or, with
        ``clear``, sets them to 0.
    pair : ``Out(s32)``
        The sum of the two parts, in the cycle after the access.
    busy : ``Out(1)``
        A write is pending. Until it is done, do not access a sum to which an input was added; do
        not access or add to a sum that was cleared.

    Timing
    ------
    One input in two cycles, also on the same sum; one access a cycle while there is no input. Busy
    for two cycles after an input and for one after a clear.
    """

    def __init__(self, rows: int) -> None:
        self._rows = rows
        sum_of = {"row": unsigned(max(1, ceil_log2(rows))), "channel": unsigned(2)}
        inputs = data.StructLayout({**sum_of, "lanes": 1, "x": s8x4, "w": s8x4})
        access = data.StructLayout({**sum_of, "half": 1, "clear": 1})
        super().__init__(
            {
                "input": In(stream.Signature(inputs)),
                "input_offset": In(signed(9)),
                "access": In(stream.Signature(access)),
                "pair": Out(s32),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the shared control, and two multipliers with their block RAMs."""
        m = Module()
        given, access = self.input.payload, self.access.payload
        second, written, lanes = Signal(), Signal(), Signal()
        first, used = Signal(), Signal()
        place = Signal(data.StructLayout({"row": given.row.shape(), "channel": 2, "half": 1}))
        last = Signal(place.shape())
        m.d.comb += [
            self.input.ready.eq(~second),
            self.access.ready.eq(~self.input.valid & ~second),
            first.eq(self.input.valid & ~second),
            used.eq(first | second),
            self.busy.eq(second | written),
            place.half.eq(second | (~first & access.half)),
            place.row.eq(Mux(second, last.row, Mux(first, given.row, access.row))),
            place.channel.eq(Mux(second, last.channel, Mux(first, given.channel, access.channel))),
        ]
        m.d.sync += [
            second.eq(first),
            lanes.eq(first & given.lanes),
            written.eq(used | (self.access.valid & access.clear)),
            last.eq(place),
        ]
        by_lane = Mux(second, lanes, first & given.lanes)
        parts = []
        for side in range(2):
            channel = Mux(by_lane, Cat(Value.cast(side)[0], place.half), place.channel)
            address = Cat(place.half, channel, place.row)
            clear = ~used & access.clear
            parts.append(self._multiply(m, side, first, second, address, clear, written))
        m.d.comb += self.pair.eq(parts[0] + parts[1])
        return m

    def _multiply(
        self,
        m: Module,
        side: int,
        first: Value,
        second: Value,
        address: Value,
        clear: Value,
        written: Value,
    ) -> Value:
        """Build the multiplier for lanes `side` and `side` + 2; return the part that was read."""
        # The upper half is never written: its zeros are read to clear a part.
        depth = 2 << len(address)
        parts = memory.Memory(shape=s32, depth=depth, init=[], attrs={"no_rw_check": True})
        m.submodules[f"parts_{side}"] = parts
        read, write = parts.read_port(), parts.write_port()
        given = self.input.payload
        x_held, w_held = Signal(signed(8)), Signal(signed(8))
        with m.If(first):
            m.d.sync += [x_held.eq(given.x[side + 2]), w_held.eq(given.w[side + 2])]
        factor, weight, total = Signal(signed(16)), Signal(signed(16)), Signal(s32)
        m.d.sync += [
            factor.eq(Mux(second, x_held, given.x[side]) + self.input_offset),
            weight.eq(Mux(second, w_held, Mux(first, given.w[side], 0))),
            write.addr.eq(address),
        ]
        m.d.comb += [
            total.eq(factor * weight + read.data),
            read.addr.eq(Cat(address, clear)),
            write.en.eq(written),
            write.data.eq(total),
        ]
        return read.data
