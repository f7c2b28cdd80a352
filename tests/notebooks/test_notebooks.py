"""Every notebook runs, and says what its committed outputs say."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from execute import executed

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))
REGENERATE = "make notebook-outputs writes them anew"


def texts(cell: Any) -> list[Any]:
    """Return what a cell shows as text; of a picture, that it is one."""
    shown: list[Any] = []
    for output in cell.get("outputs", ()):
        if output.output_type == "stream":
            before = ""
            if shown and shown[-1][0] == output.name:  # a stream comes in pieces, by chance
                before = shown.pop()[1]
            shown.append((output.name, before + output.text))
        else:
            data = dict(output.get("data", {}))
            if "image/png" in data:
                data = {"image/png": bool(data["image/png"])}
            shown.append((output.output_type, data))
    return shown


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


MARKS = {  # the third builds a CFU for each of its rungs
    "2_first_cfu.ipynb": pytest.mark.more,
    "3_optimise.ipynb": pytest.mark.long,
    "4_your_model.ipynb": pytest.mark.more,
    "5_engine.ipynb": pytest.mark.more,
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=MARKS.get(name, ())) for name in NOTEBOOKS]
)
def test_its_committed_outputs_are_what_it_says_today(name: str) -> None:
    committed = nbformat.read(FOLDER / name, as_version=4)
    fresh = executed(FOLDER / name)
    for number, (old, new) in enumerate(zip(committed.cells, fresh.cells, strict=True)):
        assert texts(new) == texts(old), f"cell {number} of {name}: {REGENERATE}"
    assert any(texts(cell) for cell in fresh.cells)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_is_small_complete_and_in_order(name: str) -> None:
    path = FOLDER / name
    assert path.stat().st_size < 300_000
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [*range(1, len(code) + 1)]
    assert not any(output.output_type == "error" for cell in code for output in cell.outputs)
    assert not any("execution" in cell.metadata for cell in code)  # no times
