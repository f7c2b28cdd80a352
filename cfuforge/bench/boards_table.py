"""Print what models take on boards, and write it as a page for the repository."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from cfuforge.base.shown import sentence, shown
from cfuforge.bench.shape import BoardRow
from cfuforge.tables import new_table

__all__ = ["COLUMNS", "cells", "markdown_of_boards", "print_boards"]

COLUMNS = ("model", "board", "MHz", "design", "cycles", "ms", "inferences a second", "arena")
PAGE = """# Boards

`make boards MODELS=FOLDER` has written this page: one inference of each model on each board's
simulated SoC, with every value of every layer compared with TFLM's. The times are those at the
clock in the table, which the [bitstream's timing](../howto/bitstream.md#the-clock) has to prove.
The last column is the memory that holds the tensor arena.

"""


def print_boards(rows: Sequence[BoardRow], console: Console) -> None:
    """Print the table, and what does not run or is wrong."""
    table = new_table()
    for column in COLUMNS:
        words = column in ("model", "board", "design", "arena")
        table.add_column(column, justify="left" if words else "right", overflow="fold")
    for row in rows:
        table.add_row(*cells(row))
    console.print(table)
    for row in rows:
        if said := row["wrong"] or row["refused"]:
            console.print(Text(f"{shown(row['title'])} on {row['board']}: {sentence(said)}"))
    if any(row["cycles"] for row in rows) and not any(row["wrong"] for row in rows):
        console.print("All values of all layers that were computed equal TFLM's, bit for bit.")


def markdown_of_boards(rows: Sequence[BoardRow]) -> str:
    """Return the page that is kept in the repository."""
    lines: list[tuple[str, ...]] = [
        COLUMNS,
        ("---", "---", "---:", "---", "---:", "---:", "---:", "---"),
    ]
    lines += map(cells, rows)
    return PAGE + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def cells(row: BoardRow) -> tuple[str, ...]:
    """Return the text of a row of `COLUMNS`; one that does not run has no numbers."""
    numbers = ("", "", "")
    if row["cycles"] and row["milliseconds"] and row["per_second"]:
        per_second = row["per_second"]
        digits = 0 if per_second >= 100 else 1
        numbers = (
            f"{row['cycles']:,}",
            f"{row['milliseconds']:,.2f}",
            f"{per_second:,.{digits}f}",
        )
    clock = f"{row['clock_hz'] / 1e6:g}"
    return (shown(row["title"]), row["board"], clock, row["design"], *numbers, row["arena"])
