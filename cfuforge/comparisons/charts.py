"""Charts of a comparison and of a profile, for a notebook."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.base.shown import shown
from cfuforge.comparisons.table import operator_text
from cfuforge.profiles.cause_groups import GROUPS

if TYPE_CHECKING:
    from cfuforge.comparisons.comparison import Comparison
    from cfuforge.profiles.profile import Profile

__all__ = ["COLOURS", "comparison_chart", "figure_of", "profile_chart"]

PLAIN = "#b0b0b0"
COLOURS = ("#0072b2", "#e69f00", "#56b4e9", "#d55e00", "#cc79a7", "#999999")
"""Okabe and Ito's colour-blind-safe palette, and a grey."""


def comparison_chart(comparison: Comparison) -> Any:
    """Draw the cycles of each layer, plain and with each CFU; return the figure."""
    runs = comparison.runs
    layers = comparison.plain.layers
    figure, axes = figure_of(len(layers))
    positions = range(len(layers))
    cycles = [[(layer.cycles or 0) / 1e6 for layer in run.layers] for run in runs]
    alone = "plain C" if comparison.cfu or runs[0].design["name"] == "none" else "cycles"
    axes.barh(positions, cycles[0], color=PLAIN, label=alone)
    height = 0.5 / max(len(runs) - 1, 1)
    for index, (name, counts) in enumerate(zip(comparison.names, cycles[1:], strict=True)):
        lower = [position - 0.25 + height * (index + 0.5) for position in positions]
        colour = COLOURS[index % len(COLOURS)]
        axes.barh(lower, counts, height=height, color=colour, label=f"with {shown(name)}")
    axes.set_yticks(positions, [f"{layer.index} {operator_text(layer)}" for layer in layers])
    times = ", ".join(f"{each:.1f}" for each in comparison.speed_ups)
    title = f"{times} times as fast" if times else shown(comparison.model["name"])
    _finish(axes, "million cycles", title)
    return figure


def profile_chart(profile: Profile) -> Any:
    """Draw the cycles of each layer by cause; return the figure."""
    layers = profile.document["layers"]
    figure, axes = figure_of(len(layers))
    start = [0.0] * len(layers)
    for colour, (name, causes) in zip(COLOURS, GROUPS.items(), strict=True):
        counts = [sum(layer["causes"][cause] for cause in causes) / 1e3 for layer in layers]
        axes.barh(range(len(layers)), counts, left=start, color=colour, label=name)
        start = [before + more for before, more in zip(start, counts, strict=True)]
    names = [f"{layer['index']} {shown(layer['text'])}" for layer in layers[:-1]]
    axes.set_yticks(range(len(layers)), [*names, shown(layers[-1]["text"])])
    _finish(axes, "thousand cycles", f"{shown(profile.name)}: why cycles pass")
    return figure


def figure_of(rows: int) -> tuple[Any, Any]:
    """Return a figure for `rows` bars, shown by a notebook, and its axes."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise EnvironmentLacksError(
            "matplotlib is not installed; install it with: pip install matplotlib"
        ) from error

    class Chart(Figure):
        """A figure that a notebook shows even if it has not imported pyplot."""

        def _repr_png_(self) -> bytes:
            file = io.BytesIO()
            self.savefig(file, format="png", dpi=100)
            return file.getvalue()

    size = (7.5, max(2.0, 1.0 + 0.2 * rows))
    figure = Chart(figsize=size, layout="constrained", facecolor="white")
    return figure, figure.subplots()


def _finish(axes: Any, what: str, title: str) -> None:
    axes.set(xlabel=what, title=title)
    axes.margins(y=0.02)
    axes.invert_yaxis()
    axes.legend(fontsize=8, loc="lower right")
