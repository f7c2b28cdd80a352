"""What is kept of a command beside what it adds to the numbers."""

from typing import Any

from amaranth.hdl import Cat, Module, Signal

from cfuforge.cfu.designs.engine.commands import Operation
from cfuforge.cfu.designs.engine.lean.wires import Wires

__all__ = ["keep_command"]


def keep_command(m: Module, w: Wires) -> None:
    """Keep each field when its word comes."""
    word = w.response.payload
    index = w.index
    sets = w.op == Operation.SET
    turns, limits, high = w.loops.turns, w.drain.limits, word[16:]
    kept_turns: Any = Signal(turns.shape())
    kept_limits: Any = Signal(limits.shape())
    record = Signal(7)
    m.d.comb += [turns.eq(kept_turns), limits.eq(kept_limits), w.drain.first.eq(record)]
    settings = {
        1: [w.row_bytes.eq(high)],
        3: [w.height.eq(high)],
        5: [kept_limits.low.eq(high[:8]), kept_limits.high.eq(high[8:])],
        7: [w.padding.eq(high), w.elementwise.eq(high[8]), w.channelwise.eq(high[9])],
        9: [kept_limits.offset.eq(high)],
    }
    others = {
        1: [
            kept_turns.words.eq(high),
            Cat(w.few, w.completes).eq(high[10:]),
        ],
        3: [
            w.pitch.eq(word),
            kept_turns.columns.eq(high),
            w.kind.as_value().eq(high[10:]),
            w.base.eq(high[13:]),
        ],
        5: [kept_turns.rows.eq(high), w.banks.eq(high[10:])],
        6: [Cat(kept_turns.blocks, kept_turns.width, kept_turns.pixels).eq(word)],
        7: [record.eq(high)],
    }
    with m.If(w.fetched):
        m.d.sync += index.eq(index + 1)
        with m.If(index == 0):
            m.d.sync += w.op.eq(Operation(word[:2]))
        for number, statements in settings.items():
            with m.If(sets & (index == number)):
                m.d.sync += statements
        for number, statements in others.items():
            with m.If(~sets & (index == number)):
                m.d.sync += statements
