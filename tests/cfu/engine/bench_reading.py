"""cocotb: stores and fetch: what is read where, unaligned words, what lies outside the input."""

from __future__ import annotations

import random
from typing import Any

import cocotb
import numpy as np
from engine_units import SIZES
from units_in_cocotb import run, units

from cfuforge.cfu.designs.engine.commands import Kind
from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.reference_stores import Stores, placed
from support.cocotb_context import rng_of
from support.streams import receive, send

KINDS = [Kind.ACTIVATIONS, Kind.FILTERS, Kind.TAPS, Kind.TABLE, Kind.RECORDS]


async def write(
    ctx: Any,
    unit: Any,
    stores: Stores,
    c: Configuration,
    kind: Kind,
    place: int,
    banks: int,
    data: bytes,
) -> None:
    """Write a piece to the unit and to `stores`."""
    stores.place(kind, place, banks, data)
    granules, rows = placed(place, data, c.width)
    _, inside = placed(place, b"\1" * len(data), c.width)
    for granule, row, used in zip(granules, rows, inside, strict=True):
        word = {
            "kind": kind,
            "banks": banks,
            "granule": int(granule) % (0x10000 // c.width),
            "data": int.from_bytes(row.tobytes(), "little"),
            "bytes": sum(int(bit) << i for i, bit in enumerate(used)),
        }
        ctx.set(unit.write.payload, word)
        ctx.set(unit.write.valid, 1)
        await ctx.tick()
        ctx.set(unit.write.valid, 0)


async def fill(ctx: Any, unit: Any, stores: Stores, rng: random.Random, c: Configuration) -> None:
    """Write all of each store."""
    sizes = ((Kind.ACTIVATIONS, c.activations), (Kind.FILTERS, 4 * c.words))
    for kind, size in (*sizes, (Kind.RECORDS, 8 * c.records)):
        await write(ctx, unit, stores, c, kind, 0, 0xFF, rng.randbytes(size))


async def change(
    ctx: Any,
    unit: Any,
    stores: Stores,
    rng: random.Random,
    c: Configuration,
    count: int,
    far: float = 0,
) -> None:
    """Write `count` pieces, most near the stores' begin."""
    for _ in range(count):
        kind, place = rng.choice(KINDS), rng.getrandbits(16)
        banks, data = rng.getrandbits(8), rng.randbytes(rng.randint(1, 40))
        if rng.random() >= far:
            place %= 512
        await write(ctx, unit, stores, c, kind, place, banks, data)
    await ctx.tick()  # the last one is on its way


@cocotb.test()
@cocotb.parametrize(size=list(SIZES))
async def memories(dut: Any, size: str) -> None:
    rng, c, unit = rng_of("memories"), SIZES[size], units()[f"{size}_memories"]
    stores = Stores(c)

    def near(size: int, spread: int) -> int:
        return rng.randrange(rng.choice([size, spread]))

    async def bench(ctx: Any) -> None:
        await fill(ctx, unit, stores, rng, c)
        for _ in range(100):
            await change(ctx, unit, stores, rng, c, 3, far=0.5)
            for _ in range(4):
                places = [near(c.activations, 512) for _ in range(c.pixels)]
                words = [near(c.words, 128) for _ in range(c.banks)]
                group = near(c.records // c.requantisers, 16)
                ctx.set(unit.activations, places)
                ctx.set(unit.filters, words)
                ctx.set(unit.record_address, group)
                await ctx.tick()
                aligned = stores.activations(np.array(places) & -4).astype(np.uint8)
                for pixel in range(c.pixels):
                    found = ctx.get(unit.activation_words)[pixel]
                    assert found.to_bytes(8, "little") == aligned[pixel].tobytes()
                for bank, word in enumerate(words):
                    right = stores.filters(np.array([word]))[bank, 0].astype(np.int8)
                    assert ctx.get(unit.filter_words)[bank].to_bytes(4, "little") == right.tobytes()
                expected = stores.records(c.requantisers * group + np.arange(c.requantisers))
                for channel in range(c.requantisers):
                    record = ctx.get(unit.records)[channel]
                    assert record.bias == expected.bias[channel]
                    assert record.multiplier == expected.multiplier[channel]
                    assert record.shift == expected.shift[channel]

    await run(dut, unit, bench)


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


@cocotb.test()
@cocotb.parametrize(size=list(SIZES))
async def fetch(dut: Any, size: str) -> None:
    rng, c, unit = rng_of("fetch"), SIZES[size], units()[f"{size}_reading"]
    stores = Stores(c)
    await run(dut, unit, lambda ctx: fill(ctx, unit, stores, rng, c))
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
        found: list[Any] = []

        async def bench(
            ctx: Any, settings: dict[str, int] = settings, steps: list[dict[str, Any]] = steps
        ) -> None:
            ctx.set(unit.settings, settings)
            await change(ctx, unit, stores, rng, c, 80)
            await send(unit.step, steps, rng)(ctx)

        await run(dut, unit, bench, receive(unit.operands, found, len(steps), rng))
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
