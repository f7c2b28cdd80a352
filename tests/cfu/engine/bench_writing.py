"""cocotb: the writer with random stalls: what is in memory, and that no other byte is touched."""

from __future__ import annotations

import random
from typing import Any

import cocotb
from engine_units import SIZES
from units_in_cocotb import run, units

from support.cocotb_context import rng_of
from support.streams import send

WORDS = 400


def random_words(rng: random.Random, most: int) -> list[dict[str, int]]:
    """Return words in rising order with gaps, with some jumps back to where nothing is yet."""
    words, offset = [], rng.randrange(64)
    for i in range(WORDS):
        if i % 50 == 49:
            offset = 0x1000 * (i + 1) // 50 + rng.randrange(64)
        count = rng.choice([most, most, rng.randint(1, most)])
        words.append({"offset": offset, "count": count, "bytes": rng.getrandbits(8 * most)})
        offset += count + rng.choice([0, 0, 0, 1, rng.randrange(20)])
    parts = [words[i : i + 50] for i in range(0, WORDS, 50)]
    rng.shuffle(parts)
    return [word for part in parts for word in part]


@cocotb.test()
@cocotb.parametrize(size=list(SIZES), stall=[0.0, 0.5])
async def writer(dut: Any, size: str, stall: float) -> None:
    rng, c, unit = rng_of("writer"), SIZES[size], units()[f"{size}_writer"]
    words, base = random_words(rng, c.requantisers), rng.getrandbits(32)
    expected = {
        (base + word["offset"] + i) % (1 << 32): word["bytes"] >> 8 * i & 0xFF
        for word in words
        for i in range(word["count"])
    }
    assert len(expected) == sum(word["count"] for word in words)
    found: dict[int, int] = {}

    async def take(ctx: Any) -> None:
        ctx.set(unit.base, base)
        left = 50  # cycles without a beat before the writer is asked to flush
        busy = 1
        while busy or left:
            ctx.set(unit.beat.ready, rng.random() >= stall)
            *_, valid, ready, beat, busy, given = await ctx.tick().sample(
                unit.beat.valid, unit.beat.ready, unit.beat.payload, unit.busy, unit.word.valid
            )
            left = 50 if given else max(0, left - 1)
            ctx.set(unit.flush, left == 0 or rng.random() < 0.02)
            if valid and ready:
                assert beat.address % c.width == 0
                for i in range(c.width):
                    if beat.strobe >> i & 1:
                        at = beat.address + i
                        assert at not in found, "a byte is written twice"
                        found[at] = beat.data >> 8 * i & 0xFF

    await run(dut, unit, take, send(unit.word, words, rng, gap=stall))
    assert found == expected


@cocotb.test()
async def one_word_a_cycle(dut: Any) -> None:
    """Words that follow each other are taken as they come, at any alignment."""
    rng, unit = rng_of("one word a cycle"), units()["a35t_writer"]
    start = rng.randrange(8)
    words = [{"offset": start + 4 * i, "count": 4, "bytes": i} for i in range(200)]
    cycles = 0

    async def count(ctx: Any) -> None:
        nonlocal cycles
        ctx.set(unit.beat.ready, 1)
        taken = 0
        while taken < len(words):
            *_, valid, ready = await ctx.tick().sample(unit.word.valid, unit.word.ready)
            cycles += 1
            taken += bool(valid and ready)

    await run(dut, unit, count, send(unit.word, words, rng, gap=0))
    assert cycles <= len(words) + 4
