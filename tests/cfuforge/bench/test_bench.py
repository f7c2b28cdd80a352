"""`cfuforge bench`: what it runs, what it compares, and the page that it has written."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cfuforge import simulate
from cfuforge.bench import bench as module
from cfuforge.bench.bench import bench, floors, models_in
from cfuforge.bench.shape import BenchRow
from cfuforge.bench.table import markdown, print_bench
from cfuforge.cli.terminal import PlainConsole
from cfuforge.sw import models
from cfuforge.sw.tflite_model import Model
from support.documents import valid

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "bench.md"
REGENERATE = "make numbers MODELS=FOLDER writes it anew"


def lines(text: str) -> list[str]:
    """Return the rows of a page's table."""
    return [line for line in text.splitlines() if line.startswith("| ")][2:]


@pytest.fixture(scope="module")
def rows() -> list[BenchRow]:
    return bench()


def test_the_page_has_the_trees_cycles(rows: list[BenchRow]) -> None:
    assert PAGE.read_text().startswith(markdown([]).rstrip("\n")), REGENERATE
    (row,) = lines(markdown(rows))
    assert row in PAGE.read_text().splitlines(), f"{PAGE} lacks {row}: {REGENERATE}"


@pytest.mark.long
def test_the_page_has_the_trees_cycles_of_the_other_models(shared_models: Path) -> None:
    assert markdown(bench(models_in(shared_models))) == PAGE.read_text(), REGENERATE


def test_a_row_is_what_sim_says(rows: list[BenchRow]) -> None:
    (row,) = rows
    runs = simulate(cfu=["simd_mac", "engine"]).runs
    assert [row["plain"], row["simd_mac"], row["engine"]] == [run.cycles for run in runs]
    assert (row["compared"], row["wrong"]) == (72_152, "")
    assert (row["title"], row["tflm"]) == ("keyword spotting", 63_700_000)


def test_no_run_is_below_its_floors(rows: list[BenchRow]) -> None:
    bounds = rows[0]["floors"]
    assert bounds == floors(Model.read(models.KWS_MODEL))
    assert (bounds["macs"], bounds["outputs"]) == (2_656_768 // 128, 72_152 // 4)
    assert 0 < max(bounds.values()) < rows[0]["engine"]


@pytest.mark.parametrize("width", [80, 100, 200])
def test_the_table_fits(width: int, rows: list[BenchRow]) -> None:
    file = io.StringIO()
    print_bench(rows, PlainConsole(file=file, width=width))
    table = file.getvalue().partition("Cycles of")[0]
    assert "…" not in table
    assert max(map(len, table.splitlines())) <= width
    assert f"{rows[0]['engine']:,}" in table


def test_the_command_writes_page_and_document(
    command: Callable[..., int], tmp_path: Path, rows: list[BenchRow]
) -> None:
    page, document = tmp_path / "x.md", tmp_path / "x.json"
    assert command("bench", "--write", page, "--json", document) == 0
    assert page.read_text() == markdown(rows)
    assert valid(document)["rows"] == rows


def test_a_wrong_run_fails_and_writes_no_page(
    command: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def wrong(*arguments: Any, **named: Any) -> Any:
        return replace(simulate(*arguments, **named), wrong_layer="Layer 3 is wrong.")

    monkeypatch.setattr(module, "simulate", wrong)
    assert command("bench", "--write", tmp_path / "x.md") == 1
    said = capsys.readouterr().out
    assert "Layer 3 is wrong." in said
    assert "bit for bit" not in said
    assert not os.listdir(tmp_path)


def test_a_folder_without_models_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    assert "has no .tflite file" in refused("bench", "--models", tmp_path)
    assert "is not a folder" in refused("bench", "--models", tmp_path / "x")
