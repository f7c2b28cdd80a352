"""cocotb: loader and placer with random stalls: which bytes go where, in which order."""

from __future__ import annotations

import random
from collections import deque
from typing import Any

import cocotb
from engine_units import SIZES
from units_in_cocotb import run, units

from cfuforge.cfu.designs.engine.commands import Kind, Load, unpacked
from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.loader import AHEAD, FETCH
from cfuforge.cfu.designs.engine.reference_stores import pieces, placed
from cfuforge.cfu.port_memory import PortMemory
from support.cocotb_context import rng_of

LOADS = 40


def random_load(rng: random.Random, after: int) -> dict[str, int]:
    kind = rng.choice([Kind.ACTIVATIONS, Kind.FILTERS, Kind.TAPS, Kind.TABLE, Kind.RECORDS])
    return {
        "operation": 1,
        "kind": kind,
        "base": rng.randrange(4),
        "after": after,
        "banks": rng.getrandbits(8),
        "source": rng.getrandbits(32),
        "length": rng.randint(1, 40),
        "count": rng.choice([1, rng.randint(1, 5)]),
        "step": rng.choice([rng.randrange(100), rng.getrandbits(32)]),
        "place": rng.getrandbits(16),
        "place_step": rng.choice([rng.randrange(100), rng.getrandbits(16)]),
        "rows": rng.choice([1, rng.randint(1, 4), 19 if kind == Kind.FILTERS else 2]),
        "row_place": rng.getrandbits(16),
        "row_step": rng.getrandbits(32),
    }


def expected_of(
    load: Any, base: int, memory: PortMemory, c: Configuration
) -> list[tuple[int, ...]]:
    """Return kind, banks, granule, data and bytes of each write."""
    found = []
    for source, place, banks in pieces(load, base, c.filters):
        granules, rows = placed(place, memory.read(source, load.length), c.width)
        _, inside = placed(place, b"\1" * load.length, c.width)
        for granule, row, used in zip(granules, rows, inside, strict=True):
            data = int.from_bytes(row.tobytes(), "little")
            mask = sum(int(bit) << i for i, bit in enumerate(used))
            found.append((load.kind, banks, int(granule) % (0x10000 // c.width), data, mask))
    return found


@cocotb.test()
@cocotb.parametrize(size=list(SIZES), stall=[0.0, 0.5])
async def loads_and_commands(dut: Any, size: str, stall: float) -> None:
    rng, c, unit = rng_of("loads"), SIZES[size], units()[f"{size}_loading"]
    memory = PortMemory()
    bases = [0, *(rng.getrandbits(32) for _ in range(3))]
    program, beats = rng.getrandbits(16) & -8, rng.randint(1, 60)
    loads = [random_load(rng, i // 3) for i in range(LOADS)]
    expected = [
        each
        for load in loads
        for each in expected_of(
            unpacked(Load, int(Load.const(load).as_bits())), bases[load["base"]], memory, c
        )
    ]
    writes: list[tuple[int, ...]] = []
    commands: list[int] = []
    fetched = ended = 0
    most = LOADS // 3 + 1

    async def bench(ctx: Any) -> None:
        nonlocal fetched, ended
        responses: deque[tuple[int, int]] = deque()
        given = now = quiet = loaded = waiting = 0
        offers = False  # a load
        room = 3 * FETCH  # of the command queue
        ctx.set(unit.bases, bases)
        ctx.set(unit.program, program)
        ctx.set(unit.beats, beats)
        while quiet < 400:
            calm = now // 50 % 2
            busy = 0 if calm else stall
            ctx.set(unit.start, now == 20)
            ctx.set(unit.ended, loaded)
            ctx.set(unit.room, room >= FETCH)
            if given < LOADS and not offers and rng.random() >= busy:
                offers = True
                ctx.set(unit.load.payload, loads[given])
                ctx.set(unit.load.valid, 1)
            ctx.set(unit.address.ready, rng.random() >= busy)
            answers = bool(responses) and responses[0][0] <= now
            ctx.set(unit.response.valid, answers)
            if answers:
                assert ctx.get(unit.response.ready), (
                    "more beats are asked for than there is room for"
                )
                ctx.set(unit.response.payload, responses.popleft()[1])
            (
                *_,
                taken,
                offered,
                asked,
                ready,
                address,
                valid,
                write,
                end,
                fetching,
                used,
            ) = await ctx.tick().sample(
                unit.load.ready,
                unit.load.valid,
                unit.address.valid,
                unit.address.ready,
                unit.address.payload,
                unit.output.valid,
                unit.output.payload,
                unit.placed,
                unit.fetching,
                unit.consumed,
            )
            now += 1
            quiet += 1
            if taken and offered:
                assert loaded >= loads[given]["after"]
                ctx.set(unit.load.valid, 0)
                offers = False
                given += 1
            if asked and ready:
                quiet = 0
                assert address % c.width == 0
                data = int.from_bytes(memory.read(address, c.width), "little")
                latest = responses[-1][0] if responses else 0
                later = (
                    0 if calm else rng.choice([0, rng.randrange(20), 200 * (rng.random() < 0.1)])
                )
                responses.append((max(latest, now + later), data))
            waiting += bool(asked and ready) - used
            assert waiting <= AHEAD
            if fetching:
                room -= FETCH
                fetched += 1
            if valid:
                quiet = 0
                if Kind(write.kind) == Kind.COMMANDS:
                    commands.append(write.data)
                    room += 1
                else:
                    writes.append(
                        (
                            Kind(write.kind).value,
                            write.banks,
                            write.granule,
                            write.data,
                            write.bytes,
                        )
                    )
            ended += bool(end)
            if loaded < most and rng.random() < 0.02:
                loaded += 1
        assert given == LOADS

    await run(dut, unit, bench)
    assert writes == expected
    text = b"".join(each.to_bytes(c.width, "little") for each in commands)
    assert text == memory.read(program, 8 * beats)
    assert ended == LOADS
    assert fetched == -(-8 * beats // c.width // FETCH)


@cocotb.test()
async def one_beat_a_cycle(dut: Any) -> None:
    """A long piece takes as many cycles as it has beats, and some more to begin."""
    rng, unit = rng_of("one beat a cycle"), units()["a35t_loading"]
    load = {
        **random_load(rng, 0),
        **{"kind": Kind.ACTIVATIONS, "length": 4000, "count": 1, "rows": 1},
    }

    async def bench(ctx: Any) -> None:
        ctx.set(unit.load.payload, load)
        ctx.set(unit.load.valid, 1)
        ctx.set(unit.address.ready, 1)
        cycles, asked = 0, False
        while not ctx.get(unit.placed):
            ctx.set(unit.response.valid, asked)
            *_, asked, taken = await ctx.tick().sample(unit.address.valid, unit.load.ready)
            if taken:
                ctx.set(unit.load.valid, 0)
            cycles += 1
        assert 500 <= cycles <= 515

    await run(dut, unit, bench)
