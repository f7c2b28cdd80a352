"""Several CFUs in one comparison: all compared, one table, in a file and back."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cfuforge import Comparison, Design, LayerRun, Run, simulate
from cfuforge.base.errors import InputError
from cfuforge.cfu import Cfu
from cfuforge.cli.terminal import PlainConsole
from cfuforge.comparisons.comparison import short_names
from cfuforge.comparisons.table import print_comparison
from support.documents import INPUT, MODEL, valid
from support.graph import Quantisation
from support.operators import conv_2d

LAYERS = ("DEPTHWISE_CONV_2D", "RESIZE_NEAREST_NEIGHBOR", "UNIDIRECTIONAL_SEQUENCE_LSTM")


def run(name: str, parameters: dict[str, Any], cycles: int) -> Run:
    shapes = ((1, 25, 5, 64), (1, 3, 3, 64), (1, 25, 5, 64))
    layers = tuple(
        LayerRun(index, operator, *shapes, 12_345_678, cycles, f"{name}/{operator}", 0, 0)
        for index, operator in enumerate(LAYERS)
    )
    spec = f"{name}:{','.join(f'{key}={value}' for key, value in parameters.items())}"
    facts = {"name": name, "spec": spec, "parameters": parameters}
    return Run(facts, {"name": "sim"}, {}, 3 * cycles, layers, ((1, 2),), 9, "", 1.0, 1.0, 1)


def comparison(count: int) -> Comparison:
    first, *others = (run("mac", {"rows": rows, "wide": True}, 10**8) for rows in range(count))
    return Comparison(
        {**MODEL, "macs": 3 * 12_345_678},
        INPUT,
        {"name": "o", "version": "1", "outputs": [[1, 2]]},
        run("none", {}, 10**9),
        first,
        further=tuple(others),
    )


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_the_table_shows_all_of_them_in_any_width(count: int, width: int) -> None:
    file = io.StringIO()
    print_comparison(comparison(count), PlainConsole(file=file, width=width))
    table = file.getvalue().partition("The ")[0]
    assert "…" not in table
    assert max(map(len, table.splitlines())) <= width
    assert table.count("100,000,000") == 3 * count
    assert table.count("300,000,000") == count
    for rows in range(count if count > 1 else 0):
        assert f"rows={rows}" in table
    assert "wide" not in table.partition("\n")[2]


def test_they_are_saved_and_loaded(tmp_path: Path) -> None:
    found = comparison(3)
    found.save(tmp_path / "x.json")
    assert Comparison.load(tmp_path / "x.json") == found
    value = valid(tmp_path / "x.json")
    assert value["design"] == value["cfu"]["design"]
    assert [each["design"]["parameters"]["rows"] for each in value["further"]] == [1, 2]
    assert value["speed_ups"] == [10.0, 10.0, 10.0]
    value["further"][1]["layers"].pop()
    (tmp_path / "x.json").write_text(json.dumps(value))
    with pytest.raises(InputError, match=r"other operators than further\[1\]\.layers"):
        Comparison.load(tmp_path / "x.json")
    value["cfu"] = None
    (tmp_path / "x.json").write_text(json.dumps(value))
    with pytest.raises(InputError, match="it has further, and cfu is null"):
        Comparison.load(tmp_path / "x.json")


def test_one_that_is_wrong_makes_all_of_it_wrong() -> None:
    found = comparison(2)
    wrong = replace(found, further=(replace(found.further[0], outputs=((1, 3),)),))
    assert found.exact
    assert not wrong.exact


def test_a_frame_has_columns_of_each() -> None:
    frame = comparison(2).to_frame()
    assert list(frame.columns[4:]) == [
        *("plain", "mac:rows=0", "by mac:rows=0", "mac:rows=1", "by mac:rows=1"),
    ]
    assert list(frame["mac:rows=1"]) == 3 * [10**8]


def test_names_are_as_short_as_they_are_told_apart() -> None:
    def names(*designs: tuple[str, dict[str, Any]]) -> tuple[str, ...]:
        return short_names([{"name": name, "parameters": each} for name, each in designs])

    assert names(("a", {"rows": 4}), ("b", {"rows": 2})) == ("a", "b")
    assert names(("a", {"x": 4, "y": True}), ("a", {"x": 4, "y": False})) == ("a:y=1", "a:y=0")
    assert names(("a", {}), ("a", {}), ("b", {})) == ("a #1", "a #2", "b")


@pytest.fixture
def copied(tmp_path: Path) -> tuple[Path, Path]:
    """Return a model that copies, and an input for it."""
    one = Quantisation((1.0,))
    weights = np.eye(8, dtype=np.int8).reshape(8, 1, 1, 8)
    options = {"padding": 1, "strideW": 1, "strideH": 1}
    options |= {"dilationWFactor": 1, "dilationHFactor": 1, "fusedActivationFunction": 0}
    model = conv_2d((1, 3, 4, 8), one, weights, one, None, one, **options)
    (tmp_path / "copy.tflite").write_bytes(model.data)
    np.save(tmp_path / "x.npy", np.full((1, 3, 4, 8), 6, np.int8))
    return tmp_path / "copy.tflite", tmp_path / "x.npy"


def test_every_value_of_every_design_is_compared(
    faulty: None,
    command: Callable[..., int],
    refused: Callable[..., str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    copied: tuple[Path, Path],
) -> None:
    model, array = copied
    given = ("sim", "--model", model, "--input", array, "--json", tmp_path / "x.json")
    fine, kernel, hardware = (f"faulty:fault={fault}" for fault in (5, 6, 13))
    assert command(*given, "--cfu", fine, "--cfu", "none", "--cfu", "simd_mac", "--cfu", fine) == 0
    text = capsys.readouterr().out
    assert "copy on board sim, 2 CFUs" in text
    assert "in every run, bit for bit" in text
    value = valid(tmp_path / "x.json")
    assert value["cfu"]["design"]["spec"] == fine
    assert [each["design"]["name"] for each in value["further"]] == ["simd_mac"]
    assert command(*given, "--cfu", fine, "--cfu", kernel, "--cfu", hardware) == 1
    text = capsys.readouterr().out
    assert "bit for bit" not in text
    for design, got in ((kernel, 7), (hardware, 14)):
        assert f"The first wrong layer of x.npy with {design} is operator 0 CONV_2D" in text
        assert f"6 expected, {got} got. It is so on this machine too; `check` tells" in text
    line = refused(*given, "--cfu", fine, "--cfu", kernel, "--trace", "layer=0")
    assert line == "error: a trace needs one design: name one CFU, not 2"


class Idle(Cfu):
    """Does nothing."""


def test_designs_of_one_class_with_different_kernels(copied: tuple[Path, Path]) -> None:
    model, array = copied
    designs = [Design(Idle, kernels={"size.h": f"#define SIZE {size}\n"}) for size in (1, 2)]
    found = simulate(model, array, [*designs, designs[0]])
    assert found.exact
    assert found.names == ("idle #1", "idle #2")
