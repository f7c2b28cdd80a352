"""cocotb: walker and sequencer: which windows, and which steps in which order."""

from __future__ import annotations

import random
from typing import Any

import cocotb
from engine_units import ROOM, SIZES
from units_in_cocotb import run, units

from cfuforge.cfu.designs.engine.commands import Turn, Walk
from cfuforge.cfu.designs.engine.configuration import Configuration
from support.cocotb_context import rng_of
from support.streams import receive, send


def signed(value: int) -> int:
    return (value + 0x8000) % 0x10000 - 0x8000


def groups_of(run: dict[str, int], s: dict[str, int], c: Configuration) -> list[dict[str, Any]]:
    """Return a run's pixels in groups."""
    windows = []
    for i in range(run["pixels"]):
        line, column = divmod(i, s["width"])
        windows.append(
            {
                "position": (run["position"] + line * s["line_step"] + column * s["pixel_step"])
                % 0x10000,
                "left": signed(s["left"] + column * s["pixel_step"]),
                "top": signed(run["top"] + line * s["line_rows"]),
            }
        )
    return [
        {
            "windows": windows[i : i + c.pixels],
            "count": len(windows[i : i + c.pixels]),
            "output": (run["output"] + i * s["pitch"]) % (1 << 32),
            "last": int(i + c.pixels >= len(windows)),
        }
        for i in range(0, len(windows), c.pixels)
    ]


def random_run(rng: random.Random) -> dict[str, int]:
    return {
        "first": rng.getrandbits(1),
        "last": rng.getrandbits(1),
        "pixels": rng.randint(1, 11),
        "position": rng.getrandbits(16),
        "top": rng.randint(-20, 20),
        "output": rng.getrandbits(32),
        "weights": rng.getrandbits(16),
        "record": rng.getrandbits(8),
        "channels": rng.randint(1, 20),
        "words": rng.randint(1, 4),
    }


@cocotb.test()
@cocotb.parametrize(size=list(SIZES))
async def walker(dut: Any, size: str) -> None:
    rng, c, unit = rng_of("walker"), SIZES[size], units()[f"{size}_walker"]
    settings = {
        "width": rng.randint(1, 6),
        "line_rows": rng.choice([0, 2, 3]),
        "pixel_step": rng.getrandbits(16),
        "line_step": rng.getrandbits(16),
        "left": rng.randint(-300, 300),
        "pitch": rng.getrandbits(16),
    }
    runs = [random_run(rng) for _ in range(60)]
    expected = [group for run in runs for group in groups_of(run, settings, c)]
    found: list[Any] = []

    async def constant(ctx: Any) -> None:
        ctx.set(unit.settings, settings)

    await run(
        dut,
        unit,
        constant,
        send(unit.run, [{name: run[name] for name in Walk.members} for run in runs], rng),
        receive(unit.group, found, len(expected), rng),
    )
    assert [
        {
            "windows": [
                {"position": w.position, "left": w.left, "top": w.top}
                for w in (group.windows[i] for i in range(group.count))
            ],
            "count": group.count,
            "output": group.output,
            "last": group.last,
        }
        for group in found
    ] == expected


def steps_of(
    run: dict[str, int], s: dict[str, int], c: Configuration
) -> list[tuple[dict[str, Any], dict[str, int], tuple[int, ...] | None]]:
    """Return each step's group and fields, and the block that it completes."""
    found = []
    size = c.elements if s["elementwise"] else 4
    for group in groups_of(run, s, c):
        for block in range(1 if s["elementwise"] else -(-run["channels"] // c.filters)):
            sums = [
                (row, column, word)
                for row in range(s["rows"])
                for column in range(s["columns"])
                for word in range(run["words"])
            ]
            for number, (row, column, word) in enumerate(sums):
                ends = number == len(sums) - 1
                across = block * s["group_place"] + column * s["column_step"] + size * word
                weight = block * s["group_weights"] + number * s["weight_step"]
                written = bool(s["elementwise"] or (ends and run["last"]))
                step = {
                    "offset": (across + row * s["row_step"]) % 0x10000,
                    "across": across % 0x10000,
                    "down": row * s["row_reach"] % 0x10000,
                    "weight": (run["weights"] + weight) % 0x10000,
                    "first": int(number == 0 and run["first"]),
                    "last": int(ends or s["elementwise"]),
                    "written": int(written),
                }
                output = group["output"] + (
                    size * number if s["elementwise"] else c.filters * block
                )
                channels = min(c.filters, run["channels"] - c.filters * block)
                if s["elementwise"]:
                    channels = run["channels"] if ends else c.elements
                pixels = 1 if s["elementwise"] else group["count"]
                record = (run["record"] + c.parts * block) % 256
                completed = (output % (1 << 32), record, pixels, channels)
                found.append((group, step, completed if written else None))
    return found


@cocotb.test()
@cocotb.parametrize(size=list(SIZES), elementwise=[False, True])
async def sequencer(dut: Any, size: str, elementwise: bool) -> None:
    rng, c, unit = rng_of("sequencer"), SIZES[size], units()[f"{size}_sequencer"]
    settings = {
        "elementwise": int(elementwise),
        "rows": rng.randint(1, 3),
        "columns": rng.randint(1, 3),
        "row_step": rng.getrandbits(16),
        "column_step": rng.getrandbits(16),
        "row_reach": rng.randint(1, 3),
        "width": 3,
        "line_rows": 1,
        "pixel_step": 8,
        "line_step": 50,
        "left": -4,
        "pitch": 40,
        "weight_step": rng.getrandbits(16),
        "group_weights": rng.getrandbits(16),
        "group_place": rng.getrandbits(16),
    }
    runs = [random_run(rng) for _ in range(20)]
    runs[0] |= {"last": 1, "pixels": 11}
    if elementwise:
        runs = [
            run | {"pixels": 2, "channels": rng.randint(1, c.elements), "words": rng.randint(2, 5)}
            for run in runs
        ]
    expected = [each for run in runs for each in steps_of(run, settings, c)]
    ended = 0

    async def watch(ctx: Any) -> None:
        nonlocal ended
        waiting = 0  # words that have not left the output queue
        since, words, index = 100, 1, 0
        ctx.set(unit.settings, settings)
        idle_seen = waits_seen = False  # nothing is written before it has waited once
        while index < len(expected) or waiting:
            writes = waits_seen and waiting > 0 and rng.random() < 0.4
            ctx.set(unit.written, writes)
            *_, valid, step, completes, block, ends, idle, waits = await ctx.tick().sample(
                unit.step.valid,
                unit.step.payload,
                unit.block.valid,
                unit.block.payload,
                unit.ended,
                unit.idle,
                unit.waits,
            )
            assert bool(idle) == (waiting == 0)
            idle_seen |= bool(idle)
            waits_seen |= bool(waits)
            ended += ends
            since += 1
            if valid:
                group, right, completed = expected[index]
                index += 1
                assert {name: getattr(step, name) for name in right} == right
                for i, window in enumerate(group["windows"]):
                    found = step.windows[i]
                    assert (found.position, found.left, found.top) == tuple(window.values())
                assert bool(completes) == (completed is not None)
                if completed:
                    got = (block.output, block.record, block.pixels, block.channels)
                    assert got == completed
                    assert since >= words, "the drain still takes the sums before"
                    since, words = 0, block.pixels * -(-block.channels // c.requantisers)
                    waiting += words
                    words *= c.interval
                    assert waiting <= ROOM
            waiting -= writes
        await ctx.tick()
        assert idle_seen

    async def give(ctx: Any) -> None:
        for one in runs:
            ctx.set(unit.run.payload, {name: one[name] for name in Turn.members})
            ctx.set(unit.run.valid, 1)
            ready = False
            while not ready:
                *_, ready = await ctx.tick().sample(unit.run.ready)
            ctx.set(unit.run.valid, 0)
            while rng.random() < 0.3:
                await ctx.tick()

    groups = [
        group | {"windows": group["windows"] + [{}] * (c.pixels - group["count"])}
        for run in runs
        for group in groups_of(run, settings, c)
    ]
    await run(dut, unit, watch, give, send(unit.group, groups, rng))
    assert ended == len(runs)
