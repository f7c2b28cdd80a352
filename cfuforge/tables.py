"""Make tables in the one style, and fit them to the width of the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

__all__ = ["fits", "fullest", "new_table"]


def new_table(title: str | None = None, **options: Any) -> Table:
    """Return a table without columns; `options` are those of rich's `Table`."""
    return Table(
        title=title,
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        **options,
    )


def fits(table: Table, console: Console) -> bool:
    """Return whether the console shows `table` without truncating or folding anything."""
    return console.measure(table, options=console.options.update(max_width=10_000)).maximum <= (
        console.width
    )


def fullest(tables: Iterable[Table], console: Console) -> Table:
    """Return the first of `tables` that fits; the last if none does."""
    for table in tables:
        if fits(table, console):
            break
    return table
