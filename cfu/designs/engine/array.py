"""Multiply four bytes of four pixels by those of eight filters, and sum the products."""

from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.designs.engine.commands import Settings
from cfuforge.cfu.designs.engine.fetch import FILTERS, Operands
from cfuforge.cfu.designs.engine.walker import PIXELS
from cfuforge.cfu.units.pipeline import delay

__all__ = ["SUM", "Array", "Sums"]

SUM = signed(27)
LANES = 4
LOW = 17  # bits of the lower of two sums that share a multiplier

Sums = data.ArrayLayout(data.ArrayLayout(SUM, FILTERS), PIXELS)


class Array(wiring.Component):
    """Sum products over the steps of a block: 128 of them a cycle on 64 multipliers.

    A multiplier computes two products at once, ``(w1 * 2**17 + w0) * x``, and four in a chain add
    theirs up. That is exact unless a weight is -128.

    Members
    -------
    operands : ``In(stream(Operands, always_ready))``
        A step's bytes. When `settings.channelwise`, filters 4 to 7 take a pixel's second four.
    settings : ``In(Settings)``
        The layer's.
    sums : ``Out(stream(Sums, always_ready))``
        The sums of a block, 27 bits that wrap. They stay until the next block's.

    Timing
    ------
    Latency 7 cycles, one step a cycle.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "operands": In(stream.Signature(Operands, always_ready=True)),
                "settings": In(Settings),
                "sums": Out(stream.Signature(Sums, always_ready=True)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build chains of multipliers, accumulators, and the register of complete sums."""
        m = Module()
        operands: Any = self.operands.payload
        flags: Any = Cat(self.operands.valid, operands.first, operands.last & operands.written)
        valid, first, completes = delay(m, flags, 3, LANES + 2, "flags")[-1]

        pairs = [self._weights(m, pair) for pair in range(FILTERS // 2)]
        pixels = [[self._bytes(m, p, half) for half in range(2)] for p in range(PIXELS)]
        sums: Any = Signal(Sums)
        m.d.comb += self.sums.payload.eq(sums)
        m.d.sync += self.sums.valid.eq(valid & completes)
        for pair in range(FILTERS // 2):
            for p in range(PIXELS):
                total = self._chain(
                    m, pairs[pair], pixels[p][2 * pair // (FILTERS // 2)], f"{pair}_{p}"
                )
                low = total[:LOW].as_signed()
                high = total[LOW:].as_signed()
                for f, value in ((2 * pair, low), (2 * pair + 1, high + total[LOW - 1])):
                    self._accumulate(m, value, valid, first, completes, sums[p][f], f"{f}_{p}")
        return m

    def _weights(self, m: Module, pair: int) -> list[Any]:
        """Return two filters' weights of each lane, packed, lane k late by k cycles."""
        filters = self.operands.payload.filters
        weights = []
        for lane in range(LANES):
            low, high = (filters[2 * pair + i].word_select(lane, 8).as_signed() for i in range(2))
            both = Signal(signed(25), name=f"weights_{pair}_{lane}")
            m.d.sync += both.eq(Cat(low, low[-1].replicate(LOW - 8), (high - low[-1])[:8]))
            weights.append(delay(m, both, signed(25), lane, both.name)[-1])
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
            late.append(delay(m, byte, signed(8), lane, byte.name)[-1])
        return late

    def _chain(self, m: Module, weights: Any, pixel: Any, name: str) -> Any:
        """Return the sum of four products, `LANES` + 1 cycles after lane 0's operands."""
        total: Any = Const(0)
        for lane in range(LANES):
            product = Signal(signed(33), name=f"product_{name}_{lane}")
            summed = Signal(signed(36), name=f"total_{name}_{lane}")
            m.d.sync += [product.eq(weights[lane] * pixel[lane]), summed.eq(total + product)]
            total = summed
        return total

    def _accumulate(
        self, m: Module, value: Any, valid: Any, first: Any, completes: Any, out: Any, name: str
    ) -> None:
        settings: Any = self.settings
        total = Signal(SUM, name=f"sum_{name}")
        larger = value > total
        added = Mux(first, 0, total) + value
        largest = Mux(first | larger, value, total)
        result = Signal(SUM, name=f"result_{name}")
        m.d.comb += result.eq(Mux(settings.maximum, largest, added))
        with m.If(valid):
            m.d.sync += total.eq(result)
        with m.If(valid & completes):
            m.d.sync += out.eq(result)
