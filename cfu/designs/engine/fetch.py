"""Read what a step multiplies: the bytes of pixels, the words of filters."""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from cfuforge.cfu.designs.engine.commands import Settings
from cfuforge.cfu.designs.engine.configuration import LANES, Configuration
from cfuforge.cfu.designs.engine.sequencer import step_of
from cfuforge.cfu.units.pipeline import delay

__all__ = ["Fetch", "operands_of"]


def operands_of(configuration: Configuration) -> data.StructLayout:
    """Return the layout of what is read for a step."""
    return data.StructLayout(
        {
            # a pixel's four bytes; with more than four filters, four more
            "pixels": data.ArrayLayout(8 * configuration.reach, configuration.pixels),
            "filters": data.ArrayLayout(32, configuration.banks),
            "first": 1,
            "last": 1,
            "written": 1,
        }
    )


class Fetch(wiring.Component):
    """Read the stores for each step; bytes outside of the input become `settings.padding`.

    Members
    -------
    step : ``In(stream(step_of(configuration), always_ready))``
        What to read.
    settings : ``In(Settings)``
        The layer's.
    activations, activation_words : ``Out``, ``In``
        To and from `Activations`.
    filters, filter_words : ``Out``, ``In``
        To and from `Filters`.
    operands : ``Out(stream(operands_of(configuration), always_ready))``
        What was read. Of an elementwise layer, pixels 0 and 1 are its inputs, and the filters'
        words come `TABLES` cycles later: the tables' values for those bytes.

    Timing
    ------
    Latency `LATENCY` cycles, one step a cycle. What was read goes into a register before anything
    else: block RAMs are late.
    """

    LATENCY = 5
    TABLES = 3

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        pixels, banks = configuration.pixels, configuration.banks
        self._position = ceil_log2(configuration.activations)  # bits of the addresses
        self._word = ceil_log2(configuration.words)
        super().__init__(
            {
                "step": In(stream.Signature(step_of(configuration), always_ready=True)),
                "settings": In(Settings),
                "activations": Out(data.ArrayLayout(self._position, pixels)),
                "activation_words": In(data.ArrayLayout(64, pixels)),
                "filters": Out(data.ArrayLayout(self._word, banks)),
                "filter_words": In(data.ArrayLayout(32, banks)),
                "operands": Out(stream.Signature(operands_of(configuration), always_ready=True)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build five stages: addresses, memories, their words, alignment, selection."""
        m = Module()
        step: Any = self.step.payload
        flags = Cat(self.step.valid, step.first, step.last, step.written)
        operands: Any = self.operands.payload
        out = Cat(self.operands.valid, operands.first, operands.last, operands.written)
        m.d.comb += out.eq(delay(m, flags, 4, self.LATENCY, "flags")[-1])
        for pixel in range(self._configuration.pixels):
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

        # How far the row's begin and end are from the first byte, and then what is beyond them.
        reach = self._configuration.reach
        bits = ceil_log2(reach)
        above = down[-1] | (down.as_signed() >= settings.height)
        begun = across[-1]  # the first byte lies before the row
        near = across[bits:].all()  # by at most `reach` bytes
        room = settings.row_bytes - across.as_signed()  # bytes up to the row's end
        few, none = (room > 0) & (room < reach), room <= 0
        edges = Cat(above, begun, near, few, none, across[:bits], room[:bits])
        late = delay(m, edges, len(edges), 1, f"edges_{pixel}")[-1]
        above, begun, near, few, none = late[:5]
        first, count = late[5 : 5 + bits], late[5 + bits :]
        every = Const(-1, unsigned(reach))
        before = Signal(reach, name=f"before_{pixel}")
        behind = Signal(reach, name=f"behind_{pixel}")
        outside = Signal(reach, name=f"outside_{pixel}")
        read = Signal(64, name=f"read_{pixel}")
        m.d.sync += [
            before.eq(Mux(begun, Mux(near, every >> first, every), 0)),
            behind.eq(Mux(above | none, every, Mux(few, every << count, 0))),
            outside.eq(before | behind),
            read.eq(self.activation_words[pixel]),
        ]
        shift = delay(m, address[:2], 2, 2, f"shift_{pixel}")[-1]
        for byte in range(reach):
            aligned = Signal(8, name=f"aligned_{pixel}_{byte}")
            at = (byte + shift) << 3 if byte < LANES else byte << 3
            m.d.sync += [
                aligned.eq(read.bit_select(at, 8)),
                self.operands.payload.pixels[pixel]
                .word_select(byte, 8)
                .eq(Mux(outside[byte], settings.padding, aligned)),
            ]

    def _weights(self, m: Module) -> None:
        settings: Any = self.settings
        step: Any = self.step.payload
        shared = max(1, LANES // self._configuration.filters)  # blocks whose weights are in a word
        bits = ceil_log2(shared)
        word = Mux(settings.channelwise, step.weight[bits:], step.weight)[: self._word]
        weight = delay(m, word, self._word, 2, "weight")[-1]
        part = delay(m, step.weight[:bits], bits, 4, "part")[-1]
        read = Signal.like(self.filter_words)
        m.d.sync += read.eq(self.filter_words)
        pixels = self.operands.payload.pixels
        half = self._configuration.banks // 2
        for index in range(self._configuration.banks):
            byte = pixels[index // half].word_select(index % half, 8)
            # Entry 128 + value: the sign bit is flipped.
            entry = Cat(byte[:7], ~byte[7])
            m.d.comb += self.filters[index].eq(Mux(settings.elementwise, entry, weight))
            own = read[index].word_select(index % 4, 8)
            word = read[index // LANES * LANES]
            channel = Cat(Const(index % LANES, ceil_log2(LANES) - bits), part)
            taken = word.word_select(channel, 8)
            for lane in range(LANES):
                if lane == index % 4:
                    chosen = Mux(
                        settings.constant,
                        settings.weight,
                        Mux(settings.channelwise, taken, own),
                    )
                else:
                    chosen = Mux(settings.channelwise, 0, read[index].word_select(lane, 8))
                m.d.sync += self.operands.payload.filters[index].word_select(lane, 8).eq(chosen)
