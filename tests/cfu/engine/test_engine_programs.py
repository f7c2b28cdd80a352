"""Random programs on the whole Verilated engine, with random stalls, against the reference."""

from __future__ import annotations

import random
from dataclasses import asdict
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfuforge.base.errors import EnvironmentLacksError, InputError
from cfuforge.cfu.commands import Command
from cfuforge.cfu.design import Design
from cfuforge.cfu.designs.engine import Engine
from cfuforge.cfu.designs.engine.commands import Kind, Load, Run, Settings
from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.reference import EngineReference
from cfuforge.cfu.port_memory import PortMemory
from cfuforge.sim.cfu_model import CfuModel
from cfuforge.sim.hardware_test import first_wrong_answer
from support.engine_programs import A35T, SMALL, Author, call, encoded, filling, random_memory
from support.examples import examples

SMALLEST = ",".join(f"{name}={value}" for name, value in asdict(SMALL).items() if name != "lean")
DESIGNS = [
    "engine",
    "engine:target=up5k",
    *(
        pytest.param(spec, marks=pytest.mark.more)
        for spec in (
            f"engine:{SMALLEST}",
            "engine:filters=2,pixels=2,requantisers=1,packing=1,words=256",
            "engine:width=4,requantisers=2,interval=2",
        )
    ),
]
LAYERS = 60  # for one filling of the stores
MANY = 10_000


@cache
def verilog(spec: str) -> Path:
    return Design.load(spec).verilog_file()


def configuration_of(spec: str) -> Configuration:
    found = Design.load(spec).cfu()
    assert isinstance(found, Engine)
    return found.configuration


def carry_out(
    commands: list[Command], memory: PortMemory, seed: int | None, spec: str = "engine"
) -> list[int]:
    """Give the commands to the hardware, with stalls if there is a seed; return its answers."""
    width = Design.load(spec).memory_width
    try:
        model = CfuModel(verilog(spec), memory_width=width, memory=memory.data)
    except EnvironmentLacksError as error:
        pytest.skip(str(error))
    return model.run_until_silent(commands, seed)


def differences(memory: PortMemory, expected: PortMemory) -> list[str]:
    pairs = enumerate(zip(memory.data, expected.data, strict=True))
    return [f"{at:#x}: {got:#x}, not {right:#x}" for at, (got, right) in pairs if got != right]


def check(seed: int, spec: str) -> int:
    """Carry programs out, compare the whole memory, and return the number of layers."""
    rng = random.Random(seed)
    configuration = configuration_of(spec)
    author = Author(rng, random_memory(rng, configuration), configuration)
    author.add(rng.randrange(3), fill=True)
    while author.layers < LAYERS and not author.full():
        author.add(rng.randint(1, 6))
    expected = author.expected()
    stalls = None if seed % 4 == 0 else seed
    answers = carry_out(author.commands, author.memory, stalls, spec)
    assert answers == [0] * len(author.commands)
    assert differences(author.memory, expected)[:4] == []
    return author.layers


@pytest.mark.parametrize("spec", DESIGNS)
@examples(12)
@given(seed=st.integers(0, (1 << 32) - 1))
def test_random_programs(seed: int, spec: str) -> None:
    check(seed, spec)


@pytest.mark.long
@pytest.mark.parametrize("spec", DESIGNS)
def test_many_random_programs(seed: int, spec: str) -> None:
    layers = 0
    for number in count(seed):
        layers += check(number, spec)
        if layers >= MANY:
            break


RUN = {"first": 1, "last": 1}
LAYER = {
    "high": 127,
    "rows": 1,
    "columns": 1,
    "width": 100,
    "row_bytes": 8000,
    "height": 100,
    "low": -128,
}


@pytest.mark.parametrize("channels", [4, 8, 16, 64])
@pytest.mark.parametrize("pixels", [1, 4])
def test_records_stay_until_the_drain_has_read_them(channels: int, pixels: int) -> None:
    shape = {"pixels": pixels, "channels": channels, "words": 1}
    fill = filling(A35T)
    sources = {Kind.ACTIVATIONS: 0xD000, Kind.FILTERS: 0x8000, Kind.RECORDS: 0xC000}
    program = b"".join(
        [
            *(encoded(Load, **fill[kind], source=source) for kind, source in sources.items()),
            encoded(Settings, **LAYER, pitch=channels, group_weights=1, pixel_step=4),
            encoded(Run, **RUN, **shape, output=0x4000),
            # the records of its last four channels, as soon as it has ended
            encoded(
                Load, kind=Kind.RECORDS, source=0xC800, length=32, place=8 * channels - 32,
                count=1, rows=1, after=1,
            ),
            encoded(Run, **RUN, **shape, output=0x5000),
            bytes(8),
        ]
    )  # fmt: skip
    memory, expected = random_memory(random.Random(5)), PortMemory()
    memory.write(0, program)
    expected.data[:] = memory.data
    beats = len(program) // 8
    EngineReference(A35T).execute(expected, [0] * 4, 0, beats)
    carry_out([call("start", 0, 0, beats), call("wait")], memory, None)
    first, second = (expected.read(at, channels) for at in (0x4000, 0x5000))
    assert first[-4:] != second[-4:]
    assert differences(memory, expected)[:4] == []


def test_the_instructions_references(seed: int) -> None:
    rng = random.Random(seed)
    author = Author(rng, random_memory(rng))
    author.add(6, fill=True)
    author.commands += [call("count", 0), call("wait")]
    reference = Engine().reference()
    reference.state.memory.data[:] = author.memory.data
    expected = reference.run(author.commands)
    answers = carry_out(author.commands, author.memory, seed)
    assert answers[-2] > expected[-2] == 0
    assert first_wrong_answer(Engine(), author.commands[-2:], answers[-2:]) is None
    assert first_wrong_answer(Engine(), author.commands[-2:], [0, 1]) == 1
    assert first_wrong_answer(Engine(), author.commands[-2:], []) == 0
    assert differences(author.memory, reference.state.memory)[:4] == []


def test_a_program_without_an_end() -> None:
    memory = PortMemory()
    memory.write(64, encoded(Settings, **LAYER))
    with pytest.raises(InputError, match="program at 0x40 must end with END within 6 beats"):
        EngineReference(A35T).execute(memory, [0] * 4, 64, 6)
