"""Fit tables to the width of the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

__all__ = ["fits", "fullest"]


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
