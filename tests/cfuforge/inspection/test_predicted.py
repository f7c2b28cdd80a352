"""Predicted cycles beside those of runs on the simulated SoC."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path

import pytest

from cfuforge import Design, Model, SimTarget, board, simulate
from cfuforge.cli.terminal import PlainConsole
from cfuforge.inspection.inspect import Inspection, inspect
from cfuforge.inspection.predicted import Prediction, predict
from cfuforge.inspection.table import inspection_html, print_inspection
from cfuforge.sw.command_trace import trace_commands
from cfuforge.sw.kernels import KernelSet
from support.documents import valid
from support.kernels import REAL_MODELS, real_model
from support.large_layers import KINDS, large_layer

SHARED = Path(__file__).parents[3] / ".." / "shared" / "models"


def predicted(model: Path | None, cfu: str) -> Prediction:
    (found,) = inspect(model, cfu, arena=False).predictions
    return found


def printed(found: Inspection) -> str:
    file = io.StringIO()
    print_inspection(found, PlainConsole(file=file, width=100))
    return file.getvalue()


@pytest.mark.parametrize(
    ("spec", "macs"),
    [("engine", 128), pytest.param("engine:target=up5k", 12, marks=pytest.mark.more)],
)
def test_the_sample(spec: str, macs: int) -> None:
    run = simulate(cfu=spec).cfu
    assert run
    found = predicted(None, spec)
    assert found.macs == macs
    for layer, ran in zip(found.layers, run.layers, strict=True):
        assert ran.cycles is not None
        assert layer.kernel == ran.kernel
        assert (layer.cycles is not None) == ran.kernel.startswith("engine/")
        if layer.cycles is None:
            continue
        assert layer.cycles == pytest.approx(ran.cycles, rel=0.1)
        assert layer.utilisation == pytest.approx(ran.macs / macs / layer.cycles)
        assert max(layer.busy.values()) <= layer.running < layer.cycles
        assert layer.moved["outputs"] > 0


@pytest.mark.more
@pytest.mark.parametrize("kind", KINDS)
def test_random_layers_on_the_lean_engine(kind: str) -> None:
    """A layer of each kind, on the simulated SoC: this engine does not count its cycles itself."""
    design, case = Design.load("engine:target=up5k"), large_layer(kind, 5)
    trace = trace_commands(case.model, KernelSet.of(design), 1 << 24)
    (layer,) = predict(case.model, design, board("sim"), trace).layers
    (ran,) = SimTarget(design, board("sim")).run(case.model, case.inputs).layers
    assert ran.cycles is not None
    if layer.cycles is None:
        assert not ran.kernel.startswith("engine/")
    else:
        assert layer.cycles == pytest.approx(ran.cycles, rel=0.15), (case, layer)


def test_what_is_moved() -> None:
    """Each layer writes its output once, and reads at least its input and its weights."""
    found = inspect(None, "engine", arena=False)
    (prediction,) = found.predictions
    for layer, operator in zip(prediction.layers, found.model.operators, strict=True):
        if layer.cycles is None:
            continue
        (output,), (input_, *constants) = operator.outputs, operator.inputs
        assert layer.moved["outputs"] == output.nbytes
        assert input_ is not None
        assert layer.moved["inputs"] >= input_.nbytes
        if constants and constants[0]:
            assert layer.moved["weights"] >= constants[0].nbytes


def test_shown(command, capsys, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "x.json"
    designs = ("--cfu", "engine", "--cfu", "simd_mac", "--cfu", "none", "--cfu", "engine:width=4")
    assert command("model", "inspect", "--no-arena", *designs, "--json", file) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 100
    assert "Predicted for engine on board sim, 128 MACs a cycle" in text
    assert "The CPU computes 2 others, or a part, not predicted: RESHAPE, SOFTMAX" in text
    assert "Not predicted: simd_mac:rows=4,folded=0 has no model of its time; cfuforge sim" in text
    wide, simd_mac, narrow = valid(file)["predictions"]
    assert simd_mac["layers"] == []
    assert simd_mac["lack"].startswith("simd_mac:rows=4,folded=0 has no model")
    slow, fast = (sum(each["cycles"] or 0 for each in p["layers"]) for p in (narrow, wide))
    assert fast < slow < 2 * fast
    bound = [{each["binds"] for each in p["layers"]} for p in (narrow, wide)]
    assert bound == [{"port", "CPU", ""}, {"array", "port", "CPU", ""}]


def test_what_is_not_predicted() -> None:
    assert "simd_mac:rows=1,folded=0 has no model" in predicted(None, "simd_mac:rows=1").lack
    (on_arty,) = inspect(None, "engine", "arty", arena=False).predictions
    assert on_arty.lack == "cycles are predicted for board sim, not for arty"
    assert not inspect(None, "none", arena=False).predictions


def test_in_a_notebook() -> None:
    found = inspect(None, ["engine", "simd_mac"], arena=False)
    assert "Predicted for engine on board sim" in inspection_html(found)
    assert "Not predicted" not in inspection_html(found)
    assert json.dumps(found.to_json())
    assert "Predicted for engine" in printed(found)


def shared_models() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not there: the real models are not part of the repository")
    return SHARED


def test_quickly() -> None:
    """The largest model takes a few seconds: the time is not that of a run."""
    path = shared_models() / "cfupg_mnv2_160_035_int8.tflite"
    predicted(path, "engine")
    began = time.process_time()
    predicted(path, "engine")
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        each if each[1] == "ad" else pytest.param(*each, marks=pytest.mark.long)
        for each in REAL_MODELS
    ],
)
@pytest.mark.parametrize(
    "spec",
    [
        "engine",
        *(
            pytest.param(spec, marks=pytest.mark.long)
            for spec in (
                "engine:width=4",
                "engine:filters=4,requantisers=1,interval=2,packing=1",
                "engine:target=up5k",
            )
        ),
    ],
)
def test_real_models(spec: str, name: str, inputs: str | None) -> None:
    """Each layer above 5,000 cycles takes what is predicted, within a tenth; so do all together."""
    model, array = real_model(shared_models(), name, inputs)
    run = SimTarget(Design.load(spec), board("sim")).run(model, [array])
    found = predicted(shared_models() / f"{name}.tflite", spec)
    assert isinstance(model, Model)
    total = 0
    for layer, ran in zip(found.layers, run.layers, strict=True):
        assert ran.cycles is not None
        if layer.cycles is None:
            assert not ran.kernel.startswith("engine/")
            continue
        total += ran.cycles
        if ran.cycles > 5000:
            assert layer.cycles == pytest.approx(ran.cycles, rel=0.1), layer
    assert found.cycles == pytest.approx(total, rel=0.1)
