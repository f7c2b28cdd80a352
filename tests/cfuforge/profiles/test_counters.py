"""What a CFU counts by itself, in a profile: it fits the CPU's view, and costs no cycle."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from cfuforge import Profile, simulate
from cfuforge.cli.terminal import PlainConsole
from cfuforge.profiles.table import print_profile, profile_html
from support.documents import valid

TITLE = "the CFU by itself"


@pytest.fixture(scope="module")
def engine(kws_profile: Callable[[str], Profile]) -> Profile:
    return kws_profile("engine")


def test_counting_costs_no_cycle(engine: Profile) -> None:
    run = simulate(cfu="engine").cfu
    assert run
    assert engine.cycles == run.cycles


def test_it_runs_while_the_cpu_waits(engine: Profile) -> None:
    for layer in valid(engine.to_json())["layers"]:
        counted, waited = layer["counters"], layer["cfu"].get("wait", {"busy": 0})["busy"]
        running, computing = counted["running"], counted["computing"]
        assert waited <= running <= layer["cycles"]
        assert (running > 0) == layer["kernel"].startswith("engine/")
        assert computing + counted["waiting for loads"] <= running
        assert computing >= layer["macs"] / 128


def test_another_design_counts_nothing(kws_profile: Callable[[str], Profile]) -> None:
    found = kws_profile("simd_mac")
    assert all(layer["counters"] == {} for layer in found.document["layers"])
    assert TITLE not in printed(found)


@pytest.mark.parametrize("width", [80, 100, 200])
def test_the_table_has_each_layer_that_counts(engine: Profile, width: int) -> None:
    table = printed(engine, width).partition(TITLE)[2].partition("the costliest")[0]
    rows = [line.split() for line in table.splitlines() if line.startswith(" ")]
    numbers = [int(row[0]) for row in rows if row and row[0].isdigit()]
    layers = engine.document["layers"]
    assert numbers == [each["index"] for each in layers if any(each["counters"].values())]
    assert TITLE in profile_html(engine)


def printed(found: Profile, width: int = 100) -> str:
    file = io.StringIO()
    print_profile(found, PlainConsole(file=file, width=width))
    return file.getvalue()
