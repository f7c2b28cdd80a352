"""What crashes outside of the simulation ends in one line that says whose fault it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cfuforge import Design, HostTarget, run_on, simulate
from cfuforge.base.errors import RunError
from cfuforge.checks.check import check
from cfuforge.inputs.files import Sample
from cfuforge.inputs.source import InputSource
from cfuforge.profiles.document import memory_buffers
from cfuforge.sw import models
from cfuforge.sw.tflite_model import Model

TFLM = "TensorFlow Lite Micro itself crashed"


def test_tflm_in_commands(refused, crashes_tflm: Path) -> None:  # type: ignore[no-untyped-def]
    line = f"error: {TFLM} (SIGSEGV) with model no_bias: there is nothing to compare with"
    assert refused("sim", "--model", crashes_tflm, "--cfu", "none") == line
    assert refused("check", "--model", crashes_tflm, "--cfu", "none") == line


def test_tflm_in_functions(crashes_tflm: Path) -> None:
    with pytest.raises(RunError, match=TFLM):
        simulate(crashes_tflm, cfu="none")
    with pytest.raises(RunError, match=TFLM):
        run_on(HostTarget(Design.load("none")), crashes_tflm)
    assert simulate(cfu="none").exact  # and goes on


def test_tflm_at_one_input(aborts_tflm: Path, tmp_path: Path) -> None:
    array = np.zeros((1, 512), np.int8)
    array[0, 0] = 127
    np.save(tmp_path / "good.npy", array)
    np.save(tmp_path / "bad.npy", np.full((1, 512), 3, np.int8))
    assert check(aborts_tflm, tmp_path / "good.npy", "none").exact
    with pytest.raises(RunError) as caught:
        check(aborts_tflm, [tmp_path / "good.npy", tmp_path / "bad.npy"], "none", jobs=1)
    assert str(caught.value) == (
        f"{TFLM} (SIGABRT) with model long_row: there is nothing to compare with; the input is "
        "bad.npy"
    )


def test_kernels_that_crash_when_they_prepare(refused, faulty) -> None:  # type: ignore[no-untyped-def]
    line = "with the kernels of faulty crashed (SIGSEGV)"
    assert line in refused("model", "inspect", "--cfu", "faulty:fault=7")
    assert line in refused("check", "--cfu", "faulty:fault=7")
    with pytest.raises(RunError, match=r"crashed \(SIGSEGV\) when it was prepared"):
        memory_buffers(Model.read(models.KWS_MODEL), Design.load("faulty:fault=7"))


def test_a_fault_of_ours_blames_no_design(refused, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    def samples(*_: object) -> Iterator[Sample]:
        return iter([Sample("odd.npy", (None,))])  # type: ignore[arg-type]

    monkeypatch.setattr(InputSource, "samples", samples)
    line = refused("check", "--cfu", "none", "--count", "1", "--jobs", "1")
    assert "cfuforge itself has failed at input odd.npy, not the model or the design: " in line
    assert "AttributeError: 'NoneType' object" in line
    assert "oracle.py:" in line
    monkeypatch.setattr(InputSource, "total", lambda _: {}["gone"])
    assert "itself has failed, not the model" in refused("check", "--cfu", "none", "--count", "1")
