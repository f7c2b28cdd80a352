"""The chart of `cfuforge ladder`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cfuforge.base.shown import shown
from cfuforge.comparisons.charts import COLOURS, figure_of
from cfuforge.ladder.shape import LadderRow

__all__ = ["ladder_chart"]


def ladder_chart(name: str, rows: Sequence[LadderRow]) -> Any:
    """Draw the cycles and the multiply-accumulates a cycle of each rung; return the figure.

    Parameters
    ----------
    name
        The model's.
    rows
        The rungs.
    """
    figure, left = figure_of(2 * len(rows))
    places = range(len(rows))
    left.barh(places, [row["cycles"] for row in rows], color=COLOURS[0])
    left.set_yticks(places, [row["step"] for row in rows])
    for place, row in zip(places, rows, strict=True):
        text = f" {row['cycles']:,}, {row['macs_per_cycle']:.1f} MACs a cycle"
        left.text(row["cycles"], place, text, va="center", fontsize=8)
    left.set(xscale="log", xlabel="cycles", title=f"{shown(name)}, step by step")
    left.margins(x=0.5)
    left.invert_yaxis()
    return figure
