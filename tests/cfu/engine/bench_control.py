"""cocotb: control: commands come in order, and each waits for what it needs."""

from __future__ import annotations

import random
from collections import deque
from typing import Any

import cocotb
from engine_units import SIZES
from units_in_cocotb import run, units

from cfuforge.cfu.designs.engine.commands import (
    BEATS,
    Load,
    Operation,
    Run,
    Settings,
    Turn,
    Walk,
    unpacked,
)
from cfuforge.cfu.designs.engine.loader import FETCH
from support.cocotb_context import rng_of

LAYOUTS = {Operation.LOAD: Load, Operation.RUN: Run, Operation.SET: Settings}
PROGRAMS = 4
COMMANDS = 60


class Program:
    """Random commands, and what the units must be given for them.

    Members
    -------
    beats : list of int
        The commands as they lie in memory.
    loads, walks, turns : list of int
        What each load, and each run, is handed out as.
    needs : list of int
        The number of loads before each run.
    settings : list of int
        Each run's.
    """

    def __init__(self, rng: random.Random, width: int) -> None:
        self.loads: list[int] = []
        self.walks: list[int] = []
        self.turns: list[int] = []
        self.needs: list[int] = []
        self.settings: list[int] = []
        text, settings = bytearray(), 0
        choices = rng.choices([*LAYOUTS], weights=[3, 3, rng.choice([0.2, 2])], k=COMMANDS)
        for operation in (Operation.SET, *choices):
            bits = rng.getrandbits(64 * BEATS[operation]) & ~3 | operation.value
            text += bits.to_bytes(8 * BEATS[operation], "little")
            if operation == Operation.LOAD:
                self.loads.append(bits)
            elif operation == Operation.SET:
                settings = bits
            else:
                self.walks.append(self._part(Walk, bits))
                self.turns.append(self._part(Turn, bits))
                self.needs.append(len(self.loads))
                self.settings.append(settings)
        text += bytes(8)
        parts = range(0, len(text), width)
        self.beats = [int.from_bytes(text[at : at + width], "little") for at in parts]

    @staticmethod
    def _part(layout: Any, bits: int) -> int:
        fields = unpacked(Run, bits)
        part = layout.const({name: getattr(fields, name) for name in layout.members})
        return int(part.as_value().value)


def bits_of(payload: Any) -> int:
    return int(payload.as_value().value)


async def carry_out(ctx: Any, unit: Any, program: Program, rng: random.Random, gap: float) -> None:
    """Be the other units until the program has ended."""
    coming: deque[int] = deque()  # beats that have been asked for
    asked = loads = loaded = walks = turns = ended = 0
    now = quiet = 0
    room = fetches = gives = False
    ctx.set(unit.start, 1)
    ctx.set(unit.idle, 1)
    await ctx.tick()
    ctx.set(unit.start, 0)
    running = True
    while running:
        busy = 0 if now // 50 % 2 else gap
        fetches = room and not fetches and asked < len(program.beats) and rng.random() >= busy
        if fetches:
            coming.extend(program.beats[asked : asked + FETCH])
            asked += FETCH
        ctx.set(unit.fetching, fetches)
        gives = bool(coming) and not fetches and rng.random() >= busy
        ctx.set(unit.beat.valid, gives)
        if gives:
            ctx.set(unit.beat.payload, coming.popleft())
        loads_one = loaded < loads and rng.random() < 0.1
        ends_one = ended < turns and rng.random() < 0.1
        idle = ended == turns and now >= quiet
        ctx.set(unit.loaded, loads_one)
        ctx.set(unit.run_ended, ends_one)
        ctx.set(unit.idle, idle)
        takes = [rng.random() >= busy for _ in range(2)]
        begins = ended == turns and rng.random() >= busy  # the sequencer has one run at a time
        ctx.set(unit.load.ready, takes[0])
        ctx.set(unit.walk.ready, takes[1])
        ctx.set(unit.run.ready, begins)
        (
            *_,
            room,
            running,
            waits,
            count,
            settings,
            gives_load,
            load,
            gives_walk,
            walk,
            gives_run,
            turn,
        ) = await ctx.tick().sample(
            unit.room,
            unit.running,
            unit.waits,
            unit.ended,
            unit.settings,
            unit.load.valid,
            unit.load.payload,
            unit.walk.valid,
            unit.walk.payload,
            unit.run.valid,
            unit.run.payload,
        )
        assert count == ended
        if gives_run:
            assert not waits
            assert loaded >= program.needs[turns], "a run comes before its data"
        # Settings stay from when a run is first seen until it has ended.
        seen = {walks} if gives_walk else set()
        seen |= {turns} if gives_run else {turns - 1} if ended < turns else set()
        for number in seen:
            assert bits_of(settings) == program.settings[number]
        if gives_load and takes[0]:
            assert bits_of(load) == program.loads[loads]
            loads += 1
        if gives_walk and takes[1]:
            assert bits_of(walk) == program.walks[walks]
            walks += 1
        if gives_run and begins:
            assert bits_of(turn) == program.turns[turns]
            turns += 1
        loaded += loads_one
        ended += ends_one
        if ends_one:
            quiet = now + rng.randrange(20)
        now += 1
    assert idle, "a program ends before its outputs are written"
    assert loads == loaded == len(program.loads)
    assert walks == turns == ended == len(program.turns)


@cocotb.test()
@cocotb.parametrize(size=list(SIZES), gap=[0.0, 0.5])
async def programs(dut: Any, size: str, gap: float) -> None:
    rng, c, unit = rng_of("control"), SIZES[size], units()[f"{size}_control"]

    async def bench(ctx: Any) -> None:
        for _ in range(PROGRAMS):
            await carry_out(ctx, unit, Program(rng, c.width), rng, gap)

    await run(dut, unit, bench)
