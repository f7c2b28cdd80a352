"""Print the result of `cfuforge ladder`, as a table or for a README."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cfuforge.base.shown import sentence, shown
from cfuforge.comparisons.comparison import Comparison
from cfuforge.ladder.shape import LadderRow
from cfuforge.tables import fullest, new_table

__all__ = ["COLUMNS", "cells", "markdown", "print_ladder"]

COLUMNS = (
    *("design", "what is new", "cycles", "faster", "MACs a cycle", "utilisation"),
    *("LUT", "FF", "BRAM", "DSP"),
)
NUMBERS = COLUMNS[2:]
LEFT_OUT = ("design", "faster", "FF", "utilisation")
"""Columns to leave out, in this order, if the table does not fit."""
LEGEND = (
    "Cycles of one inference on board sim. Utilisation: of the multiply-accumulates that the "
    "design can do in these cycles. LUT, FF, BRAM of 36 kbit, DSP48E1: the CFU on a Xilinx "
    "7-series FPGA."
)


def print_ladder(found: Comparison, rows: Sequence[LadderRow], console: Console) -> None:
    """Print the table, and what is wrong."""
    leave = range(len(LEFT_OUT) + 1)
    console.print(fullest((_table(rows, LEFT_OUT[:count]) for count in leave), console))
    console.print(LEGEND, soft_wrap=True)
    if found.exact:
        console.print(
            f"All {found.compared:,} values of all layers of {shown(found.model['name'])} equal "
            "TFLM's in every run, bit for bit.",
            soft_wrap=True,
        )
    else:
        wrong = found.wrong_layer or "The outputs differ from TFLM's."
        console.print(Text(sentence(wrong), "bold red"), soft_wrap=True)


def markdown(rows: Sequence[LadderRow]) -> str:
    """Return the table for a README."""
    lines = [COLUMNS, ("---", "---", *["---:"] * len(NUMBERS))]
    lines += [(f"`{design}`", *rest) for design, *rest in _all_cells(rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def cells(row: LadderRow, slowest: int) -> tuple[str, ...]:
    """Return the text of a row of `COLUMNS`; `slowest` is the first row's number of cycles."""
    area, utilisation = row["area"], row["utilisation"]
    return (
        row["design"]["spec"],
        row["step"],
        f"{row['cycles']:,}",
        f"{slowest / row['cycles']:,.1f}x",
        f"{row['macs_per_cycle']:.2f}",
        "" if utilisation is None else f"{utilisation:.0%}",
        *(["", "", "", ""] if area is None else _area(area["lut"], area["ff"])),
        *([] if area is None else [f"{area['bram']:g}", f"{area['dsp']:g}"]),
    )


def _area(lut: float, ff: float) -> list[str]:
    return [f"{lut:,.0f}", f"{ff:,.0f}"]


def _all_cells(rows: Sequence[LadderRow]) -> list[tuple[str, ...]]:
    return [cells(row, rows[0]["cycles"]) for row in rows]


def _table(rows: Sequence[LadderRow], leave: Sequence[str]) -> Table:
    table = new_table()
    bare = () if any(row["area"] for row in rows) else COLUMNS[-4:]
    kept = [column not in (*leave, *bare) for column in COLUMNS]
    for column, keep in zip(COLUMNS, kept, strict=True):
        if keep and column in NUMBERS:
            table.add_column(Text(column.replace(" ", "\n", 1)), justify="right", no_wrap=True)
        elif keep:
            table.add_column(column, overflow="fold", min_width=20)
    for row in _all_cells(rows):
        table.add_row(*(text for text, keep in zip(row, kept, strict=True) if keep))
    return table
