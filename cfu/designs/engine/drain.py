"""Requantise complete sums, some in a cycle, and say where the bytes go."""

from typing import Any

from amaranth.hdl import Array, Cat, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from cfuforge.cfu.designs.engine.array import SUM, sums_of
from cfuforge.cfu.designs.engine.commands import Record, Settings
from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.sequencer import Block
from cfuforge.cfu.shapes import s32
from cfuforge.cfu.units.pipeline import delay
from cfuforge.cfu.units.requantise import Requantise

__all__ = ["Drain", "word_of"]

TAG = data.StructLayout({"offset": 32, "count": 3})


def word_of(configuration: Configuration) -> data.StructLayout:
    """Return the layout of requantised bytes, and where they go."""
    return data.StructLayout({**TAG.members, "bytes": 8 * configuration.requantisers})


class Drain(wiring.Component):
    """Add each channel's bias to its sums and requantise them, pixel by pixel.

    If the settings are `wide`, a requantiser with an even number gives the low byte of an int16,
    and one with an odd number the high byte.

    Members
    -------
    block : ``In(stream(Block, always_ready))``
        A block that is coming.
    sums : ``In(stream(sums_of(configuration), always_ready))``
        Its sums, in the order of the blocks, as from `Array`: pixel p's are read p cycles after
        ``valid`` at the earliest, and stay as long as they are needed.
    tables : ``In(banks x 32)``, ``looked_up`` : ``In(1)``
        The values of an elementwise step, half of them of each table, in place of sums; they come
        one cycle after `looked_up`.
    settings : ``In(Settings)``
        The layer's.
    record_address, records : ``Out``, ``In``
        To and from `Records`.
    output : ``Out(stream(word_of(configuration), always_ready))``
        As many bytes as there are requantisers, or fewer, and the first one's offset in the output.

    Timing
    ------
    One word in `interval` cycles, the first `LATENCY` cycles after the sums.
    """

    LATENCY = 3 + Requantise.LATENCY

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        scaled = configuration.requantisers
        super().__init__(
            {
                "block": In(stream.Signature(Block, always_ready=True)),
                "sums": In(stream.Signature(sums_of(configuration), always_ready=True)),
                "tables": In(data.ArrayLayout(32, configuration.banks)),
                "looked_up": In(1),
                "settings": In(Settings),
                "record_address": Out(ceil_log2(configuration.records // scaled)),
                "records": In(data.ArrayLayout(Record, scaled)),
                "output": Out(stream.Signature(word_of(configuration), always_ready=True)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the selection, the addition of the bias, the requantisers."""
        m = Module()
        scaled, parts = self._configuration.requantisers, self._configuration.parts
        settings: Any = self.settings
        m.submodules.blocks = blocks = SyncFIFOBuffered(width=Block.size, depth=32)
        block: Any = Signal(Block)
        m.d.comb += [
            blocks.w_data.eq(self.block.payload),
            blocks.w_en.eq(self.block.valid),
            block.eq(blocks.r_data),
        ]
        pixel, part = Signal(range(self._configuration.pixels)), Signal(range(parts))
        count = Signal.like(block.pixels, init=1)  # pixels up to this one
        active = Signal()
        line = Signal(32)

        # Which sums: those of the array stay while they are selected.
        begins = Signal()
        m.d.comb += begins.eq(self.sums.valid | self.looked_up)
        done = part * scaled  # channels of this pixel
        left = block.channels - done
        last_part = (left <= scaled) | settings.elementwise
        last = last_part & (count == block.pixels)
        selects = Signal()
        paused = Signal(range(self._configuration.interval))
        with m.If(selects):
            m.d.sync += paused.eq(self._configuration.interval - 1)
        with m.Elif(paused != 0):
            m.d.sync += paused.eq(paused - 1)
        current, base = Signal(32), Signal(32)
        m.d.comb += [
            selects.eq((begins | active) & (paused == 0)),
            base.eq(Mux(active, line, block.output)),
            current.eq(base + done),
        ]
        with m.If(selects):
            m.d.sync += [active.eq(~last), part.eq(part + 1)]
            with m.If(last_part):
                m.d.sync += [part.eq(0), pixel.eq(pixel + 1), count.eq(count + 1)]
                m.d.sync += line.eq(base + settings.pitch)
            with m.Else():
                m.d.sync += line.eq(base)
            with m.If(last):
                m.d.sync += [pixel.eq(0), count.eq(1)]
                m.d.comb += blocks.r_en.eq(1)

        tag: Any = Signal(TAG)
        m.d.comb += [
            tag.offset.eq(current),
            tag.count.eq(Mux(left > scaled, scaled, left)),
            self.record_address.eq(block.record + part),
        ]
        latency = self.LATENCY - Requantise.LATENCY
        valid = delay(m, selects, 1, latency, "valid")[-1]
        later = delay(m, tag, TAG, latency, "tag")[-1]
        late_part = delay(m, part, part.shape(), 1, "part")[-1]
        outputs = [
            self._channel(m, k, pixel, late_part, valid, later).output for k in range(scaled)
        ]
        word: Any = outputs[0].payload.tag
        m.d.comb += [
            self.output.valid.eq(outputs[0].valid),
            self.output.payload.offset.eq(word.offset),
            self.output.payload.count.eq(word.count),
            self.output.payload.bytes.eq(Cat(each.payload.value for each in outputs)),
        ]
        return m

    def _channel(
        self, m: Module, k: int, pixel: Any, part: Any, valid: Any, tag: Any
    ) -> Requantise:
        """Build a column: the sums of every channel that has requantiser k, and this."""
        settings: Any = self.settings
        record: Any = self.records[k]
        filters, scaled = self._configuration.filters, self._configuration.requantisers
        sums = []  # of a pixel; `part` says which of them
        for channel in range(k, filters, scaled):
            own = Signal(SUM, name=f"sum_{channel}")
            m.d.sync += own.eq(Array(each[channel] for each in self.sums.payload)[pixel])
            sums.append(own)
        half = self._configuration.banks // 2
        first, second = self.tables[k % half], self.tables[half + k % half]
        chosen, other = Signal(s32, name=f"chosen_{k}"), Signal(s32, name=f"other_{k}")
        value = Signal(s32, name=f"value_{k}")
        added = Mux(settings.single, 0, second.as_signed())
        m.d.sync += [
            chosen.eq(Mux(settings.elementwise, first.as_signed(), Array(sums)[part])),
            other.eq(Mux(settings.elementwise, added, record.bias)),
            value.eq(chosen + other),
        ]
        scale = delay(m, record, Record, 2, f"scale_{k}")[-1]
        m.submodules[f"requantise_{k}"] = unit = Requantise(TAG if k == 0 else 1, byte=k & 1)
        m.d.comb += [
            unit.input.valid.eq(valid),
            unit.input.payload.value.eq(value),
            unit.input.payload.multiplier.eq(scale.multiplier),
            unit.input.payload.shift.eq(scale.shift),
            unit.output_offset.eq(settings.offset),
            unit.activation_min.eq(settings.low),
            unit.activation_max.eq(settings.high),
            unit.wide.eq(settings.wide),
        ]
        if k == 0:
            m.d.comb += unit.input.payload.tag.eq(tag)
        return unit
