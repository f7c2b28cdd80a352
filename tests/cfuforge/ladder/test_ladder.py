"""`cfuforge ladder`: what its rungs need, its table, chart and document."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cfuforge import simulate
from cfuforge.cfu.design import Design
from cfuforge.cli.terminal import PlainConsole
from cfuforge.comparisons.comparison import Comparison
from cfuforge.ladder import ladder as module
from cfuforge.ladder.chart import ladder_chart
from cfuforge.ladder.ladder import RUNGS, rows_of
from cfuforge.ladder.shape import LadderRow
from cfuforge.ladder.table import LEGEND, print_ladder
from support.documents import valid
from support.readme import CFU_README, renewed_ladder

FEW = (*RUNGS[:2], RUNGS[-1])


@pytest.fixture(scope="module")
def found() -> Comparison:
    return simulate(cfu=[rung.spec for rung in FEW[1:]])


@pytest.fixture(scope="module")
def rows(found: Comparison) -> list[LadderRow]:
    return rows_of(found, FEW, areas=False)


def test_a_row_is_what_sim_says(rows: list[LadderRow], found: Comparison) -> None:
    assert [row["cycles"] for row in rows] == [run.cycles for run in found.runs]
    assert [row["design"]["spec"] for row in rows] == [Design.load(r.spec).spec for r in FEW]
    for row, macs in zip(rows, (None, 4, 128), strict=True):
        each = found.model["macs"] / row["cycles"]
        assert row["macs_per_cycle"] == each
        assert row["utilisation"] == (each / macs if macs else None)


def test_each_rung_has_at_least_as_many_multipliers_busy_as_the_one_before() -> None:
    macs = [module._macs_of(Design.load(rung.spec)) for rung in RUNGS]
    assert macs == sorted(macs)


@pytest.mark.parametrize("width", [80, 100, 200])
def test_the_table_fits(width: int, found: Comparison, rows: list[LadderRow]) -> None:
    area = {"lut": 12_345.0, "ff": 12_345.0, "bram": 12.5, "dsp": 80.0}
    full = [LadderRow(**{**row, "area": area}) for row in rows]
    file = io.StringIO()
    print_ladder(found, full, PlainConsole(file=file, width=width))
    table = file.getvalue().partition(LEGEND)[0]
    assert "…" not in table
    assert max(map(len, table.splitlines())) <= width
    assert f"{rows[-1]['cycles']:,}" in table


def test_the_command(
    command: Callable[..., int],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    found: Comparison,
    rows: list[LadderRow],
) -> None:
    def few(model: Any, *, areas: bool, progress: Any) -> tuple[Comparison, list[LadderRow]]:
        assert not areas
        return found, rows

    monkeypatch.setattr(module, "climb", few)
    document, chart = tmp_path / "x.json", tmp_path / "x.svg"
    assert command("ladder", "--no-area", "--json", document, "--plot", chart) == 0
    assert valid(document)["rows"] == rows
    assert "step by step" in chart.read_text()


def test_the_chart_names_each_step(rows: list[LadderRow]) -> None:
    pytest.importorskip("matplotlib")
    axes = ladder_chart("kws", rows).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [rung.step for rung in FEW]


@pytest.mark.long
def test_the_readme_has_the_trees_numbers() -> None:
    text = CFU_README.read_text()
    assert renewed_ladder(text) == text, "make numbers writes it anew"
