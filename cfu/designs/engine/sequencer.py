"""Step through the products of a run: for each group of pixels, all channels, all taps."""

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.designs.engine.commands import Settings, Turn
from cfuforge.cfu.designs.engine.configuration import LANES, Configuration
from cfuforge.cfu.designs.engine.walker import Window, group_of

__all__ = ["Block", "Sequencer", "step_of"]

Block = data.StructLayout(
    {
        "output": 32,  # offset of the first pixel's first channel
        "record": 8,  # of the first channels
        "pixels": 3,
        "channels": 4,  # 1 or more; bytes of a word, when elementwise
    }
)


def step_of(configuration: Configuration) -> data.StructLayout:
    """Return the layout of a step."""
    return data.StructLayout(
        {
            "windows": data.ArrayLayout(Window, configuration.pixels),
            "offset": 16,  # from a window's position
            "across": 16,  # from its left
            "down": 16,  # from its top
            "weight": 16,  # word of the filter banks
            "first": 1,  # of a block's sums
            "last": 1,
            "written": 1,  # the sums are complete
        }
    )


_LASTS = data.StructLayout({"word": 1, "column": 1, "row": 1, "channels": 1})
"""Which of the loops are in their last turn."""


class Sequencer(wiring.Component):
    """Issue a step each cycle: where the pixels' bytes and the filters' words lie.

    Members
    -------
    run : ``In(stream(Turn))``
        A run whose data are in the stores, given with its first group.
    group : ``In(stream(group_of(configuration)))``
        Its pixels.
    settings : ``In(Settings)``
        The layer's.
    step : ``Out(stream(step_of(configuration), always_ready))``
        What to read.
    block : ``Out(stream(Block, always_ready))``
        What the step that completes it computes; at the same time as that step.
    written : ``In(1)``
        A word has left the output queue.
    ended : ``Out(1)``
        High for one cycle when the last step of a run has been issued.
    idle : ``Out(1)``
        All outputs of the steps issued so far have left the output queue.
    waits : ``Out(1)``
        The step cannot be issued for want of room for its outputs.

    Timing
    ------
    One step a cycle; a block that is written at most once in `interval` times as many cycles as it
    has words.
    """

    def __init__(self, configuration: Configuration, room: int) -> None:
        self._configuration, self._room = configuration, room
        self._group = group_of(configuration)
        super().__init__(
            {
                "run": In(stream.Signature(Turn)),
                "group": In(stream.Signature(self._group)),
                "settings": In(Settings),
                "step": Out(stream.Signature(step_of(configuration), always_ready=True)),
                "block": Out(stream.Signature(Block, always_ready=True)),
                "written": In(1),
                "ended": Out(1),
                "idle": Out(1),
                "waits": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the loops: channels, rows, columns, words."""
        m = Module()
        settings: Any = self.settings
        filters, scaled = self._configuration.filters, self._configuration.requantisers
        elements, parts = self._configuration.elements, self._configuration.parts
        run: Any = self.run.payload
        group: Any = Signal(self._group)
        active = Signal()
        channels = Signal(16)  # left, those of this block included
        record = Signal(8)
        output = Signal(32)
        rows, columns, words = Signal(16), Signal(16), Signal(16)  # left
        offset, row_offset, column_offset, group_offset = (Signal(16) for _ in range(4))
        across, column_across = Signal(16), Signal(16)
        down = Signal(16)
        weight, group_weight = Signal(16), Signal(16)
        fresh = Signal()

        # What decides about a step is known when it comes: `following` is for the next one.
        lasts: Any = Signal(_LASTS)
        following: Any = Signal(_LASTS)
        ends_block, ends_group, completes = Signal(), Signal(), Signal()
        most = self._configuration.pixels * parts
        per_pixel = Signal(range(parts + 1))  # words of a pixel's outputs in this block
        needed = Signal(range(most + 1))  # and of all its pixels
        may_complete = Signal()

        room = Signal(range(self._room + 1), init=self._room)
        interval = self._configuration.interval
        spacing = Signal(range(self._configuration.slots))
        single = settings.elementwise

        # `following` does not wait for whether a step goes or a group comes.
        ends = following.word & following.column & following.row
        goes, comes = Signal(), Signal()
        m.d.comb += following.eq(lasts)
        with m.If(goes | comes):
            m.d.sync += [
                lasts.eq(following),
                ends_block.eq(ends),
                ends_group.eq(ends & (following.channels | single)),
                completes.eq(single | (ends & run.last)),
            ]
        # Not with *, for which synthesis may take a multiplier.
        product = sum(Mux(bit, group.count << i, 0) for i, bit in enumerate(per_pixel))
        allowed, fills = Signal(), Signal()
        m.d.comb += [
            needed.eq(Mux(single, 1, product)),
            allowed.eq(~completes | may_complete),
            goes.eq(active & allowed),
            fills.eq(goes & completes),
            self.waits.eq(active & ~allowed),
            self.idle.eq(room == self._room),
        ]
        with m.If(spacing != 0):
            m.d.sync += spacing.eq(spacing - 1)
        with m.If(fills):
            m.d.sync += spacing.eq(needed * interval - 1)
        # After a block of one word, the next one may come before `room` shows that word.
        spaced = Mux(fills, needed * interval == 1, spacing <= 1)
        m.d.sync += [
            room.eq(room + self.written - Mux(fills, needed, 0)),
            may_complete.eq((room > most) & spaced),
        ]

        def begin_block(left: Any) -> None:
            """Begin a block with `left` channels left."""
            last_words = (left[:4] + (scaled - 1)) >> scaled.bit_length() - 1
            m.d.sync += [
                channels.eq(left),
                per_pixel.eq(Mux(left <= filters, last_words, parts)),
                rows.eq(settings.rows),
                fresh.eq(1),
                down.eq(0),
            ]

        done = Signal()  # the group's last step
        m.d.comb += [
            done.eq(goes & ends_group),
            self.group.ready.eq((~active | (done & ~group.last)) & self.run.valid),
            self.run.ready.eq(done & group.last),
            self.ended.eq(done & group.last),
            comes.eq(self.group.valid & self.group.ready),
        ]
        one_word, one_column, one_row = (
            each == 1 for each in (run.words, settings.columns, settings.rows)
        )
        m.d.comb += following.word.eq(Mux(lasts.word, one_word, words == 2))
        with m.If(lasts.word):
            m.d.comb += following.column.eq(Mux(lasts.column, one_column, columns == 2))
            with m.If(lasts.column):
                m.d.comb += following.row.eq(rows == 2)
        with m.If(ends_block):
            m.d.comb += following.row.eq(one_row)
            m.d.comb += following.channels.eq(channels <= 2 * filters)
        with m.If(~active | ends_group):
            m.d.comb += [
                following.word.eq(one_word),
                following.column.eq(one_column),
                following.row.eq(one_row),
                following.channels.eq(run.channels <= filters),
            ]
        few = Mux(lasts.channels, channels[:4], filters)
        step: Any = self.step.payload
        m.d.comb += [
            self.step.valid.eq(goes),
            step.windows.eq(group.windows),
            step.offset.eq(offset),
            step.across.eq(across),
            step.down.eq(down),
            step.weight.eq(weight),
            step.first.eq(fresh & run.first),
            step.last.eq(ends_block | single),
            step.written.eq(completes),
            self.block.valid.eq(fills),
            self.block.payload.output.eq(output),
            self.block.payload.record.eq(record),
            self.block.payload.pixels.eq(Mux(single, 1, group.count)),
            self.block.payload.channels.eq(Mux(single & ~ends_block, elements, few)),
        ]
        with m.If(goes):
            m.d.sync += [
                words.eq(words - 1),
                offset.eq(offset + Mux(single, elements, LANES)),
                across.eq(across + Mux(single, elements, LANES)),
                weight.eq(weight + settings.weight_step),
                fresh.eq(0),
            ]
            with m.If(single):
                m.d.sync += output.eq(output + elements)
            with m.If(lasts.word):
                next_column, next_across = (
                    column_offset + settings.column_step,
                    column_across + settings.column_step,
                )
                m.d.sync += [
                    words.eq(run.words),
                    columns.eq(columns - 1),
                    column_offset.eq(next_column),
                    column_across.eq(next_across),
                    offset.eq(next_column),
                    across.eq(next_across),
                ]
                with m.If(lasts.column):
                    next_row = row_offset + settings.row_step
                    m.d.sync += [
                        columns.eq(settings.columns),
                        rows.eq(rows - 1),
                        row_offset.eq(next_row),
                        column_offset.eq(next_row),
                        offset.eq(next_row),
                        column_across.eq(group_offset),
                        across.eq(group_offset),
                        down.eq(down + settings.row_reach),
                    ]
            with m.If(ends_block):
                next_offset = group_offset + settings.group_place
                next_weight = group_weight + settings.group_weights
                begin_block(channels - filters)
                m.d.sync += [
                    record.eq(record + parts),
                    output.eq(output + filters),
                    group_weight.eq(next_weight),
                    weight.eq(next_weight),
                    group_offset.eq(next_offset),
                ]
                m.d.sync += [
                    value.eq(next_offset)
                    for value in (offset, row_offset, column_offset, across, column_across)
                ]
        with m.If(done):
            m.d.sync += active.eq(0)
        with m.If(comes):
            m.d.sync += [
                group.eq(self.group.payload),
                active.eq(1),
                record.eq(run.record),
                output.eq(self.group.payload.output),
                columns.eq(settings.columns),
                words.eq(run.words),
                weight.eq(run.weights),
                group_weight.eq(run.weights),
            ]
            begin_block(run.channels)
            m.d.sync += [
                each.eq(0)
                for each in (
                    offset,
                    row_offset,
                    column_offset,
                    group_offset,
                    across,
                    column_across,
                )
            ]
        return m
