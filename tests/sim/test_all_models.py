"""All real models on the simulated SoC, plain and with simd_mac, on every input that there is.

Takes half an hour: ``make test-models`` runs it, ``make test`` does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cfuforge import Design, Model, SimTarget, board
from cfuforge.sw.oracle import Oracle

SHARED = Path(__file__).resolve().parents[3] / "shared" / "models"
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not SHARED.is_dir(), reason="../shared/models, the real models, is not beside this checkout"
    ),
]


@dataclass(frozen=True)
class Case:
    """A model, its folder of real inputs, the most cycles it may take, plain and offloaded, and the
    most bytes of arena with plain kernels."""

    model: str
    inputs: str | None = None
    plain: float = float("inf")
    offloaded: float = float("inf")
    arena: float = float("inf")


CASES = [
    Case("mlperf_kws_dscnn_int8", "kws", 30e6, 6e6, 20_480),
    Case("mlperf_ad_fcae_int8", "ad", 3e6, 0.8e6, 2_200),
    Case("mlperf_vww_mnv1_025_96_int8", "vww", 95e6, 20e6, 77_824),
    Case("mlperf_ic_resnet8_int8", "ic", 125e6, 28e6, 54_272),
    Case("tflm_person_detect_int8", "person_detect", 95e6, 20e6, 74_000),
    Case("cfupg_mnv2_160_035_int8", "mnv2", 400e6, 110e6, 440_000),
    Case("mlperf_sww_1ddscnn_int8"),
    Case("tflm_micro_speech_int8"),
    Case("tflm_hello_world_int8"),
]
SEEDS = 7
MADE = ["all -128", "all 127", "all zero point", *(f"seed {seed}" for seed in range(SEEDS))]


def real_inputs(case: Case) -> list[str]:
    return sorted(p.stem for p in (SHARED / "inputs" / (case.inputs or "-")).glob("*.npy"))


def tensor(case: Case, name: str, model: Model) -> NDArray[np.int8]:
    """The input of this name: a file, or one made as the name says."""
    wanted = model.inputs[0]
    if name.startswith("seed"):
        rng = np.random.default_rng(int(name.split()[1]))
        return rng.integers(-128, 128, wanted.shape, dtype=np.int8)
    if name in MADE:
        value = wanted.zero_point if name == "all zero point" else int(name.split()[1])
        return np.full(wanted.shape, value, np.int8)
    array: NDArray[np.int8] = np.load(SHARED / "inputs" / str(case.inputs) / f"{name}.npy")
    return array.reshape(wanted.shape)


RUNS = [
    pytest.param(case, design, name, id=f"{case.model}-{design}-{name}")
    for case in CASES
    for design in ("none", "simd_mac")
    for name in [*real_inputs(case), *MADE]
]


@pytest.mark.parametrize(("case", "design", "name"), RUNS)
def test_run(
    case: Case, design: str, name: str, record_property: Callable[[str, object], None]
) -> None:
    model = Model.read(SHARED / f"{case.model}.tflite")
    array = tensor(case, name, model)
    run = SimTarget(Design.load(design), board("sim")).run(model, [array])
    assert run.outputs == tuple(tuple(o.ravel().tolist()) for o in Oracle(model)(array))
    record_property("cycles", (case.model, design, run.cycles))
    assert run.cycles <= (case.plain if design == "none" else case.offloaded)
    assert design != "none" or run.arena_bytes <= case.arena
    computed = {layer.kernel.partition("/")[0] for layer in run.layers if layer.macs}
    assert computed == {"reference" if design == "none" else design}


def test_there_are_as_many_inputs_as_there_should_be() -> None:
    assert [len(real_inputs(case)) for case in CASES] == [12, 6, 4, 10, 2, 5, 0, 0, 0]
