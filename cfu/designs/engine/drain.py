"""Requantise complete sums, four a cycle, and say where the bytes go."""

from typing import Any

from amaranth.hdl import Array, Cat, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.designs.engine.array import Sums
from cfuforge.cfu.designs.engine.commands import Record, Settings
from cfuforge.cfu.designs.engine.fetch import FILTERS
from cfuforge.cfu.designs.engine.sequencer import Block
from cfuforge.cfu.designs.engine.walker import PIXELS
from cfuforge.cfu.shapes import s32
from cfuforge.cfu.units.pipeline import delay
from cfuforge.cfu.units.requantise import Requantise

__all__ = ["Drain", "Word"]

TAG = data.StructLayout({"offset": 32, "count": 3})
Word = data.StructLayout({"offset": 32, "count": 3, "bytes": 32})


class Drain(wiring.Component):
    """Add each channel's bias to its sums and requantise them, pixel by pixel.

    Members
    -------
    block : ``In(stream(Block, always_ready))``
        A block that is coming.
    sums : ``In(stream(Sums, always_ready))``
        Its sums, in the order of the blocks; they stay as long as they are needed.
    tables : ``In(8 x 32)``, ``looked_up`` : ``In(1)``
        The values of an elementwise step, four of each table, in place of sums.
    settings : ``In(Settings)``
        The layer's.
    record_address, records : ``Out``, ``In``
        To and from `Records`.
    output : ``Out(stream(Word, always_ready))``
        Up to four bytes, and the offset of the first in the output.

    Timing
    ------
    One word a cycle, the first 13 cycles after the sums.
    """

    def __init__(self, record_bits: int) -> None:
        super().__init__(
            {
                "block": In(stream.Signature(Block, always_ready=True)),
                "sums": In(stream.Signature(Sums, always_ready=True)),
                "tables": In(data.ArrayLayout(32, FILTERS)),
                "looked_up": In(1),
                "settings": In(Settings),
                "record_address": Out(record_bits),
                "records": In(data.ArrayLayout(Record, 4)),
                "output": Out(stream.Signature(Word, always_ready=True)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the selection, the addition of the bias, four requantisers."""
        m = Module()
        settings: Any = self.settings
        m.submodules.blocks = blocks = SyncFIFOBuffered(width=Block.size, depth=32)
        block: Any = Signal(Block)
        m.d.comb += [
            blocks.w_data.eq(self.block.payload),
            blocks.w_en.eq(self.block.valid),
            block.eq(blocks.r_data),
        ]
        pixel, half = Signal(2), Signal()
        active = Signal()
        line = Signal(32)

        # Which sums: those of the array stay while they are selected.
        begins = Signal()
        m.d.comb += begins.eq(self.sums.valid | self.looked_up)
        two = (block.channels > 4) & ~settings.elementwise
        last_half = half | ~two
        last = last_half & (pixel == block.pixels - 1)
        selects = Signal()
        current, base = Signal(32), Signal(32)
        m.d.comb += [
            selects.eq(begins | active),
            base.eq(Mux(active, line, block.output)),
            current.eq(base + (half << 2)),
        ]
        with m.If(selects):
            m.d.sync += [active.eq(~last), half.eq(~half & two)]
            with m.If(last_half):
                m.d.sync += [pixel.eq(pixel + 1), line.eq(base + settings.pitch)]
            with m.Else():
                m.d.sync += line.eq(base)
            with m.If(last):
                m.d.sync += [pixel.eq(0), half.eq(0)]
                m.d.comb += blocks.r_en.eq(1)

        tag: Any = Signal(TAG)
        left = block.channels - (half << 2)
        m.d.comb += [
            tag.offset.eq(current),
            tag.count.eq(Mux(left > 4, 4, left)),
            self.record_address.eq(block.record + half),
        ]
        valid = delay(m, selects, 1, 2, "valid")[-1]
        later = delay(m, tag, TAG, 2, "tag")[-1]
        outputs = [self._channel(m, k, half, pixel, valid, later).output for k in range(4)]
        done: Any = outputs[0].payload.tag
        m.d.comb += [
            self.output.valid.eq(outputs[0].valid),
            self.output.payload.offset.eq(done.offset),
            self.output.payload.count.eq(done.count),
            self.output.payload.bytes.eq(Cat(each.payload.value for each in outputs)),
        ]
        return m

    def _channel(
        self, m: Module, k: int, half: Any, pixel: Any, valid: Any, tag: Any
    ) -> Requantise:
        """Build one of four columns: the sums of channels k and k + 4, and their requantiser."""
        settings: Any = self.settings
        record: Any = self.records[k]
        sums = [self.sums.payload[p][4 * h + k] for p in range(PIXELS) for h in range(2)]
        chosen, other = Signal(s32, name=f"chosen_{k}"), Signal(s32, name=f"other_{k}")
        value, scale = Signal(s32, name=f"value_{k}"), Signal(Record, name=f"scale_{k}")
        m.d.sync += [
            chosen.eq(
                Mux(settings.elementwise, self.tables[k].as_signed(), Array(sums)[Cat(half, pixel)])
            ),
            other.eq(Mux(settings.single, 0, self.tables[4 + k])),
            value.eq(chosen + Mux(settings.elementwise, other, record.bias)),
            scale.eq(record),
        ]
        m.submodules[f"requantise_{k}"] = unit = Requantise(TAG if k == 0 else 1)
        m.d.comb += [
            unit.input.valid.eq(valid),
            unit.input.payload.value.eq(value),
            unit.input.payload.multiplier.eq(scale.multiplier),
            unit.input.payload.shift.eq(scale.shift),
            unit.output_offset.eq(settings.offset),
            unit.activation_min.eq(settings.low),
            unit.activation_max.eq(settings.high),
        ]
        if k == 0:
            m.d.comb += unit.input.payload.tag.eq(tag)
        return unit
