"""The writer with random stalls: the memory's content, and that no other byte is touched."""

from __future__ import annotations

import random
from typing import Any

import pytest

from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.writer import Writer
from support.engine_programs import A35T, SMALL
from support.streams import send, simulate

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


@pytest.mark.parametrize("stall", [0.0, 0.5])
@pytest.mark.parametrize("c", [A35T, SMALL], ids=["a35t", "small"])
def test_writer(stall: float, c: Configuration, seed: int) -> None:
    rng = random.Random(seed)
    words, base = random_words(rng, c.requantisers), rng.getrandbits(32)
    expected = {
        (base + word["offset"] + i) % (1 << 32): word["bytes"] >> 8 * i & 0xFF
        for word in words
        for i in range(word["count"])
    }
    assert len(expected) == sum(word["count"] for word in words)
    found: dict[int, int] = {}
    unit = Writer(c)

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

    simulate(unit, take, send(unit.word, words, rng, gap=stall))
    assert found == expected


def test_one_word_a_cycle(seed: int) -> None:
    """Words that follow each other are taken as they come, at any alignment."""
    start = random.Random(seed).randrange(8)
    words = [{"offset": start + 4 * i, "count": 4, "bytes": i} for i in range(200)]
    unit = Writer(A35T)
    cycles = 0

    async def count(ctx: Any) -> None:
        nonlocal cycles
        ctx.set(unit.beat.ready, 1)
        taken = 0
        while taken < len(words):
            *_, valid, ready = await ctx.tick().sample(unit.word.valid, unit.word.ready)
            cycles += 1
            taken += bool(valid and ready)

    simulate(unit, count, send(unit.word, words, random.Random(seed), gap=0))
    assert cycles <= len(words) + 4
