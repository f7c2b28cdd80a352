"""The steps of a run: counted, read, multiplied, added."""

from itertools import pairwise
from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data

from cfuforge.cfu.designs.engine.lean.loops import Event
from cfuforge.cfu.designs.engine.lean.wires import Wires

__all__ = ["issue_steps"]


def issue_steps(m: Module, w: Wires) -> None:
    """Issue a step a cycle, and follow each until its sum is complete."""
    loops, array, drain = w.loops, w.array, w.drain
    event = loops.event
    pixel_ends = event >= Event.PIXEL
    elementwise, advance = w.elementwise, w.advance
    valid = w.issues & ~w.ended
    completes = Signal()
    m.d.comb += completes.eq(
        w.completes & (event[2] | event[:2].all() | (elementwise & (event == Event.ROW)))
    )
    stages = data.StructLayout({"valid": 1, "completes": 1, "ends": 1, "count": 2, "second": 1})
    issued: Any = Signal(stages)
    m.d.comb += [
        issued.valid.eq(valid),
        issued.completes.eq(valid & completes),
        issued.ends.eq(pixel_ends | elementwise),
        issued.count.eq(Mux(elementwise, 0, Mux(pixel_ends, w.few, Cat(w.channelwise, 1)))),
        issued.second.eq(~loops.first_column),
    ]
    reads, multiplies, adds, loads = (
        Signal(stages, name=name) for name in ("reads", "multiplies", "adds", "loads")
    )
    flow: list[Any] = [issued, reads, multiplies, adds, loads]
    with m.If(advance):
        m.d.sync += [after.eq(before) for before, after in pairwise(flow)]
        with m.If(valid & pixel_ends & loops.ends):
            m.d.sync += w.ended.eq(1)
    read, multiplied, added, loaded = flow[1:]
    with m.If(~w.issues):
        m.d.sync += w.ended.eq(0)
    m.d.comb += [
        advance.eq(~(loaded.completes & ~drain.free)),
        w.step_adds.eq(read.valid & advance),
        w.quiet.eq(
            w.ended & ~(read.valid | multiplied.valid | added.valid | loaded.completes | drain.busy)
        ),
        loops.advance.eq((valid & advance) | w.beat_counts),
        array.advance.eq(advance),
        array.adds.eq(added.valid),
        array.channelwise.eq(w.channelwise),
        array.elementwise.eq(elementwise),
        array.second.eq(added.second),
        array.load.eq(loaded.completes & drain.free),
        array.shift.eq(drain.shift),
        drain.load.eq(loaded.completes & drain.free),
        drain.count.eq(loaded.count),
        drain.ends.eq(loaded.ends),
        drain.sum.eq(array.sum),
        w.records.channel.eq(drain.record),
        w.records.half.eq(drain.half),
        w.records.enable.eq(drain.reads),
        drain.bias.eq(w.records.bias),
        drain.factor.eq(w.records.factor),
    ]
