"""Stores and fetch: what is read where, unaligned words, and what lies outside of the input."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring

from cfuforge.cfu.designs.engine.commands import Kind
from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.fetch import Fetch
from cfuforge.cfu.designs.engine.reference_stores import Stores, placed
from cfuforge.cfu.designs.engine.stores import Activations, Filters, Records
from support.engine_programs import A35T, SMALL
from support.streams import receive, send, simulate

KINDS = [Kind.ACTIVATIONS, Kind.FILTERS, Kind.TAPS, Kind.TABLE, Kind.RECORDS]


class AllStores(wiring.Component):
    """The three stores, and `Fetch` before two of them."""

    def __init__(self, c: Configuration) -> None:
        super().__init__({})
        self.activations = Activations(c)
        self.filters, self.records = Filters(c), Records(c)
        self.fetch = Fetch(c)

    def elaborate(self, platform: Any) -> Module:
        """Connect `Fetch`."""
        m = Module()
        m.submodules += [self.activations, self.filters, self.records, self.fetch]
        m.d.comb += [
            self.activations.address.eq(self.fetch.activations),
            self.fetch.activation_words.eq(self.activations.word),
            self.filters.address.eq(self.fetch.filters),
            self.fetch.filter_words.eq(self.filters.word),
        ]
        return m

    @property
    def units(self) -> list[Any]:
        return [self.activations, self.filters, self.records]


async def fill(
    ctx: Any,
    units: list[Any],
    stores: Stores,
    rng: random.Random,
    count: int,
    c: Configuration,
    far: float = 0,
) -> None:
    """Write `count` pieces to the units and to `stores`, most near their begin."""
    for _ in range(count):
        kind, place = rng.choice(KINDS), rng.getrandbits(16)
        banks, data = rng.getrandbits(8), rng.randbytes(rng.randint(1, 40))
        if rng.random() >= far:
            place %= 512
        stores.place(kind, place, banks, data)
        granules, rows = placed(place, data, c.width)
        _, inside = placed(place, b"\1" * len(data), c.width)
        for granule, row, used in zip(granules, rows, inside, strict=True):
            write = {
                "kind": kind,
                "banks": banks,
                "granule": int(granule) % (0x10000 // c.width),
                "data": int.from_bytes(row.tobytes(), "little"),
                "bytes": sum(int(bit) << i for i, bit in enumerate(used)),
            }
            for unit in units:
                ctx.set(unit.write.payload, write)
                ctx.set(unit.write.valid, 1)
            await ctx.tick()
            for unit in units:
                ctx.set(unit.write.valid, 0)
    await ctx.tick()  # the last one is on its way


@pytest.mark.parametrize("c", [A35T, SMALL], ids=["a35t", "small"])
def test_stores(c: Configuration, seed: int) -> None:
    rng = random.Random(seed)
    stores = Stores(c)
    activations, filters, records = Activations(c), Filters(c), Records(c)

    class Apart(wiring.Component):
        def __init__(self) -> None:
            super().__init__({})

        def elaborate(self, platform: Any) -> Module:
            m = Module()
            m.submodules += [activations, filters, records]
            return m

    def near(size: int, spread: int) -> int:
        return rng.randrange(rng.choice([size, spread]))

    async def bench(ctx: Any) -> None:
        for _ in range(100):
            await fill(ctx, [activations, filters, records], stores, rng, 3, c, far=0.5)
            for _ in range(4):
                places = [near(c.activations, 512) for _ in range(c.pixels)]
                words = [near(c.words, 128) for _ in range(c.banks)]
                group = near(c.records // c.requantisers, 16)
                ctx.set(activations.address, places)
                ctx.set(filters.address, words)
                ctx.set(records.address, group)
                await ctx.tick()
                aligned = stores.activations(np.array(places) & -4).astype(np.uint8)
                for pixel in range(c.pixels):
                    found = ctx.get(activations.word)[pixel]
                    assert found.to_bytes(8, "little") == aligned[pixel].tobytes()
                for bank, word in enumerate(words):
                    right = stores.filters(np.array([word]))[bank, 0].astype(np.int8)
                    assert ctx.get(filters.word)[bank].to_bytes(4, "little") == right.tobytes()
                expected = stores.records(c.requantisers * group + np.arange(c.requantisers))
                for channel in range(c.requantisers):
                    record = ctx.get(records.record)[channel]
                    assert record.bias == expected.bias[channel]
                    assert record.multiplier == expected.multiplier[channel]
                    assert record.shift == expected.shift[channel]

    simulate(Apart(), bench)


def operands_of(
    stores: Stores, step: dict[str, Any], s: dict[str, int], c: Configuration
) -> tuple[list[list[int]], list[list[int]]]:
    """Return eight bytes of each pixel, four of each filter."""
    pixels = []
    for window in step["windows"]:
        at = window["position"] + step["offset"]
        read = stores.activations(np.array([at]))[0]
        across, row = window["left"] + step["across"], window["top"] + step["down"]
        inside = 0 <= row < s["height"]
        pixels.append(
            [
                int(read[i]) if inside and 0 <= across + i < s["row_bytes"] else s["padding"]
                for i in range(8)
            ]
        )
    blocks = max(1, 4 // c.filters) if s["channelwise"] else 1  # whose weights are in a word
    place, part = divmod(step["weight"], blocks)
    banks = stores.filters(np.array([place]))[:, 0].tolist()
    filters = []
    for k in range(c.filters):
        weights = banks[k]
        if s["channelwise"]:
            weight = banks[k // 4 * 4][part * c.filters % 4 + k % 4]
            weights = [weight * (lane == k % 4) for lane in range(4)]
        if s["constant"]:
            weights[k % 4] = s["weight"]
        filters.append(weights)
    return pixels, filters


@pytest.mark.parametrize("c", [A35T, SMALL], ids=["a35t", "small"])
def test_fetch(c: Configuration, seed: int) -> None:
    rng = random.Random(seed)
    for channelwise, constant in ((0, 0), (1, 0), (1, 1), (0, 1)):
        settings = {
            "channelwise": channelwise,
            "constant": constant,
            "padding": rng.randint(-128, 127),
            "weight": rng.randint(-127, 127),
            "row_bytes": rng.choice([rng.randint(1, 12), rng.randint(1, 0xFFFF)]),
            "height": rng.choice([rng.randint(1, 4), rng.randint(1, 0xFFFF)]),
        }
        edges = [-9, -4, -1, 0, 1, settings["row_bytes"] - 8, settings["row_bytes"]]

        def window(edges: list[int] = edges, height: int = settings["height"]) -> dict[str, int]:
            left = rng.choice([*edges, rng.randint(-20, 20)]) + rng.randint(-8, 8)
            top = rng.choice([-1, 0, height - 1, height, rng.randint(-4, 4)])
            wide = 1 << 15
            return {
                "position": rng.randrange(512),
                "left": max(-wide, min(wide - 1, left)),
                "top": max(-wide, min(wide - 1, top)),
            }

        steps = [
            {
                "windows": [window() for _ in range(c.pixels)],
                "offset": rng.choice([0, 1, 2, 3, rng.getrandbits(16)]),
                "across": rng.choice([0, 4, rng.getrandbits(16)]),
                "down": rng.choice([0, 1, rng.getrandbits(16)]),
                "weight": rng.choice([rng.randrange(128), rng.getrandbits(16)]),
                "first": rng.getrandbits(1),
                "last": rng.getrandbits(1),
                "written": rng.getrandbits(1),
            }
            for _ in range(200)
        ]
        top, stores, found = AllStores(c), Stores(c), []

        async def bench(
            ctx: Any,
            top: AllStores = top,
            stores: Stores = stores,
            found: list[Any] = found,
            settings: dict[str, int] = settings,
            steps: list[dict[str, Any]] = steps,
        ) -> None:
            ctx.set(top.fetch.settings, settings)
            await fill(ctx, top.units, stores, rng, 80, c)
            await send(top.fetch.step, steps, rng)(ctx)

        simulate(top, bench, receive(top.fetch.operands, found, len(steps), rng))
        for step, got in zip(steps, found, strict=True):
            pixels, filters = operands_of(stores, step, settings, c)
            used = c.reach if channelwise else 4
            for pixel, right in zip(got.pixels, pixels, strict=True):
                values = np.frombuffer(pixel.to_bytes(c.reach, "little"), np.int8).tolist()
                assert values[:used] == right[:used]
            for words, right in zip(got.filters, filters, strict=False):
                assert np.frombuffer(words.to_bytes(4, "little"), np.int8).tolist() == right
            assert (got.first, got.last, got.written) == tuple(
                step[name] for name in ("first", "last", "written")
            )
