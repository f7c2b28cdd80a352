"""cocotb: array and drain: packed products, sums that wrap, and where the bytes go."""

from __future__ import annotations

import random
from typing import Any

import cocotb
import numpy as np
from engine_units import SIZES
from numpy.typing import NDArray
from units_in_cocotb import run, units

from cfuforge.cfu.units.requantise import Requantise
from support.cocotb_context import rng_of
from support.streams import receive, send

BLOCKS = 30


def wrapped(values: NDArray[Any], bits: int) -> NDArray[Any]:
    half = 1 << bits - 1
    return (values + half) % (2 * half) - half


def word(values: list[int]) -> int:
    return int.from_bytes(np.array(values, np.int8).tobytes(), "little")


def random_bytes(rng: random.Random, corners: list[int], count: int) -> list[int]:
    """Return bytes, most of them corners, sometimes all the same one."""
    if rng.random() < 0.2:
        return [rng.choice(corners)] * count
    low = min(corners)
    return [rng.choice([*corners, rng.randint(low, 127)]) for _ in range(count)]


def receive_pixels(unit: Any, found: list[Any], pixels: int, count: int) -> Any:
    """Return a testbench that takes `count` blocks' sums, each pixel's a cycle after the last."""

    async def bench(ctx: Any) -> None:
        now, quiet = 0, 0
        begun: list[int] = []  # when each block's first sums came
        while len(found) < count or quiet < 100:
            *_, valid, sums = await ctx.tick().sample(unit.sums.valid, unit.sums.payload)
            quiet = 0 if valid else quiet + 1
            if valid:
                begun.append(now)
                found.append([])
            for at, block in zip(begun[-pixels:], found[-pixels:], strict=True):
                if len(block) == now - at < pixels:
                    block.append([int(each) for each in sums[now - at]])
            now += 1

    return bench


@cocotb.test()
@cocotb.parametrize(size=list(SIZES), mode=["dense", "channelwise", "maximum"])
async def array(dut: Any, size: str, mode: str) -> None:
    rng, c, unit = rng_of(f"array {mode}"), SIZES[size], units()[f"{size}_array"]
    settings = {"channelwise": mode != "dense", "maximum": mode == "maximum"}
    steps: list[dict[str, Any]] = []
    expected = []
    total = np.zeros((c.pixels, c.filters), np.int64)
    least = -127 if c.packing == 2 else -128
    for _ in range(BLOCKS):
        size, starts, written = (
            rng.randint(1, 6),
            rng.random() < 0.9 or not steps,
            rng.random() < 0.9,
        )
        for i in range(size):
            x = np.array(
                [random_bytes(rng, [-128, -127, -1, 0, 1, 127], 8) for _ in range(c.pixels)]
            )
            w = np.array([random_bytes(rng, [least, -1, 0, 1, 127], 4) for _ in range(c.filters)])
            steps.append(
                {
                    "pixels": [word(each.tolist()[: c.reach]) for each in x],
                    "filters": [word(each.tolist()) for each in w],
                    "first": int(i == 0 and starts),
                    "last": int(i == size - 1),
                    "written": int(written),
                }
            )
            low, high = x[:, :4], x[:, 4:] if settings["channelwise"] else x[:, :4]
            products = np.concatenate([low @ w[:4].T, high @ w[4:].T], axis=1)
            if steps[-1]["first"]:
                total = products
            elif settings["maximum"]:
                total = np.maximum(total, products)
            else:
                total = wrapped(total + products, 27)
        if written:
            expected.append(total.tolist())
    found: list[Any] = []

    async def constant(ctx: Any) -> None:
        ctx.set(unit.settings, settings)

    await run(
        dut,
        unit,
        constant,
        send(unit.operands, steps, rng),
        receive_pixels(unit, found, c.pixels, len(expected)),
    )
    assert found == expected


@cocotb.test()
async def sums_of_27_bits_wrap(dut: Any) -> None:
    """1,100 of the largest products, of both signs."""
    x = [[-128] * 8, [127] * 8, [-128] * 8, [1] * 8]
    w = [[127] * 4, [-127] * 4, [127] * 4, [127] * 4, [-127] * 4, [-127] * 4, [0] * 4, [1] * 4]
    count = 1100
    steps = [
        {
            "pixels": [word(each) for each in x],
            "filters": [word(each) for each in w],
            "first": int(i == 0),
            "last": int(i == count - 1),
            "written": 1,
        }
        for i in range(count)
    ]
    unit, found = units()["a35t_array"], []
    give = send(unit.operands, steps, rng_of("sums"), gap=0)
    await run(dut, unit, give, receive_pixels(unit, found, 4, 1))
    products = count * np.array(x)[:, :4] @ np.array(w).T
    assert np.abs(products).max() >= 1 << 26
    assert found == [wrapped(products, 27).tolist()]


@cocotb.test()
@cocotb.parametrize(size=list(SIZES), elementwise=[False, True])
async def drain(dut: Any, size: str, elementwise: bool) -> None:
    rng, c, unit = rng_of("drain"), SIZES[size], units()[f"{size}_drain"]
    records = [
        {
            "bias": rng.randint(-1 << 26, (1 << 26) - 1) >> rng.choice([0, 12]),
            "multiplier": rng.randrange(1 << 30, 1 << 31),
            "shift": rng.choice([rng.randint(-14, -4), rng.randint(-24, 1)]),
        }
        for _ in range(c.records)
    ]
    settings = {
        "elementwise": int(elementwise),
        "single": rng.getrandbits(1),
        "pitch": rng.randint(8, 100),
        "offset": rng.randint(-200, 200),
        "low": -100,
        "high": 120,
    }
    blocks: list[dict[str, int]] = []
    values: list[NDArray[Any]] = []
    expected: list[tuple[int, int, int]] = []
    for _ in range(100):
        block = {
            "output": rng.getrandbits(32),
            "record": rng.randrange(c.records // c.requantisers),
            "pixels": 1 if elementwise else rng.randint(1, c.pixels),
            "channels": rng.randint(1, c.elements if elementwise else c.filters),
        }
        bits = 32 if elementwise else rng.choice([27, 14])
        shape = (2, c.banks // 2) if elementwise else (c.pixels, c.filters)
        flat = [rng.randint(-1 << bits - 1, (1 << bits - 1) - 1) for _ in range(8 * shape[0])]
        sums = np.array(flat[: shape[0] * shape[1]]).reshape(shape)
        blocks.append(block)
        values.append(sums)
        for pixel in range(block["pixels"]):
            for part in range(0, block["channels"], c.requantisers):
                result = []
                for k in range(min(c.requantisers, block["channels"] - part)):
                    channel = c.requantisers * block["record"] + part + k
                    record = records[channel % c.records]
                    if elementwise:
                        total = sums[0, k] + (0 if settings["single"] else sums[1, k])
                        total = int(wrapped(np.array(total), 32))
                    else:
                        total = int(sums[pixel, part + k]) + record["bias"]
                    scale = (record["multiplier"], record["shift"], settings["offset"])
                    result.append(
                        Requantise.compute(total, *scale, settings["low"], settings["high"])
                    )
                count = min(c.requantisers, block["channels"] - part)
                offset = (block["output"] + pixel * settings["pitch"] + part) % (1 << 32)
                expected.append((offset, count, word(result) & (1 << 8 * count) - 1))
    found: list[Any] = []

    async def constant(ctx: Any) -> None:
        ctx.set(unit.settings, settings)

    async def give(ctx: Any) -> None:
        """Announce each block, and give its sums some cycles later, as often as they are taken."""
        for block, sums in zip(blocks, values, strict=True):
            ctx.set(unit.block.payload, block)
            ctx.set(unit.block.valid, 1)
            await ctx.tick()
            ctx.set(unit.block.valid, 0)
            for _ in range(rng.randint(2, 11)):
                await ctx.tick()
            if elementwise:
                ctx.set(unit.tables, [int(each) & 0xFFFF_FFFF for each in sums.ravel()])
                ctx.set(unit.looked_up, 1)
            else:
                ctx.set(unit.sums.payload, sums.tolist())
                ctx.set(unit.sums.valid, 1)
            await ctx.tick()
            ctx.set(unit.looked_up, 0)
            ctx.set(unit.sums.valid, 0)
            for _ in range(
                c.interval * block["pixels"] * -(-block["channels"] // c.requantisers) - 1
            ):
                await ctx.tick()

    async def remember(ctx: Any) -> None:
        """Answer as `Records` does, one cycle later."""
        while len(found) < len(expected):
            *_, group = await ctx.tick().sample(unit.record_address)
            ctx.set(unit.records, records[c.requantisers * group :][: c.requantisers])

    taken = receive(unit.output, found, len(expected), rng)
    await run(dut, unit, constant, give, remember, taken)
    got = [(o.offset, o.count, o.bytes & (1 << 8 * o.count) - 1) for o in found]
    assert got == expected
