"""Testbenches for streams, with gaps before what is sent and stalls of what is received."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["receive", "send"]


def send(
    stream: Any, items: Iterable[Any], rng: random.Random, gap: float = 0.3
) -> Callable[[Any], Any]:
    """Return a testbench that sends `items`."""

    async def bench(ctx: Any) -> None:
        for item in items:
            while rng.random() < gap:
                await ctx.tick()
            ctx.set(stream.payload, item)
            ctx.set(stream.valid, 1)
            ready = False
            while not ready:
                *_, ready = await ctx.tick().sample(stream.ready)
            ctx.set(stream.valid, 0)

    return bench


def receive(
    stream: Any, found: list[Any], count: int, rng: random.Random, stall: float = 0.3
) -> Callable[[Any], Any]:
    """Return a testbench that takes `count` payloads into `found`, and waits for another one."""

    async def bench(ctx: Any) -> None:
        quiet = 0
        while len(found) < count or quiet < 100:
            if not stream.signature.always_ready:
                ctx.set(stream.ready, rng.random() >= stall)
            *_, valid, ready, payload = await ctx.tick().sample(
                stream.valid, stream.ready, stream.payload
            )
            quiet += 1
            if valid and ready:
                found.append(payload)
                quiet = 0

    return bench
