"""`cfuforge bench --board`: cycles, milliseconds and inferences a second, and the page of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cfuforge import simulate
from cfuforge.base.errors import InputError
from cfuforge.bench import boards as module
from cfuforge.bench.boards import run_on_boards
from cfuforge.bench.boards_table import COLUMNS, cells, markdown_of_boards, print_boards
from cfuforge.bench.shape import BoardRow
from cfuforge.cli.terminal import PlainConsole
from cfuforge.soc.board import board
from cfuforge.soc.clock import at_clock
from support.documents import valid
from support.speeds import PAGE, README, SOC_README, page_rows, renewed_cycles, renewed_speeds

REGENERATE = "make boards MODELS=FOLDER writes it anew"


@pytest.fixture(scope="module")
def rows() -> list[BoardRow]:
    return run_on_boards([board("sim"), at_clock(board("sim"), 50e6)])


def test_the_time_is_that_of_the_clock(rows: list[BoardRow]) -> None:
    fast, slow = rows
    cycles = simulate(cfu="engine").runs[-1].cycles
    assert cycles
    assert fast["cycles"] == slow["cycles"] == cycles
    assert fast["design"] == "engine"
    assert (fast["milliseconds"], slow["milliseconds"]) == (cycles / 1e5, cycles / 5e4)
    assert slow["per_second"] == pytest.approx(50e6 / cycles)
    assert not fast["wrong"] + fast["refused"]
    assert cells(fast)[:4] == ("keyword spotting", "sim", "100", "engine")
    assert cells(fast)[4:] == (
        f"{cycles:,}",
        f"{cycles / 1e5:.2f}",
        f"{1e8 / cycles:,.0f}",
        "main_ram",
    )


def test_the_page_has_the_trees_cycles(rows: list[BoardRow]) -> None:
    assert PAGE.read_text().startswith(markdown_of_boards([]).rstrip("\n")), REGENERATE
    row = markdown_of_boards(rows[:1]).splitlines()[-1]
    assert row in PAGE.read_text().splitlines(), f"{PAGE} lacks {row}: {REGENERATE}"


def test_readmes_table_is_that_of_the_page() -> None:
    found = page_rows(PAGE.read_text())
    assert {"sim", "arty", "ulx3s", "fomu"} == {row["board"] for row in found}
    assert renewed_speeds(README.read_text(), found) == README.read_text(), REGENERATE


def test_the_tables_in_readmes() -> None:
    values = ("keyword spotting", "arty", "75", "engine", "51,234", "0.68", "1,464", "main_ram")
    row = dict(zip(COLUMNS, values, strict=True))
    other = {**row, "board": "fomu", "MHz": "12", "cycles": "", "ms": "", "inferences a second": ""}
    readme = renewed_speeds(README.read_text(), [row, other])
    assert (
        "| cycles, ms, inferences/s | `arty`, 75 MHz | `fomu`, 12 MHz |\n| --- | ---: | ---: |\n"
        in readme
    )
    assert "| keyword spotting | 51.2k, 0.68, 1464 |  |\n" in readme
    assert "| `arty` | 51, DRAM |  |" in renewed_cycles(SOC_README.read_text(), [row])


def test_the_command(
    command: Callable[..., int], refused: Callable[..., str], tmp_path: Path, rows: list[BoardRow]
) -> None:
    page, document = tmp_path / "x.md", tmp_path / "x.json"
    boards = ("--board", "sim", "--board", "sim@50MHz")
    assert command("bench", *boards, "--write", page, "--json", document) == 0
    assert page.read_text() == markdown_of_boards(rows)
    assert valid(document)["rows"] == rows
    assert "--cfu engine needs --board" in refused("bench", "--cfu", "engine")
    assert "the nearest clock is 12MHz" in refused("bench", "--board", "fomu@13MHz")


@pytest.mark.parametrize("width", [80, 100, 200])
def test_what_does_not_run_is_a_row_without_numbers(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: Any, **named: Any) -> Any:
        raise InputError("kws needs 9 MB, and board fomu has 128 kB")

    monkeypatch.setattr(module, "run_on", refuse)
    monkeypatch.setattr(module, "build_target", lambda *arguments: None)
    (row,) = run_on_boards([board("fomu")], cfu="simd_mac:folded=true")
    assert row["cycles"] is None
    file = io.StringIO()
    print_boards([row], PlainConsole(file=file, width=width))
    said = file.getvalue()
    assert max(map(len, said.splitlines())) <= width
    assert "fomu: kws needs 9 MB, and board fomu has 128 kB" in " ".join(said.split())
    assert "bit for bit" not in said
