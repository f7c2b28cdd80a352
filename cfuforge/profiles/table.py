"""Print the result of `cfuforge profile`: layers by cause, and the costliest functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cfuforge.base.shown import counted, sentence, shown
from cfuforge.html import html
from cfuforge.profiles.cause_groups import SHORT
from cfuforge.profiles.document import BETWEEN_TEXT, CAUSES
from cfuforge.profiles.profile import Profile
from cfuforge.profiles.shape import Function, ProfiledLayer
from cfuforge.sim.account.counting import Cause
from cfuforge.tables import fullest, new_table

__all__ = ["print_profile", "profile_html"]

Causes = Sequence[int] | NDArray[np.int64]  # cycles by cause
Row = tuple[str, Causes]
Columns = Mapping[str, Sequence[Cause]]

COLUMNS: Columns = {  # causes by column
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
NARROW = (
    "Percent of the layer's cycles, by the kind of instruction that completed or by what the CPU "
    "waited for; a wider terminal shows more."
)
LEGEND = (
    "Percent of the layer's cycles. An instruction completed: work, CFU. The CPU waited: fetch and "
    "data, for a cache miss; store, for the bus; branch, for the refill after a jump; mul, for a "
    "product; use, for a loaded or shifted value; busy, for the CFU; hazard, a CFU instruction for "
    "another, or another for its result."
)
BY_ITSELF = "What the CFU did by itself; each cycle counts once. idle: it had no work."
FUNCTIONS = 10  # the costliest ones to list
ADVICE = 3  # rules with the largest gain


def print_profile(profile: Profile, console: Console) -> None:
    """Print the table of layers, the functions, and a legend."""
    functions = profile.document["functions"]
    total = np.sum([layer["causes"] for layer in profile.document["layers"]], axis=0)
    table = fullest((_layers(profile, some) for some in (COLUMNS, SHORT)), console)
    console.print(table)
    wide = len(table.columns) > len(SHORT) + 2
    names = Counter(_short(function) for function in functions[:FUNCTIONS])
    costliest = [
        (_short(function) if names[_short(function)] < 2 else _placed(function), function["causes"])
        for function in functions[:FUNCTIONS]
    ]
    by_itself = _by_itself(profile)
    if by_itself:
        console.print(by_itself)
    some = COLUMNS if wide else SHORT
    console.print(_table("the costliest functions", "function", costliest, some))
    _say(Text(sentence(profile.exactness), "" if profile.exact else "bold red"), console)
    _say(LEGEND if wide else NARROW, console)
    if by_itself:
        _say(BY_ITSELF, console)
    _print_lost(total, console)
    unknown = [function for function in functions if function["causes"][Cause.OTHER]]
    unknown.sort(key=lambda function: -int(function["causes"][Cause.OTHER]))
    if count := int(total[Cause.OTHER]):
        most = ", ".join(
            f"{shown(each['name'])} {each['causes'][Cause.OTHER]:,}" for each in unknown[:3]
        )
        _say(f"{count:,} cycles have no known cause; most of them passed in {most}.", console)
    for each in profile.totals[:ADVICE]:
        layers = counted(len(each["layers"]), "layer")
        best = next(one for one in profile.advice if one["rule"] == each["rule"])
        _say(
            f"At most {100 * each['removable'] / profile.cycles:.0f} % of all cycles can be saved "
            f"on {each['cost']}, in {layers}; most in layer {best['layer']}: "
            f"{best['text']}.",
            console,
        )


def _short(function: Function) -> str:
    """Return a function's name without its scope."""
    return shown(function["name"].rpartition("::")[2])


def _placed(function: Function) -> str:
    """Return a function's name, with its file if others share the name."""
    file = function["file"].rpartition("/")[2]
    return f"{_short(function)}, {shown(file)}" if file else _short(function)


def profile_html(profile: Profile) -> str:
    """Return the table of layers, and whether all is right, as HTML for a notebook."""
    right = f"All {profile.document['oracle']['compared']:,} values of its layers are TFLM's."
    judged = right if profile.exact else Text(sentence(profile.exactness), "bold red")
    tables = [_layers(profile, COLUMNS), _by_itself(profile)]
    return html([each for each in tables if each], [judged, LEGEND])


def _by_itself(profile: Profile) -> Table | None:
    """Return what the CFU did by itself, in percent of each layer's cycles, if it does anything."""
    layers = [each for each in profile.document["layers"] if _works(each)]
    if not layers:
        return None
    table = new_table("the CFU by itself, percent of the layer's cycles")
    table.add_column("layer", overflow="fold", min_width=12)
    table.add_column("cycles", justify="right", no_wrap=True)
    for name in layers[0]["activities"]:
        table.add_column(Text(shown(name).replace(" ", "\n")), justify="right")
    for layer in layers:
        shares = (100 * each["cycles"] / layer["cycles"] for each in layer["activities"].values())
        table.add_row(
            f"{layer['index']} {shown(layer['text'])}" if layer["index"] >= 0 else BETWEEN_TEXT,
            f"{layer['cycles']:,}",
            *(f"{share:.0f}" if share >= 0.5 else "" for share in shares),
        )
    return table


def _works(layer: ProfiledLayer) -> bool:
    """Return whether a CFU works by itself in a layer; its first activity is idleness."""
    return any(each["cycles"] for each in [*layer["activities"].values()][1:])


def _layers(profile: Profile, some: Columns) -> Table:
    layers = profile.document["layers"]
    names = [f"{layer['index']} {shown(layer['text'])}" for layer in layers[:-1]]
    rows = [(name, layer["causes"]) for name, layer in zip(names, layers, strict=False)]
    total = np.sum([layer["causes"] for layer in layers], axis=0)
    rows += [(BETWEEN_TEXT, layers[-1]["causes"]), ("total", total)]
    return _table(f"{shown(profile.name)}, cycles by cause", "layer", rows, some, True)


def _print_lost(total: NDArray[np.int64], console: Console) -> None:
    lost = {cause: int(total[cause]) for cause in Cause if cause > Cause.OTHER_INSTRUCTION}
    first, *others = sorted(lost, key=lambda cause: -lost[cause])[:3]
    share = 100 / max(int(total.sum()), 1)
    _say(
        f"No instruction retired in {share * sum(lost.values()):.1f} % of the cycles: "
        f"{CAUSES[first]} {share * lost[first]:.1f} %, "
        + ", ".join(f"{CAUSES[cause]} {share * lost[cause]:.1f} %" for cause in others)
        + ".",
        console,
    )


def _say(text: str | Text, console: Console) -> None:
    console.print(text, soft_wrap=True)


def _table(
    title: str, first: str, rows: Sequence[Row], some: Columns, with_total: bool = False
) -> Table:
    """Return a table of `rows`, with a column for each group of causes; `some` has them."""
    table = new_table(title)
    table.add_column(first, overflow="fold", min_width=12)
    table.add_column("cycles", justify="right", no_wrap=True)
    for name in some:
        table.add_column(Text(name), justify="right", no_wrap=True)
    for number, (name, causes) in enumerate(rows, 1):
        table.add_row(*_row(name, causes, some), end_section=with_total and number == len(rows) - 1)
    return table


def _row(name: str, causes: Causes, some: Columns) -> list[str]:
    counts = np.asarray(causes)
    total = int(counts.sum())
    shares = [100 * int(counts[list(these)].sum()) / max(total, 1) for these in some.values()]
    return [name, f"{total:,}", *(f"{share:.0f}" if share >= 0.5 else "" for share in shares)]
