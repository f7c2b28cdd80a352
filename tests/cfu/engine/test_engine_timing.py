"""The model of the engine's time: loads, the port, and random layers on the Verilated engine."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.cfu.design import Design
from cfuforge.cfu.designs.engine.commands import Kind, Load, unpacked
from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.timing.pieces import cost_of_load
from cfuforge.cfu.designs.engine.timing.port import Port
from cfuforge.sw.command_trace import trace_commands
from cfuforge.sw.kernels import KernelSet
from support.engine_clock import EngineClock
from support.examples import examples
from support.large_layers import KINDS, large_layer
from support.random_models import Case

ARENA = 1 << 24
SMALLER = [
    "engine:filters=4,pixels=2,requantisers=1,interval=2,packing=1,activations=4096,words=512",
    "engine:width=4,filters=2,pixels=3,requantisers=2,activations=2048,words=256,records=32",
]
CONFIGURATIONS = [
    "engine",
    "engine:width=4",
    *(pytest.param(spec, marks=pytest.mark.more) for spec in SMALLER),
]


def load(**fields: int) -> Any:
    usual = {**vars(unpacked(Load, 0)), "kind": Kind.ACTIVATIONS.value, "count": 1, "rows": 1}
    return SimpleNamespace(**{**usual, **fields})


@pytest.mark.parametrize(
    ("width", "fields", "beats", "placing"),
    [
        (8, {"length": 16}, 2, 2),
        (8, {"length": 16, "source": 3}, 3, 3),  # its first word needs two beats
        (8, {"length": 16, "place": 3}, 2, 3),  # its last beat fills two words
        (8, {"length": 2, "source": 7, "place": 7}, 2, 2),
        (4, {"length": 16}, 4, 4),
        (8, {"length": 3, "count": 4, "step": 3, "place_step": 4}, 5, 5),
        (8, {"length": 16, "rows": 3, "row_step": 5, "row_place": 16}, 8, 8),
    ],
)
def test_cost_of_a_load(width: int, fields: dict[str, int], beats: int, placing: int) -> None:
    cost = cost_of_load(load(**fields), 0, Configuration(width=width))
    assert (cost.beats, cost.placing) == (beats, placing)


def test_writes_go_first() -> None:
    port = Port()
    port.write(10, 20, 5)
    port.write(20, 30, 10)
    assert port.read(0, 10) == 10
    assert port.read(10, 5) == 20  # every other cycle is a write
    assert port.read(20, 7) == 37  # each of ten cycles is one
    assert port.read(40, 3) == 43


@pytest.fixture(scope="module", params=CONFIGURATIONS)
def engine(request: pytest.FixtureRequest) -> Iterator[tuple[Design, EngineClock]]:
    design = Design.load(request.param)
    try:
        yield design, EngineClock(design)
    except EnvironmentLacksError as error:
        pytest.skip(str(error))


def hold(engine: tuple[Design, EngineClock], case: Case, most: float, least: int) -> bool:
    """Check that a layer takes the time that is predicted; return whether there is one."""
    design, clock = engine
    trace = trace_commands(case.model, KernelSet.of(design), ARENA)
    assert design.predictor is not None
    found = design.predictor(trace.commands[0], trace.read, latency=1)
    (measured,) = clock(case)
    assert (measured > 0) == (found is not None)
    if found and measured >= least:
        assert found.cycles == pytest.approx(measured, rel=most), (case, found)
    return found is not None


@pytest.mark.more
@pytest.mark.parametrize("kind", KINDS)
def test_random_layers(engine: tuple[Design, EngineClock], kind: str) -> None:
    computed = []

    @examples(12)
    @given(seed=st.integers(0, (1 << 32) - 1))
    def check(seed: int) -> None:
        computed.append(hold(engine, large_layer(kind, seed), 0.15, 1000))

    check()
    assert any(computed)


@pytest.mark.parametrize("kind", KINDS)
def test_one_layer_of_each_kind(engine: tuple[Design, EngineClock], kind: str) -> None:
    hold(engine, large_layer(kind, 3), 0.1, 500)
