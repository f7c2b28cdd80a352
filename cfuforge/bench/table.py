"""Print the result of `cfuforge bench`, and write it as a page for the repository."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cfuforge.base.shown import sentence, shown
from cfuforge.bench.shape import BenchRow
from cfuforge.comparisons.known_models import TFLM_BUILD
from cfuforge.tables import fullest, new_table

__all__ = ["COLUMNS", "cells", "markdown", "print_bench"]

COLUMNS = (
    *("model", "what", "TFLM", "plain C", "simd_mac", "engine"),
    *("over TFLM", "over plain", "MACs a cycle"),
    *("floor: MACs", "floor: outputs", "floor: bytes"),
)
LEFT_OUT = ("what", "TFLM", "plain C", "simd_mac", "MACs a cycle")
"""Columns to leave out, in this order, if the table does not fit."""
LEGEND = (
    f"Cycles of one inference on board sim; TFLM's reference kernels as {TFLM_BUILD} builds them. "
    "The floors of engine: 128 MACs, 4 outputs, 8 bytes a cycle."
)
PAGE = """# Benchmark

`make numbers MODELS=FOLDER` has written this page: cycles of one inference on board `sim`, with
every value of every layer compared with TFLM's. "TFLM" is its reference kernels ({build}), measured
once. The last three columns are floors of `engine`: its 128 multiply-accumulates, 4 requantised
outputs and 8 bytes of its port in every cycle, with every tensor moved once.

"""


def print_bench(rows: Sequence[BenchRow], console: Console) -> None:
    """Print the table, and what is wrong."""
    leave = range(len(LEFT_OUT) + 1)
    console.print(fullest((_table(rows, LEFT_OUT[:count]) for count in leave), console))
    console.print(LEGEND, soft_wrap=True)
    for row in rows:
        if row["wrong"]:
            console.print(Text(sentence(row["wrong"]), "bold red"), soft_wrap=True)
    if not any(row["wrong"] for row in rows):
        values = sum(row["compared"] for row in rows)
        console.print(
            f"All {values:,} values of all layers equal TFLM's in every run, bit for bit."
        )


def markdown(rows: Sequence[BenchRow]) -> str:
    """Return the page that is kept in the repository."""
    lines = [COLUMNS, ("---", "---", *["---:"] * (len(COLUMNS) - 2)), *map(cells, rows)]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return PAGE.format(build=TFLM_BUILD) + table


def cells(row: BenchRow) -> tuple[str, ...]:
    """Return the text of a row of `COLUMNS`."""
    engine, bounds = row["engine"], row["floors"]
    return (
        shown(row["model"]["name"]),
        row["title"],
        "" if row["tflm"] is None else f"{row['tflm']:,}",
        *(f"{cycles:,}" for cycles in (row["plain"], row["simd_mac"], engine)),
        "" if row["tflm"] is None else f"{row['tflm'] / engine:,.0f}x",
        f"{row['plain'] / engine:,.0f}x",
        f"{row['model']['macs'] / engine:.1f}",
        *(f"{bound:,}" for bound in (bounds["macs"], bounds["outputs"], bounds["bytes"])),
    )


def _table(rows: Sequence[BenchRow], leave: Sequence[str]) -> Table:
    table = new_table()
    kept = [column not in leave for column in COLUMNS]
    for column in COLUMNS:
        if column == "model":
            table.add_column(column, overflow="fold", min_width=12)
        elif column not in leave:
            head = Text(column.replace(" ", "\n", 1))
            table.add_column(head, justify="left" if column == "what" else "right", no_wrap=True)
    for row in map(cells, rows):
        table.add_row(*(text for text, keep in zip(row, kept, strict=True) if keep))
    return table
