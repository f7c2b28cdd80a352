"""Real models on the simulated SoC, plain and with simd_mac: every output equals TFLM's."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cfuforge import Design, Model, SimTarget, board, simulate
from cfuforge.sw import models
from cfuforge.sw.oracle import Oracle

SHARED = Path(__file__).resolve().parents[3] / "shared" / "models"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="../shared/models, the real models, is not beside this checkout"
)
LIMITS = {  # on board sim: cycles with the plain kernels and with simd_mac, bytes of plain arena
    "kws": ("mlperf_kws_dscnn_int8", 30_000_000, 6_000_000, 20_480),
    "ad": ("mlperf_ad_fcae_int8", 3_000_000, 800_000, 2_200),
}


def inputs() -> list[Path]:
    return sorted(path for name in LIMITS for path in (SHARED / "inputs" / name).glob("*.npy"))


def one_now(paths: Iterable[Path]) -> list[Any]:
    """Return parameters of which one of each folder is for every run, and the others are long."""
    found, folders = [], set[Path]()
    for path in paths:
        marks = [pytest.mark.long] if path.parent in folders else []
        found.append(pytest.param(path, id=path.stem, marks=marks))
        folders.add(path.parent)
    return found


@needs_shared
@pytest.mark.parametrize("design", ["none", "simd_mac"])
@pytest.mark.parametrize("path", one_now(inputs()))
def test_real_input(path: Path, design: str) -> None:
    name, plain_limit, cfu_limit, arena_limit = LIMITS[path.parent.name]
    model = Model.read(SHARED / f"{name}.tflite")
    array = np.load(path).reshape(model.inputs[0].shape)
    run = SimTarget(Design.load(design), board("sim")).run(model, [array])
    assert run.outputs == tuple(tuple(o.ravel().tolist()) for o in Oracle(model)(array))
    assert run.cycles <= (plain_limit if design == "none" else cfu_limit)
    if design == "none":
        overhead = run.cycles - sum(layer.cycles for layer in run.layers)
        assert overhead <= run.cycles / 1000
        assert run.arena_bytes <= arena_limit
    computed = {layer.kernel.partition("/")[0] for layer in run.layers if layer.macs}
    assert computed == {"reference" if design == "none" else design}


def test_there_are_real_inputs() -> None:
    if not SHARED.is_dir():
        pytest.skip("../shared/models, the real models, is not beside this checkout")
    assert len(inputs()) == 12 + 6


@pytest.mark.parametrize("path", one_now(models.kws_inputs()))
def test_sample_input(path: Path) -> None:
    comparison = simulate(inputs=path, cfu="simd_mac")
    assert comparison.exact
    assert np.argmax(comparison.plain.outputs[0]) == int(path.stem.rpartition("_")[2])


@pytest.mark.parametrize("rows", [pytest.param(1, marks=pytest.mark.long), 2])
def test_smaller_simd_mac(rows: int) -> None:
    comparison = simulate(cfu=f"simd_mac:rows={rows}")
    assert comparison.exact
    assert comparison.cfu
    assert comparison.cfu.cycles <= 6_000_000
