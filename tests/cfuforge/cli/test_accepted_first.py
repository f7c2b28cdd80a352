"""A model that does not run is refused before inputs, SoC or firmware are made for it."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from cfuforge import SimTarget, check, inspect, profile, simulate
from cfuforge.base.errors import InputError
from cfuforge.base.progress import Progress
from cfuforge.inspection.lifetimes_svg import lifetimes_svg
from cfuforge.inspection.table import print_inspection
from cfuforge.sw.tflite_model import Model
from support.graph import Graph, Quantisation, Tensor

SCALE = Quantisation((0.5,))


class Phases(Progress):
    def __init__(self) -> None:
        self.phases: list[str] = []

    def phase(self, name: str) -> None:
        self.phases.append(name)


def eight_gigabytes() -> Model:
    graph = Graph()
    given, made = (graph.tensor(Tensor((1 << 16, 1 << 17), SCALE, name=name)) for name in "xy")
    graph.operator("RELU", [given], [made])
    return graph.model("vast", [given], [made])


@pytest.fixture
def vast(tmp_path: Path) -> Path:
    path = tmp_path / "vast.tflite"
    path.write_bytes(eight_gigabytes().data)
    return path


@pytest.mark.parametrize(
    "arguments",
    [
        ("sim", "--model"),
        ("sim", "--board", "arty", "--count", "3", "--model"),
        ("check", "--corners", "--model"),
        ("profile", "--model"),
        ("run", "--target", "sim", "--model"),
        ("run", "--target", "/dev/absent", "--model"),
        ("load", "--target", "/dev/absent", "--model"),
        ("bitstream", "--board", "fomu", "--model"),
        ("serve", "--model"),
    ],
)
def test_commands(refused: Callable[..., str], vast: Path, arguments: tuple[str, ...]) -> None:
    began = time.process_time()
    said = refused(*arguments, vast)
    assert said == "error: vast: tensor 0 'x': dimension 1 is 131072, negative or too large"
    assert time.process_time() - began < 5


@pytest.mark.parametrize("run", [simulate, check, profile])
def test_functions(vast: Path, run: Callable[..., Any]) -> None:
    progress = Phases()
    with pytest.raises(InputError, match=r"^vast: tensor 0 'x': dimension 1 is 131072"):
        run(vast, progress=progress)
    assert progress.phases == []


def test_an_inspection_says_why(vast: Path) -> None:
    found = inspect(vast)
    assert found.refused == "tensor 0 'x': dimension 1 is 131072, negative or too large"
    print_inspection(found, Console(file=io.StringIO()))


def test_a_target_asks_first() -> None:
    from cfuforge import Design, board

    progress = Phases()
    target = SimTarget(Design.load("none"), board("sim"), progress)
    progress.phases.clear()
    with pytest.raises(InputError, match=r"^vast: tensor 0 'x': dimension 1 is 131072"):
        target.arena_bytes(eight_gigabytes())
    assert progress.phases == []


def test_an_inspection_of_very_many_operators(tmp_path: Path) -> None:
    count = 3000
    graph = Graph()
    tensors = [
        graph.tensor(Tensor((1, 8), SCALE, name=f"t{number}")) for number in range(count + 1)
    ]
    for number in range(count):
        graph.operator("RELU", [tensors[number]], [tensors[number + 1]])
    path = tmp_path / "chain.tflite"
    path.write_bytes(graph.model("chain", tensors[:1], tensors[-1:]).data)
    began, text = time.process_time(), io.StringIO()
    found = inspect(path, cfu=())
    print_inspection(found, Console(file=text, width=100))
    lifetimes_svg(found.plan, [operator.name for operator in found.model.operators])
    assert time.process_time() - began < 5
    assert "2,500 more: the JSON has them" in text.getvalue()
    assert "All 3,000 operators run." in text.getvalue()
    assert len(found.to_json()["operators"]) == count


@pytest.mark.parametrize("what", ["inputs", "outputs"])
def test_a_model_without(refused: Callable[..., str], tmp_path: Path, what: str) -> None:
    graph = Graph()
    data = None if what == "outputs" else eight_values()
    given = graph.tensor(Tensor((1, 8), SCALE, data, name="x"))
    made = graph.tensor(Tensor((1, 8), SCALE, name="y"))
    graph.operator("RELU", [given], [made])
    inputs, outputs = ([], [made]) if what == "inputs" else ([given], [])
    path = tmp_path / "x.tflite"
    path.write_bytes(graph.model("x", inputs, outputs).data)
    for command in ("sim", "check"):
        assert f"the model has no {what}: there is nothing to run" in refused(
            command, "--model", path
        )


def test_an_output_that_is_a_constant(tmp_path: Path) -> None:
    graph = Graph()
    given, made = (graph.tensor(Tensor((1, 8), SCALE, name=name)) for name in "xy")
    constant = graph.tensor(Tensor((1, 8), SCALE, eight_values(), name="c"))
    graph.operator("RELU", [given], [made])
    path = tmp_path / "x.tflite"
    path.write_bytes(graph.model("x", [given], [made, constant]).data)
    assert check(path, cfu="none", jobs=1).exact


def eight_values() -> Any:
    import numpy as np

    return np.arange(8, dtype=np.int8)
