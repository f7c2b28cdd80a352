"""`cfuforge check` with models that keep a state: inferences one after the other."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from cfuforge.checks.check import check
from cfuforge.checks.sequences import sequences
from cfuforge.inputs.files import Sample
from cfuforge.inputs.source import InputSource
from support.documents import valid
from support.graph import Quantisation
from support.operators import svdf


@pytest.mark.parametrize(
    ("names", "length", "expected"),
    [
        ("abc", 1, ["a", "b", "c"]),
        ("abcd", 2, ["ab", "bc", "cd", "da"]),
        ("abcd", 4, ["abcd", "bcda", "cdab", "dabc"]),
        ("ab", 5, ["ababa", "babab"]),
        ("a", 3, ["aaa"]),
        ("", 3, []),
    ],
)
def test_after_the_last_comes_the_first(names: str, length: int, expected: list[str]) -> None:
    found = sequences((Sample(name, ()) for name in names), length)
    assert ["".join(sample.name for sample in each) for each in found] == expected


@pytest.fixture
def model(tmp_path: Path) -> Path:
    rng = np.random.default_rng(3)
    feature = rng.integers(-128, 128, (4, 5), np.int8)
    time = rng.integers(-128, 128, (4, 3), np.int16)
    scales = (0.05, 0.02, 0.01, 0.05, 0.1)
    bias = np.arange(2, dtype=np.int32) * 100
    path = tmp_path / "svdf.tflite"
    made = svdf(1, 2, feature, time, bias, [Quantisation((scale,)) for scale in scales])
    path.write_bytes(made.data)
    return path


def test_a_right_state(model: Path, command, capsys) -> None:  # type: ignore[no-untyped-def]
    assert command("check", "--model", model, "--cfu", "none", "--count", 3) == 0
    text = capsys.readouterr().out
    said = "All 30 output values of 3 inputs, each followed by 4 others without a reset, and all"
    assert f"{said} states, and all layers, equal tflite-micro" in " ".join(text.split())


@pytest.mark.parametrize(
    ("fault", "inference", "where"),
    [
        (20, 2, r" in inference 2 after a reset, output 'output': 1 of 2 values"),
        (21, 1, r", variable 'state': 1 of 12 values"),
    ],
)
def test_a_wrong_state(  # type: ignore[no-untyped-def]
    fault: int, inference: int, where: str, model: Path, faulty, command, capsys, tmp_path: Path
) -> None:
    path = tmp_path / "check.json"
    arguments = ("--cfu", f"faulty:fault={fault}", "--count", 2, "--json", path)
    assert command("check", "--model", model, *arguments) == 1
    text = " ".join(capsys.readouterr().out.split())
    assert re.search(rf"operator 0 SVDF by reference/svdf_state16_s8{where} differ", text)
    for each in valid(path)["inputs"]:
        assert each["first_wrong_layer"]["inference"] == inference


def test_models_without_a_state_are_not_run_again() -> None:
    assert check(cfu="none", inputs=InputSource(count=1)).inferences == 1
