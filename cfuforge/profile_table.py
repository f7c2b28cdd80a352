"""What `cfuforge profile` prints: where each layer's cycles go, and the costliest functions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from cfuforge.sim.accounting import Cause
from cfuforge.sim.profile import Profile
from cfuforge.table import operator_text

__all__ = ["print_profile"]

COLUMNS: dict[str, list[Cause]] = {  # causes by the column that has them
    "work": [cause for cause in Cause if cause <= Cause.OTHER_INSTRUCTION and cause != Cause.CFU],
    "CFU": [Cause.CFU],
    "fetch": [Cause.INSTRUCTION_MISS],
    "data": [Cause.DATA_MISS],
    "store": [Cause.STORE_WAIT],
    "branch": [Cause.BRANCH_BUBBLE],
    "mul": [Cause.MULTIPLY_WAIT],
    "use": [Cause.LOAD_USE, Cause.SHIFT_USE],
    "busy": [Cause.CFU_BUSY],
    "hazard": [Cause.CFU_HAZARD],
    "other": [Cause.OTHER],
}
TEXTS = {
    Cause.INSTRUCTION_MISS: "instruction cache misses",
    Cause.DATA_MISS: "data cache misses",
    Cause.STORE_WAIT: "stores that wait for the bus",
    Cause.BRANCH_BUBBLE: "refills behind jumps",
    Cause.MULTIPLY_WAIT: "waiting for products",
    Cause.LOAD_USE: "waiting for loaded values",
    Cause.SHIFT_USE: "waiting for shifted values",
    Cause.CFU_BUSY: "waiting for the CFU",
    Cause.CFU_HAZARD: "CFU instructions that wait for others",
    Cause.OTHER: "anything else",
}
LEGEND = (
    "Percent of the layer's cycles: work and CFU, an instruction retired; fetch and data, cache "
    "misses; store, the bus was busy; branch, refills behind jumps; mul, a product was waited for; "
    "use, a loaded or a shifted value; busy, the CFU's; hazard, CFU instructions waited for others."
)
FUNCTIONS = 10  # of the costliest


def print_profile(profile: Profile, console: Console) -> None:
    """Print the table of layers, the functions, and what to read in them."""
    run, counts = profile.run, profile.by_layer()
    total = counts.sum(axis=0)
    table = _table(f"{run.design['spec']} on board {run.soc['name']}, cycles by cause", "layer")
    for layer, row in zip(run.layers, counts[:-1], strict=True):
        table.add_row(*_row(f"{layer.index} {operator_text(layer)}", row))
    table.add_row(*_row("between the layers", counts[-1]), end_section=True)
    table.add_row(*_row("total", total))
    console.print(table, highlight=False)
    functions = _table("the costliest functions", "function")
    for name, row in list(profile.by_function().items())[:FUNCTIONS]:
        functions.add_row(*_row(name.rpartition("::")[2], row))
    console.print(functions, highlight=False)
    console.print(LEGEND, highlight=False, soft_wrap=True)
    lost = {cause: int(total[cause]) for cause in TEXTS}
    first, *others = sorted(lost, key=lambda cause: -lost[cause])[:3]
    share = 100 / max(int(total.sum()), 1)
    console.print(
        f"No instruction retired in {share * sum(lost.values()):.1f} % of the cycles: "
        f"{TEXTS[first]} {share * lost[first]:.1f} %, "
        + ", ".join(f"{TEXTS[cause]} {share * lost[cause]:.1f} %" for cause in others)
        + ".",
        highlight=False,
        soft_wrap=True,
    )


def _table(title: str, first: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(first, no_wrap=True)
    table.add_column("cycles", justify="right")
    for name in COLUMNS:
        table.add_column(name, justify="right")
    return table


def _row(name: str, counts: NDArray[np.int64]) -> list[str]:
    total = int(counts.sum())
    shares = [100 * int(counts[causes].sum()) / max(total, 1) for causes in COLUMNS.values()]
    return [name, f"{total:,}", *(f"{share:.0f}" if share >= 0.5 else "" for share in shares)]
