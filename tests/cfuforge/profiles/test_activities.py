"""What a CFU does by itself, in a profile: it adds up with the CPU's view, and costs no cycle."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from cfuforge import Design, Profile, SimTarget, board, profile, simulate
from cfuforge.base.errors import InputError
from cfuforge.cli.terminal import PlainConsole
from cfuforge.profiles.table import print_profile, profile_html
from cfuforge.sim.account.account import account
from cfuforge.sim.account.counting import Cause
from support.documents import valid
from support.graph import Quantisation, Tensor, one_operator

SLOW_PORTS = Path(__file__).with_name("slow_ports.py")
SLOW_MODEL = f"{SLOW_PORTS}:first={{first}},last={{last}}"
MORE = pytest.mark.more
DEPTHWISE, CONV, FULLY_CONNECTED = 1, 2, 11
TITLE = "the CFU by itself"


@pytest.fixture(scope="module")
def engine(kws_profile: Callable[[str], Profile]) -> Profile:
    return kws_profile("engine")


def test_counting_costs_no_cycle(engine: Profile) -> None:
    run = simulate(cfu="engine").cfu
    assert run
    assert engine.cycles == run.cycles


def test_each_cycle_has_one_activity(engine: Profile) -> None:
    for layer in valid(engine.to_json())["layers"]:
        did = {name: each["cycles"] for name, each in layer["activities"].items()}
        waited = sum(each["waited"] for each in layer["activities"].values())
        assert sum(did.values()) == layer["cycles"]
        assert waited == layer["causes"][Cause.CFU_BUSY]
        assert (did["idle"] < layer["cycles"]) == layer["kernel"].startswith("engine/")
        assert did["computing"] >= layer["macs"] / 128


@pytest.mark.parametrize(
    ("cfu", "layer", "named"),
    [
        (str(SLOW_PORTS), CONV, "waiting for the port"),
        pytest.param(str(SLOW_PORTS), DEPTHWISE, "waiting for the port", marks=MORE),
        pytest.param(SLOW_MODEL, FULLY_CONNECTED, "waiting for weights", marks=MORE),
        pytest.param(
            "engine:requantisers=1", DEPTHWISE, "waiting for the requantisers", marks=MORE
        ),
    ],
)
def test_a_fault_is_named_first(engine: Profile, cfu: str, layer: int, named: str) -> None:
    (model,) = (
        part
        for region in engine.document["memory"]["regions"]
        for part in region["parts"]
        if part["name"] == "model"
    )
    bad_cfu = cfu.format(first=model["begin"], last=model["begin"] + model["bytes"])
    good, bad = (each.document["layers"][layer] for each in (engine, profiled(bad_cfu)))
    before, after = (
        {name: a["waited"] for name, a in one["activities"].items()} for one in (good, bad)
    )
    lost = bad["cycles"] - good["cycles"]
    assert lost > good["cycles"] / 4
    assert named == max(
        (name for name in after if name != "computing"), key=lambda name: after[name]
    )
    # A slow port takes the request in the eighth cycle: that one waits for what is asked for.
    assert after[named] - before[named] == pytest.approx(lost, rel=1 / 8)
    first = bad["advice"][0]
    assert first["rule"] == "cfu_waits"
    assert named in first["text"]


@cache
def profiled(cfu: str) -> Profile:
    return profile(cfu=cfu)


NAMELESS = """
from amaranth.hdl import Signal
from cfuforge.cfu import Cfu, Instruction

class Nameless(Cfu):
    instructions = (Instruction("go", funct3=0, reference=lambda state: None),)
    activities = ("idle", "computing")

    def hardware(self, m, ports):
        activity = Signal(3)
        m.d.sync += activity.eq(activity + ports["go"].taken + 1)
        ports["go"].answer(m)
"""


def test_an_activity_without_a_name_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "nameless.py").write_text(NAMELESS)
    design = Design.load(str(tmp_path / "nameless.py"))
    places = [Tensor((1, 16), Quantisation((scale,), 0)) for scale in (0.1, 0.07, 0.2)]
    model = one_operator("ADD", places[:2], [places[2]])
    values = [np.ones((1, 16), np.int8)] * 2
    with pytest.raises(InputError, match=r"'activity' of .*nameless.* is 7, but .* only 2: name"):
        account(SimTarget(design, board("sim")), model, values)


def test_another_design_does_nothing_by_itself(kws_profile: Callable[[str], Profile]) -> None:
    found = kws_profile("simd_mac")
    assert all(layer["activities"] == {} for layer in found.document["layers"])
    assert TITLE not in printed(found)


@pytest.mark.parametrize("width", [80, 100, 200])
def test_the_table_has_each_layer_that_counts(engine: Profile, width: int) -> None:
    table = printed(engine, width).partition(TITLE)[2].partition("the costliest")[0]
    rows = [line.split() for line in table.splitlines() if line.startswith(" ")]
    numbers = [int(row[0]) for row in rows if row and row[0].isdigit()]
    layers = engine.document["layers"]
    assert numbers == [each["index"] for each in layers if each["kernel"].startswith("engine/")]
    assert TITLE in profile_html(engine)


def printed(found: Profile, width: int = 100) -> str:
    file = io.StringIO()
    print_profile(found, PlainConsole(file=file, width=width))
    return file.getvalue()
