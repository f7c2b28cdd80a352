"""A comparison's file: read back as it was, or refused in one line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from cfuforge import Comparison, LayerRun, Run
from cfuforge.base.errors import InputError
from cfuforge.cli.terminal import PlainConsole
from cfuforge.comparisons.shape import InputResult
from cfuforge.comparisons.table import print_comparison
from support.documents import INPUT, MODEL, valid


def run(cycles: int | None, outputs: tuple[tuple[float, ...], ...] = ((1, 2),)) -> Run:
    layer = LayerRun(0, "RELU", (1, 2), (), (1, 2), 0, cycles, "none/relu", 0, 0)
    facts = {"name": "none", "spec": "none", "parameters": {}}
    return Run(facts, {"name": "sim"}, {}, cycles, (layer,), outputs, None, "", 0.0)


def comparison(**changes: Any) -> Comparison:
    given = {
        "model": MODEL,
        "input": INPUT,
        "oracle": {"name": "o", "version": "1", "outputs": [[1, 2]]},
        "plain": run(None),
        "cfu": run(5),
        "labels": ("a", "b"),
        "others": (InputResult("y", "0", [None, 5], [[1, 2]], [[1, 2]], True),),
    }
    return Comparison(**{**given, **changes})


def test_what_is_saved_is_loaded_and_printed(tmp_path: Path) -> None:
    found = comparison()
    found.save(tmp_path / "x.json")
    assert Comparison.load(tmp_path / "x.json") == found
    print_comparison(found, PlainConsole(file=io.StringIO()))
    valid(tmp_path / "x.json")


def test_outputs_that_json_has_no_number_for(tmp_path: Path) -> None:
    outputs = ((float("inf"), float("-inf")),)
    oracle = {"name": "o", "version": "1", "outputs": [list(outputs[0])]}
    found = comparison(plain=run(1, outputs), cfu=None, oracle=oracle, others=())
    found.save(tmp_path / "x.json")
    json.loads((tmp_path / "x.json").read_text(), parse_constant=pytest.fail)
    assert Comparison.load(tmp_path / "x.json") == found
    assert found.exact
    valid(tmp_path / "x.json")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"schema_version": 1}, "has schema version 1, but this cfuforge reads 6"),
        ({"schema": "check"}, 'schema must be "sim", not "check"'),
        ({"plain": None}, "plain must be an object, not null"),
        ({"labels": [1, 2]}, "labels[0] must be a text, not 1"),
        ({"labels": ["a"]}, "labels has 1 names, and oracle.outputs[0] another number of scores"),
        (
            {"oracle": {"name": "o", "version": "1", "outputs_match": True}},
            "oracle has no 'outputs'",
        ),
        (
            {"oracle": {"name": "o", "version": "1", "outputs": [[1]], "outputs_match": True}},
            "plain.outputs have other",
        ),
        ({"others": [{}]}, "others[0] has no 'cycles'"),
        ({"model": {**MODEL, "macs": -1}}, "model.macs must be 0 to"),
        ({"evil": 1}, "has 'evil', which is unknown here"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], reason: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps({**comparison().to_json(), **changes}))
    with pytest.raises(InputError) as caught:
        Comparison.load(tmp_path / "x.json")
    text = str(caught.value)
    assert text.startswith(f"{tmp_path}/x.json: {reason}")
    assert text.endswith("; write one with: cfuforge sim --json FILE")


def test_runs_that_do_not_fit_together(tmp_path: Path) -> None:
    value = json.loads(json.dumps(comparison().to_json()))
    value["cfu"]["layers"] *= 2
    (tmp_path / "x.json").write_text(json.dumps(value))
    with pytest.raises(InputError, match=r"plain\.layers have other operators than cfu\.layers"):
        Comparison.load(tmp_path / "x.json")
    value["cfu"] = value["plain"]
    value["others"][0]["cycles"] = []
    (tmp_path / "x.json").write_text(json.dumps(value))
    with pytest.raises(InputError, match=r"others\[0\]\.cycles must have 2 of them"):
        Comparison.load(tmp_path / "x.json")
