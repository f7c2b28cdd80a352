"""Print the result of `cfuforge sim`: the layers plain and with the CFU, and their sum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cfuforge.base.shown import counted, every, sentence, shown
from cfuforge.comparisons.comparison import Comparison
from cfuforge.comparisons.known_models import TFLM_BUILD, known
from cfuforge.comparisons.spread import range_text
from cfuforge.html import WIDE, html
from cfuforge.soc.board import BOARDS
from cfuforge.sw.run import LayerRun, Run
from cfuforge.tables import fits, fullest, new_table

__all__ = [
    "ORIGIN",
    "comparison_html",
    "comparison_tables",
    "layers_text",
    "operator_text",
    "print_comparison",
    "shape_text",
]

ORIGIN = {"reference": "plain C"}
LEFT_OUT = ("output", "MACs", "range", "faster")
"""Columns to leave out, in this order, if the table does not fit."""


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print the table of `comparison` and the lines below it."""
    for table in comparison_tables(comparison, console):
        console.print(table)
    for line in _summary(comparison):
        console.print(line, soft_wrap=True)


def comparison_tables(comparison: Comparison, console: Console) -> list[Table]:
    """Return the layers plain and with each CFU, as one table or several that fit the console."""
    return _tables(comparison, range(1, len(comparison.runs)), console)


def comparison_html(comparison: Comparison) -> str:
    """Return the table, and whether all is right, as HTML for a notebook."""
    lines = _exactness(comparison, with_version=False)
    return html(comparison_tables(comparison, WIDE), lines)


def _tables(comparison: Comparison, numbers: Sequence[int], console: Console) -> list[Table]:
    """Return tables of the runs with these numbers, and the plain run."""
    table = fullest(
        (_table(comparison, numbers, leave) for leave in range(len(LEFT_OUT) + 1)), console
    )
    if fits(table, console) or len(numbers) < 2:
        return [table]
    half = len(numbers) // 2
    return [
        table
        for part in (numbers[:half], numbers[half:])
        for table in _tables(comparison, part, console)
    ]


def _table(comparison: Comparison, numbers: Sequence[int], leave: int) -> Table:
    """Return the table without the first `leave` of `LEFT_OUT`."""
    left_out = LEFT_OUT[:leave]
    plain, model = comparison.plain, comparison.model
    alone = not comparison.cfus and plain.design["name"] != "none"  # a run on a board
    table = new_table(_title(comparison), show_footer=True)

    def column(
        head: str | Text, total: str = "", cells: Iterable[str] = (), left: bool = False
    ) -> None:
        if head not in left_out:
            table.add_column(head, total, justify="left" if left else "right", no_wrap=True)
            columns.append(list(cells))

    columns: list[list[str]] = []
    layers = plain.layers
    column("", cells=(str(layer.index) for layer in layers))
    column("layer", "total", map(operator_text, layers), left=True)
    column("output", cells=(shape_text(layer.output_shape[1:]) for layer in layers), left=True)
    macs = (f"{layer.macs:,}" if layer.macs else "" for layer in layers)
    column("MACs", f"{model['macs']:,}", macs)
    first = _layer_cycles(comparison, 0)
    column("cycles" if alone else "plain C", _number(comparison.cycles[0]), map(_number, first))

    def spread(number: int) -> None:
        if comparison.spreads:
            found = comparison.spreads[number]
            column("range", range_text(found.cycles), map(range_text, found.layers))

    spread(0)
    for number in numbers:
        name = "with CFU" if len(comparison.cfus) == 1 else _folded(comparison.names[number - 1])
        counts = _layer_cycles(comparison, number)
        column(name, _number(comparison.cycles[number]), map(_number, counts))
        spread(number)
        column("faster", f"{comparison.speed_ups[number - 1]:.1f}x", map(_ratio, first, counts))
    if len(comparison.cfus) == 1 or alone:
        kernels = (layer.kernel.partition("/")[0] for layer in comparison.runs[-1].layers)
        column("by", cells=(ORIGIN.get(origin, shown(origin)) for origin in kernels), left=True)
        table.columns[-1].no_wrap, table.columns[-1].overflow = False, "fold"
    if leave == len(LEFT_OUT):
        table.columns[1].no_wrap, table.columns[1].overflow = False, "fold"
    for row in zip(*columns, strict=True):
        table.add_row(*row)
    return table


def _title(comparison: Comparison) -> str:
    plain, cfus = comparison.plain, comparison.cfus
    design = (comparison.cfu or plain).design["spec"]
    netlist = (comparison.cfu or plain).soc.get("netlist")
    return (
        f"{shown(comparison.model['name'])} on board {shown(plain.soc['name'])}, "
        + (f"{len(cfus)} CFUs, " if len(cfus) > 1 else f"CFU {shown(design)}, ")
        + (f"after synthesis for {netlist}, " if netlist else "")
        + f"input {shown(comparison.input['name'])}"
        + (f" (and {len(comparison.others)} more)" if comparison.others else "")
    )


def _layer_cycles(comparison: Comparison, index: int) -> Sequence[int | None]:
    """Return the cycles of each layer in one of the runs; medians if there are spreads."""
    if comparison.spreads:
        return comparison.spreads[index].medians
    return [layer.cycles for layer in comparison.runs[index].layers]


def _folded(name: str) -> str | Text:
    """Return a design's name, folded for the head of a narrow column."""
    return Text(name.replace(":", ":\n").replace(",", ",\n"))


def _summary(comparison: Comparison) -> list[str | Text]:
    plain, cfus = comparison.plain, comparison.cfus
    lines: list[str | Text] = []
    several = len(cfus) > 1
    for name, run in zip(comparison.names, cfus, strict=True) if cfus else [("", plain)]:
        if run.design["name"] != "none":
            left = [layer for layer in run.layers if layer.macs]
            done = {layer.index for layer in run.offloaded}
            missed = [layer for layer in left if layer.index not in done]
            layers = ", ".join(f"{layer.index} {shown(layer.operator)}" for layer in missed)
            whose = f"kernels of {shown(name)}" if several else "CFU's kernels"
            lines.append(
                f"The {whose} computed "
                f"{len(left) - len(missed)} of {layers_text(len(left))} with MACs"
                + (f"; not {layers}." if missed else ".")
            )
    if cfus and comparison.exact:
        lines.append(f"Against the plain C kernels: {_each(comparison, comparison.speed_ups)}.")
    about = known(comparison.model["macs"], len(plain.layers))
    tflm = about.tflm if about else None
    counted = comparison.cycles[1:] if cfus else comparison.cycles
    if tflm and all(counted) and comparison.exact and plain.soc["name"] == "sim":
        ratios = [tflm / (cycles or 1) for cycles in counted]
        lines.append(
            f"Against TFLM's reference kernels ({TFLM_BUILD}, {tflm / 1e6:.4g} M cycles on board "
            f"sim): {_each(comparison, ratios)}."
        )
    lines += _spread(comparison)
    lines += _exactness(comparison)
    if comparison.labels:
        lines += _classes(comparison, comparison.runs[-1])
    if (first := comparison.cfu or plain).arena_bytes is not None:
        arenas = [run.arena_bytes for run in cfus or [first]]
        text = " and ".join(f"{arena:,}" for arena in dict.fromkeys(arenas) if arena is not None)
        lines.append(f"Tensor arena: {text} bytes.")
    board = BOARDS.get(plain.soc["name"])
    if comparison.exact and board and board.fpga and "port" not in plain.soc:
        lines.append(_time(comparison))
    lines.append(_speed(comparison))
    return lines


def _spread(comparison: Comparison) -> list[str | Text]:
    """Say how much link orders matter, and which designs differ by less than that."""
    if not comparison.spreads:
        return []
    spreads = comparison.spreads
    names = ["plain C" if comparison.plain.design["name"] == "none" else "cycles"]
    names += map(shown, comparison.names)
    lines: list[str | Text] = [
        f"The cycles are medians over {len(spreads[0].cycles)} placements (link orders of "
        "the firmware, addresses of model and arena):"
    ]
    lines += [
        f"  {name}: {each.median:,}, from {each.least:,} to {each.greatest:,} "
        f"({range_text(each.cycles)})"
        for name, each in zip(names, spreads, strict=True)
    ]
    for (one, first), (other, second) in combinations(zip(names, spreads, strict=True), 2):
        if first.least <= second.greatest and second.least <= first.greatest:
            lines.append(
                f"  {one} and {other} overlap: their difference may come from placement alone."
            )
    return lines


def _each(comparison: Comparison, ratios: Sequence[float]) -> str:
    """Return the speed-up of the run with each CFU, or of the only run."""
    if len(ratios) == 1:
        return f"{ratios[0]:.1f}x as fast"
    first, *others = (
        f"{shown(name)}{{}} {ratio:.1f}x{{}}"
        for name, ratio in zip(comparison.names, ratios, strict=True)
    )
    return ", ".join([first.format(" is", " as fast"), *(each.format("", "") for each in others)])


def _time(comparison: Comparison) -> str:
    """Say how long an inference takes at the clock of the simulated board."""
    names = comparison.names if comparison.cfus else ["plain C"]
    counts = comparison.cycles[1:] if comparison.cfus else comparison.cycles
    hertz = comparison.plain.soc["clock_hz"]
    times = ", ".join(
        f"{shown(name)} {1e3 * count / hertz:,.2f} ms, {hertz / count:,.3g} a second"
        for name, count in zip(names, counts, strict=True)
        if count
    )
    return f"An inference at {hertz / 1e6:g} MHz: {times}."


def _speed(comparison: Comparison) -> str:
    """Say how long it took, on the board or to simulate."""
    run = comparison.plain
    if {"port", "clock_hz"} <= run.soc.keys():
        hertz = run.soc["clock_hz"]
        seconds = (run.cycles or 0) / hertz
        return f"On {shown(run.soc['port'])}: {1e3 * seconds:,.1f} ms at {hertz / 1e6:g} MHz."
    fresh = [each for each in comparison.runs if not each.cached]
    if not fresh:
        return "Nothing has changed: these are the results of an earlier simulation."
    cycles = sum(each.simulated_cycles for each in fresh)
    wall = max(sum(each.wall_seconds for each in fresh), 1e-9)
    return f"Simulated {cycles / 1e6:.1f} M cycles in {wall:.1f} s ({cycles / wall / 1e6:.2f} MHz)."


def _exactness(comparison: Comparison, with_version: bool = True) -> list[str | Text]:
    oracle, others = comparison.oracle, comparison.others
    name = shown(f"{oracle['name']} {oracle['version']}" if with_version else oracle["name"])
    count = sum(map(len, oracle["outputs"]))
    of_inputs = f" of each of the {len(others) + 1} inputs" if others else ""
    if comparison.exact and comparison.compared:
        values = every(comparison.compared, "value")
        equal = f"equal{'s' * (comparison.compared == 1)}"
        return [
            f"{values} of {layers_text(len(comparison.plain.layers))}{of_inputs} {equal} {name}'s "
            "in every run, bit for bit."
        ]
    if comparison.exact:
        values = every(count, "output value")
        equal = f"equal{'s' * (count == 1)}"
        return [f"{values}{of_inputs} {equal} {name}'s; layers were not compared."]
    wrong = [
        f"{_mismatch(comparison, run)} on {shown(comparison.input['name'])}"
        for run in comparison.runs
        if not comparison.matches(run)
    ]
    wrong += [shown(other.name) for other in others if not other.exact]
    found = f"The outputs differ from {name}'s: {', '.join(wrong)}."
    if not wrong:
        found = f"Layers differ from {name}'s, and the outputs do not."
    return [Text(found, "bold red"), sentence(comparison.wrong_layer)]


def _classes(comparison: Comparison, run: Run) -> list[str]:
    """Say which class has the largest score, for each input."""
    heard = [(comparison.input["name"], run.outputs[0])]
    heard += [(other.name, tuple(other.outputs[0])) for other in comparison.others]
    labels = [shown(comparison.labels[int(np.argmax(scores))]) for _, scores in heard]
    if len(heard) == 1:
        return [f"Largest score: {labels[0]}."]
    pairs = (f"{shown(name)} {label}" for (name, _), label in zip(heard, labels, strict=True))
    return [f"Largest scores: {', '.join(pairs)}."]


def _mismatch(comparison: Comparison, run: Run) -> str:
    wrong = sum(
        int(np.count_nonzero(np.array(ours) != np.array(theirs)))
        for ours, theirs in zip(run.outputs, comparison.oracle["outputs"], strict=True)
    )
    return f"{counted(wrong, 'value')} with {shown(run.design['spec'])}"


def operator_text(layer: LayerRun) -> str:
    """Return the operator's name with its window."""
    window = shape_text(layer.filter_shape[1:3]) if len(layer.filter_shape) == 4 else ""
    return f"{shown(layer.operator)} {window}".strip()


def layers_text(count: int) -> str:
    """Return ``the 13 layers``."""
    return f"the {counted(count, 'layer')}"


def _number(cycles: int | None) -> str:
    return "" if cycles is None else f"{cycles:,}"


def _ratio(plain: int | None, cfu: int | None) -> str:
    return f"{plain / cfu:.1f}x" if plain and cfu else ""


def shape_text(shape: tuple[int, ...]) -> str:
    """Return ``1x49x10x1``."""
    return shown("x".join(map(str, shape)))
