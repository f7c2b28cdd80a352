"""Read what a step multiplies: the bytes of four pixels, the words of eight filters."""

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.designs.engine.commands import Settings
from cfuforge.cfu.designs.engine.sequencer import Step
from cfuforge.cfu.designs.engine.walker import PIXELS
from cfuforge.cfu.units.pipeline import delay

__all__ = ["FILTERS", "Fetch", "Operands"]

FILTERS = 8

Operands = data.StructLayout(
    {
        "pixels": data.ArrayLayout(64, PIXELS),  # a pixel's four bytes, and four more
        "filters": data.ArrayLayout(32, FILTERS),
        "first": 1,
        "last": 1,
        "written": 1,
    }
)


class Fetch(wiring.Component):
    """Read the stores for each step; bytes outside of the input become `settings.padding`.

    Members
    -------
    step : ``In(stream(Step, always_ready))``
        What to read.
    settings : ``In(Settings)``
        The layer's.
    activations, activation_words : ``Out``, ``In``
        To and from `Activations`.
    filters, filter_words : ``Out``, ``In``
        To and from `Filters`.
    operands : ``Out(stream(Operands, always_ready))``
        What was read. Of an elementwise layer, pixels 0 and 1 are its inputs, and the filters'
        words come two cycles later: the tables' values for those bytes.

    Timing
    ------
    Latency 3 cycles, one step a cycle.
    """

    LATENCY = 3
    TABLES = 2

    def __init__(self, activations: int, filters: int) -> None:
        self._position, self._word = activations, filters  # bits of the addresses
        super().__init__(
            {
                "step": In(stream.Signature(Step, always_ready=True)),
                "settings": In(Settings),
                "activations": Out(data.ArrayLayout(activations, PIXELS)),
                "activation_words": In(data.ArrayLayout(64, PIXELS)),
                "filters": Out(data.ArrayLayout(filters, FILTERS)),
                "filter_words": In(data.ArrayLayout(32, FILTERS)),
                "operands": Out(stream.Signature(Operands, always_ready=True)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build three stages: addresses, memories, selection."""
        m = Module()
        step: Any = self.step.payload
        flags = Cat(self.step.valid, step.first, step.last, step.written)
        operands: Any = self.operands.payload
        out = Cat(self.operands.valid, operands.first, operands.last, operands.written)
        m.d.comb += out.eq(delay(m, flags, 4, self.LATENCY, "flags")[-1])
        for pixel in range(PIXELS):
            self._pixel(m, pixel)
        self._weights(m)
        return m

    def _pixel(self, m: Module, pixel: int) -> None:
        settings: Any = self.settings
        step: Any = self.step.payload
        window = step.windows[pixel]
        address = Signal(self._position, name=f"address_{pixel}")
        across = Signal(18, name=f"across_{pixel}")  # signed, as all here
        down = Signal(18, name=f"down_{pixel}")
        m.d.sync += [
            address.eq(window.position + step.offset),
            across.eq(window.left + step.across),
            down.eq(window.top + step.down),
        ]
        m.d.comb += self.activations[pixel].eq(address)

        shift = Signal(2, name=f"shift_{pixel}")
        outside = Signal(8, name=f"outside_{pixel}")
        above = down[-1] | (down.as_signed() >= settings.height)
        room = settings.row_bytes - across.as_signed()  # bytes up to the row's end
        few, none = (room > 0) & (room < 8), room <= 0
        m.d.sync += shift.eq(address[:2])
        for byte in range(8):
            before = across[-1] & (across.as_signed() < -byte)
            behind = none | (few & (room[:3] <= byte))
            m.d.sync += outside[byte].eq(above | before | behind)
        read = self.activation_words[pixel]
        shifted = [read.bit_select((byte + shift) << 3, 8) for byte in range(4)]
        for byte in range(8):
            value = shifted[byte] if byte < 4 else read.word_select(byte, 8)
            m.d.sync += (
                self.operands.payload.pixels[pixel]
                .word_select(byte, 8)
                .eq(Mux(outside[byte], settings.padding, value))
            )

    def _weights(self, m: Module) -> None:
        settings: Any = self.settings
        weight = Signal(self._word)
        m.d.sync += weight.eq(self.step.payload.weight)
        pixels = self.operands.payload.pixels
        for index in range(FILTERS):
            byte = pixels[index // 4].word_select(index % 4, 8)
            # Entry 128 + value: the sign bit is flipped.
            entry = Cat(byte[:7], ~byte[7])
            m.d.comb += self.filters[index].eq(Mux(settings.elementwise, entry, weight))
            own = self.filter_words[index].word_select(index % 4, 8)
            shared = self.filter_words[index // 4 * 4].word_select(index % 4, 8)
            for lane in range(4):
                if lane == index % 4:
                    chosen = Mux(
                        settings.constant,
                        settings.weight,
                        Mux(settings.channelwise, shared, own),
                    )
                else:
                    chosen = Mux(
                        settings.channelwise, 0, self.filter_words[index].word_select(lane, 8)
                    )
                m.d.sync += self.operands.payload.filters[index].word_select(lane, 8).eq(chosen)
