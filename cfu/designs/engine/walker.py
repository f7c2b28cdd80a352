"""Walk over output pixels, and say where the windows of each group of them begin."""

from typing import Any

from amaranth.hdl import Module, Signal, signed, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.designs.engine.commands import Settings, Walk
from cfuforge.cfu.designs.engine.configuration import Configuration

__all__ = ["Walker", "Window", "group_of"]

Window = data.StructLayout(
    {
        "position": 16,  # in the activation stores
        "left": signed(16),  # byte of the input row
        "top": signed(16),  # input row
    }
)


def group_of(configuration: Configuration) -> data.StructLayout:
    """Return the layout of a group of pixels."""
    return data.StructLayout(
        {
            "windows": data.ArrayLayout(Window, configuration.pixels),
            "count": unsigned(3),  # pixels, 1 or more
            "output": 32,  # offset of the first pixel's output
            "last": 1,  # of its run
        }
    )


class Walker(wiring.Component):
    """List the windows of a run's pixels, line by line, in groups.

    A group may go on in the next line.

    Members
    -------
    run : ``In(stream(Walk))``
        Taken when the run before has been walked over.
    settings : ``In(Settings)``
        The layer's.
    group : ``Out(stream(group_of(configuration)))``
        As many pixels as are computed at once, or what is left.

    Timing
    ------
    One pixel a cycle, one group ahead of the one that is taken.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._pixels, self._group = configuration.pixels, group_of(configuration)
        super().__init__(
            {
                "run": In(stream.Signature(Walk)),
                "settings": In(Settings),
                "group": Out(stream.Signature(self._group)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the walk, and the register in which a group is collected."""
        m = Module()
        settings: Any = self.settings
        window: Any = Signal(Window)
        line: Any = Signal(16)  # position of the line's first window
        in_line, left = Signal(16), Signal(16)  # pixels left
        active, index = Signal(), Signal(range(self._pixels))
        group: Any = Signal(self._group)
        full = Signal()
        output = Signal(32)

        new: Any = self.run.payload
        walks = Signal()
        taken = self.group.valid & self.group.ready
        last = left == 1
        m.d.comb += [
            self.run.ready.eq(~active),
            self.group.valid.eq(full),
            self.group.payload.eq(group),
            walks.eq(active & ~full),
        ]
        with m.If(self.run.valid & self.run.ready):
            m.d.sync += [
                window.position.eq(new.position),
                window.left.eq(settings.left),
                window.top.eq(new.top),
                line.eq(new.position),
                in_line.eq(settings.width),
                left.eq(new.pixels),
                output.eq(new.output),
                active.eq(1),
                index.eq(0),
            ]
        with m.If(taken):
            m.d.sync += full.eq(0)
        with m.If(walks):
            m.d.sync += [
                group.windows[index].eq(window),
                group.count.eq(index + 1),
                group.last.eq(last),
                left.eq(left - 1),
                index.eq(index + 1),
                output.eq(output + settings.pitch),
            ]
            with m.If(index == 0):
                m.d.sync += group.output.eq(output)
            with m.If(last | (index == self._pixels - 1)):
                m.d.sync += [full.eq(1), index.eq(0)]
            with m.If(last):
                m.d.sync += active.eq(0)
            with m.If(in_line == 1):
                next_line = line + settings.line_step
                m.d.sync += [
                    window.position.eq(next_line),
                    window.left.eq(settings.left),
                    window.top.eq(window.top + settings.line_rows),
                    line.eq(next_line),
                    in_line.eq(settings.width),
                ]
            with m.Else():
                m.d.sync += [
                    window.position.eq(window.position + settings.pixel_step),
                    window.left.eq(window.left + settings.pixel_step),
                    in_line.eq(in_line - 1),
                ]
        return m
