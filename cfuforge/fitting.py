"""Tables as wide as the terminal: the fullest one that fits."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

__all__ = ["fits", "fullest"]


def fits(table: Table, console: Console) -> bool:
    """Tell whether nothing of `table` has to be cut, or folded, on the console."""
    return console.measure(table, options=console.options.update(max_width=10_000)).maximum <= (
        console.width
    )


def fullest(tables: Iterable[Table], console: Console) -> Table:
    """Return the first of `tables` that fits; the last when none does."""
    for table in tables:
        if fits(table, console):
            break
    return table
