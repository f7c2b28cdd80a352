"""Multiply four bytes of each pixel by those of each filter, and sum the products."""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.designs.engine.commands import Settings
from cfuforge.cfu.designs.engine.configuration import LANES, Configuration
from cfuforge.cfu.designs.engine.fetch import operands_of
from cfuforge.cfu.units.pipeline import delay

__all__ = ["SUM", "Array", "sums_of"]

SUM = signed(27)
VALUE = signed(18)  # the sum of four products; a maximum of these is taken
LOW = 17  # bits of the lower of two sums that share a multiplier
HALF = 1 << LOW - 1


def sums_of(configuration: Configuration) -> data.ArrayLayout:
    """Return the layout of a block's sums, pixel by pixel."""
    return data.ArrayLayout(data.ArrayLayout(SUM, configuration.filters), configuration.pixels)


class Array(wiring.Component):
    """Sum products over the steps of a block, four for each pixel and filter in a cycle.

    Four multipliers in a chain add their products up. When packed, a multiplier computes two at
    once, ``(w1 * 2**17 + w0) * x``. That is exact unless `w1` is -128 and `w0` negative, or all
    four `w0` of a chain are -128.

    Members
    -------
    operands : ``In(stream(operands_of(configuration), always_ready))``
        A step's bytes. When `settings.channelwise`, filters from 4 on take a pixel's second four.
    settings : ``In(Settings)``
        The layer's.
    sums : ``Out(stream(sums_of(configuration), always_ready))``
        The sums of a block, 27 bits that wrap. Pixel p's come p cycles after ``valid``, and stay
        until the next block's.

    Timing
    ------
    Latency `LATENCY` cycles, one step a cycle. The weights pass from pixel to pixel, a cycle each:
    the multipliers are too far apart for one register to reach those of all pixels.
    """

    LATENCY = LANES + 4

    def __init__(self, configuration: Configuration) -> None:
        self._configuration, self._sums = configuration, sums_of(configuration)
        super().__init__(
            {
                "operands": In(stream.Signature(operands_of(configuration), always_ready=True)),
                "settings": In(Settings),
                "sums": Out(stream.Signature(self._sums, always_ready=True)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build chains of multipliers, accumulators, and the register of complete sums."""
        m = Module()
        operands: Any = self.operands.payload
        maximum, valid = self.settings.maximum, self.operands.valid
        flags: Any = Cat(
            operands.first | maximum,
            valid & (operands.first | ~maximum),
            valid & maximum,
            valid & operands.last & operands.written,
        )
        begin = LANES + 2  # when the first pixel's products have been added up
        late_flags = delay(m, flags, 4, begin + self._configuration.pixels - 1, "flags")[begin:]
        completes = delay(m, Cat(each[-1] for each in late_flags), len(late_flags), 1, "completes")

        filters, packing = self._configuration.filters, self._configuration.packing
        weights = [self._weights(m, first, packing) for first in range(0, filters, packing)]
        pixels = [
            [self._bytes(m, p, half) for half in range(-(-filters // LANES))]
            for p in range(self._configuration.pixels)
        ]
        sums: Any = Signal(self._sums)
        m.d.comb += self.sums.payload.eq(sums)
        m.d.sync += self.sums.valid.eq(completes[-1][0])
        for number, chain in enumerate(weights):
            for p in range(self._configuration.pixels):
                f = number * packing
                own = [lane[p] for lane in chain]
                total = self._chain(m, own, pixels[p][f // LANES], f"{number}_{p}")
                values = [total]
                if packing == 2:
                    low = Cat(total[: LOW - 1], ~total[LOW - 1]).as_signed()
                    values = [low, total[LOW:].as_signed()]
                for i, value in enumerate(values, f):
                    total = self._accumulate(m, value, late_flags[p], f"{i}_{p}")
                    with m.If(completes[-1][p]):
                        m.d.sync += sums[p][i].eq(total)
        return m

    def _weights(self, m: Module, first: int, count: int) -> list[Any]:
        """Return one or two filters' weights, packed: of each lane, for each pixel.

        Lane k is late by k cycles, pixel p by p more.
        """
        filters = self.operands.payload.filters
        shape = signed(25 if count == 2 else 8)
        weights = []
        for lane in range(LANES):
            low, *rest = (filters[first + i].word_select(lane, 8).as_signed() for i in range(count))
            both = Signal(shape, name=f"weights_{first // count}_{lane}")
            m.d.sync += both.eq(low)
            for high in rest:
                m.d.sync += both.eq(Cat(low, low[-1].replicate(LOW - 8), (high - low[-1])[:8]))
            cycles = lane + self._configuration.pixels - 1
            weights.append(delay(m, both, shape, cycles, both.name)[lane:])
        return weights

    def _bytes(self, m: Module, pixel: int, half: int) -> list[Any]:
        """Return a pixel's byte for each lane, likewise; `half` of the filters multiply them."""
        word: Any = self.operands.payload.pixels[pixel]
        settings: Any = self.settings
        late = []
        for lane in range(LANES):
            value = word.word_select(lane, 8)
            if half:
                value = Mux(settings.channelwise, word.word_select(LANES + lane, 8), value)
            byte = Signal(signed(8), name=f"byte_{pixel}_{half}_{lane}")
            m.d.sync += byte.eq(value)
            late.append(delay(m, byte, signed(8), lane + pixel, byte.name)[-1])
        return late

    def _chain(self, m: Module, weights: Any, pixel: Any, name: str) -> Any:
        """Return the sum of four products, `LANES` + 1 cycles after lane 0's operands.

        Of two sums, the lower one has `HALF` added: so it takes nothing from the higher one.
        """
        total: Any = Const(HALF if self._configuration.packing == 2 else 0)
        for lane in range(LANES):
            bits = 33 if self._configuration.packing == 2 else 16
            product = Signal(signed(bits), name=f"product_{name}_{lane}")
            summed = Signal(signed(bits + 3), name=f"total_{name}_{lane}")
            m.d.sync += [product.eq(weights[lane] * pixel[lane]), summed.eq(total + product)]
            total = summed
        return total

    def _accumulate(self, m: Module, value: Any, flags: Any, name: str) -> Any:
        """Return the sum of the values so far, or the largest."""
        alone, adds, compares, _ = flags
        total = Signal(SUM, name=f"sum_{name}")
        difference = Signal(VALUE.width + 1, name=f"difference_{name}")
        m.d.comb += difference.eq(total[: VALUE.width].as_signed() - value)
        with m.If(adds | (compares & difference[-1])):
            m.d.sync += total.eq(Mux(alone, 0, total) + value)
        return total
