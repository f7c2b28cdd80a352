"""Count the turns of nested loops, and say which loop goes on."""

from enum import IntEnum
from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["Event", "Loops", "Turns"]


class Event(IntEnum):
    """The loop that goes on: all loops inside of it begin again."""

    WORD = 0
    COLUMN = 1
    ROW = 2
    BLOCK = 3
    PIXEL = 4
    LINE = 5


Turns = data.StructLayout(
    {"words": 10, "columns": 10, "rows": 10, "blocks": 8, "width": 12, "pixels": 12}
)
"""The turns of each loop, less one. `pixels` are those of all lines."""


class Loops(wiring.Component):
    """Walk over words, columns, rows, blocks, pixels of a line, lines.

    Members
    -------
    turns : ``In(Turns)``
        How many.
    start : ``In(1)``
        Begin.
    advance : ``In(1)``
        Go on.
    event : ``Out(3)``
        The `Event`: the loop that goes on after the present turn.
    first_column : ``Out(1)``, ``last_word`` : ``Out(1)``
        Where the present turn is.
    ends : ``Out(1)``
        The present turn is the last of all, if the event is PIXEL or LINE.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "turns": In(Turns),
                "start": In(1),
                "advance": In(1),
                "event": Out(3),
                "first_column": Out(1),
                "last_word": Out(1),
                "ends": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build a counter for each loop."""
        m = Module()
        turns: Any = self.turns
        goes_on: Any = 1
        lasts = {}
        for name in ("words", "columns", "rows", "blocks", "width"):
            count, last = Signal(Turns[name].shape, name=name), Signal(name=f"last_{name}")
            m.d.comb += last.eq(count == turns[name])
            with m.If(self.start | (self.advance & goes_on & last)):
                m.d.sync += count.eq(0)
            with m.Elif(self.advance & goes_on):
                m.d.sync += count.eq(count + 1)
            goes_on = goes_on & last
            lasts[name] = last
            if name == "columns":
                m.d.comb += self.first_column.eq(count == 0)
            if name == "blocks":
                pixel_ends = goes_on
        pixels = Signal(12)
        with m.If(self.start):
            m.d.sync += pixels.eq(0)
        with m.Elif(self.advance & pixel_ends):
            m.d.sync += pixels.eq(pixels + 1)
        m.d.comb += [self.ends.eq(pixels == turns.pixels), self.last_word.eq(lasts["words"])]
        m.d.comb += self.event.eq(Event.LINE)
        with m.If(~lasts["words"]):
            m.d.comb += self.event.eq(Event.WORD)
        with m.Elif(~lasts["columns"]):
            m.d.comb += self.event.eq(Event.COLUMN)
        with m.Elif(~lasts["rows"]):
            m.d.comb += self.event.eq(Event.ROW)
        with m.Elif(~lasts["blocks"]):
            m.d.comb += self.event.eq(Event.BLOCK)
        with m.Elif(~lasts["width"]):
            m.d.comb += self.event.eq(Event.PIXEL)
        return m
