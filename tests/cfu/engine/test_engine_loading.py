"""Loader and placer with random stalls: which bytes go where, in which order."""

from __future__ import annotations

import random
from collections import deque
from typing import Any

import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFOBuffered

from cfuforge.cfu.designs.engine.commands import Kind, Load, unpacked
from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.loader import AHEAD, FETCH, Loader, Piece
from cfuforge.cfu.designs.engine.placer import Placer
from cfuforge.cfu.designs.engine.reference_stores import pieces, placed
from cfuforge.cfu.port_memory import PortMemory
from support.engine_programs import A35T, SMALL
from support.streams import simulate

LOADS = 40


class Loading(wiring.Component):
    """Both units with the queues that `Engine` puts between them."""

    def __init__(self, c: Configuration) -> None:
        super().__init__({})
        self.loader, self.placer = Loader(c), Placer(c)
        self.beats = SyncFIFOBuffered(width=8 * c.width, depth=AHEAD)
        self.pieces = SyncFIFOBuffered(width=Piece.size, depth=16)

    def elaborate(self, platform: Any) -> Module:
        """Connect them."""
        m = Module()
        m.submodules += [self.loader, self.placer, self.beats, self.pieces]
        m.d.comb += [
            self.loader.consumed.eq(self.placer.beat.ready & self.placer.beat.valid),
            self.pieces.w_data.eq(self.loader.piece.payload),
            self.pieces.w_en.eq(self.loader.piece.valid),
            self.loader.piece.ready.eq(self.pieces.w_rdy),
            self.placer.piece.payload.as_value().eq(self.pieces.r_data),
            self.placer.piece.valid.eq(self.pieces.r_rdy),
            self.pieces.r_en.eq(self.placer.piece.ready),
            self.placer.beat.payload.eq(self.beats.r_data),
            self.placer.beat.valid.eq(self.beats.r_rdy),
            self.beats.r_en.eq(self.placer.beat.ready),
        ]
        return m


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


@pytest.mark.parametrize("stall", [0.0, 0.5])
@pytest.mark.parametrize("c", [A35T, SMALL], ids=["a35t", "small"])
def test_loads_and_commands(stall: float, c: Configuration, seed: int) -> None:
    rng = random.Random(seed)
    memory, top = PortMemory(), Loading(c)
    loader, placer = top.loader, top.placer
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
        room = 3 * FETCH  # of the command queue
        ctx.set(loader.bases, bases)
        ctx.set(loader.program, program)
        ctx.set(loader.beats, beats)
        while quiet < 400:
            calm = now // 50 % 2
            busy = 0 if calm else stall
            ctx.set(loader.start, now == 20)
            ctx.set(loader.ended, loaded)
            ctx.set(loader.room, room >= FETCH)
            if given < LOADS and not ctx.get(loader.load.valid) and rng.random() >= busy:
                ctx.set(loader.load.payload, loads[given])
                ctx.set(loader.load.valid, 1)
            ctx.set(loader.address.ready, rng.random() >= busy)
            answers = bool(responses) and responses[0][0] <= now
            ctx.set(top.beats.w_en, answers)
            if answers:
                assert ctx.get(top.beats.w_rdy), "more beats are asked for than there is room for"
                ctx.set(top.beats.w_data, responses.popleft()[1])
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
                loader.load.ready,
                loader.load.valid,
                loader.address.valid,
                loader.address.ready,
                loader.address.payload,
                placer.output.valid,
                placer.output.payload,
                placer.ended,
                loader.fetching,
                loader.consumed,
            )
            now += 1
            quiet += 1
            if taken and offered:
                assert loaded >= loads[given]["after"]
                ctx.set(loader.load.valid, 0)
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

    simulate(top, bench)
    assert writes == expected
    text = b"".join(each.to_bytes(c.width, "little") for each in commands)
    assert text == memory.read(program, 8 * beats)
    assert ended == LOADS
    assert fetched == -(-8 * beats // c.width // FETCH)


def test_one_beat_a_cycle(seed: int) -> None:
    """A long piece takes as many cycles as it has beats, and some more to begin."""
    rng = random.Random(seed)
    top = Loading(A35T)
    load = {
        **random_load(rng, 0),
        **{"kind": Kind.ACTIVATIONS, "length": 4000, "count": 1, "rows": 1},
    }

    async def bench(ctx: Any) -> None:
        ctx.set(top.loader.load.payload, load)
        ctx.set(top.loader.load.valid, 1)
        ctx.set(top.loader.address.ready, 1)
        cycles, asked = 0, False
        while not ctx.get(top.placer.ended):
            ctx.set(top.beats.w_en, asked)
            *_, asked, taken = await ctx.tick().sample(
                top.loader.address.valid, top.loader.load.ready
            )
            if taken:
                ctx.set(top.loader.load.valid, 0)
            cycles += 1
        assert 500 <= cycles <= 515

    simulate(top, bench)
