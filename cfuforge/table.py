"""What `cfuforge sim` prints: the layers plain and with the CFU, and what that adds up to."""

from __future__ import annotations

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cfuforge.cfu.shown import sentence, shown
from cfuforge.sim.run import Comparison, LayerRun, Run

__all__ = ["ORIGIN", "layers_text", "operator_text", "print_comparison", "shape_text"]

# TensorFlow Lite Micro's own reference kernels in their fastest build (GCC 12 -O2), measured once
# on board `sim`; by the MACs and the number of operators, since weights do not change the cycles.
TFLM_CYCLES = {
    (2_656_768, 13): 63.7e6,  # MLPerf Tiny keyword spotting
    (7_489_664, 31): 161e6,  # visual wake words
    (12_501_632, 16): 178e6,  # image classification
    (264_192, 10): 3.27e6,  # anomaly detection
    (7_157_888, 31): 153e6,  # person_detect
    (29_597_360, 68): 833e6,  # MobileNetV2 160 0.35
}

ORIGIN = {"reference": "plain C"}


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print the table of `comparison` and the lines under it."""
    console.print(_table(comparison, with_shapes=console.width >= 90))
    for line in _summary(comparison):
        console.print(line, soft_wrap=True)


def _table(comparison: Comparison, with_shapes: bool) -> Table:
    plain, cfu, model = comparison.plain, comparison.cfu, comparison.model
    design, netlist = (cfu or plain).design["spec"], (cfu or plain).soc.get("netlist")
    alone = cfu is None and design != "none"  # a board's run
    table = Table(
        title=f"{shown(model['name'])} on board {shown(plain.soc['name'])}, CFU {shown(design)}, "
        + (f"after synthesis for {netlist}, " if netlist else "")
        + f"input {shown(comparison.input['name'])}"
        + (f" (and {len(comparison.others)} more)" if comparison.others else ""),
        title_justify="left",
        show_footer=True,
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("", justify="right")
    table.add_column("layer", "total", no_wrap=True)
    if with_shapes:
        table.add_column("output", no_wrap=True)
    head = "cycles" if alone else "plain C"
    columns = [("MACs", f"{model['macs']:,}"), (head, _number(plain.cycles))]
    if cfu:
        columns += [("with CFU", _number(cfu.cycles)), ("faster", f"{comparison.speed_up:.1f}x")]
    for head, total in columns:
        table.add_column(head, total, justify="right", no_wrap=True)
    if cfu or alone:
        table.add_column("by", overflow="fold")
    for index, layer in enumerate(plain.layers):
        row = [
            str(layer.index),
            operator_text(layer),
            *([shape_text(layer.output_shape[1:])] if with_shapes else []),
            f"{layer.macs:,}" if layer.macs else "",
            _number(layer.cycles),
        ]
        fast = cfu.layers[index] if cfu else layer
        if cfu:
            row += [_number(fast.cycles), _ratio(layer, fast)]
        if cfu or alone:
            origin = fast.kernel.partition("/")[0]
            row.append(ORIGIN.get(origin, shown(origin)))
        table.add_row(*row)
    return table


def _summary(comparison: Comparison) -> list[str | Text]:
    plain, cfu = comparison.plain, comparison.cfu
    run = cfu or plain
    lines: list[str | Text] = []
    if run.design["name"] != "none":
        left = [layer for layer in run.layers if layer.macs]
        done = {layer.index for layer in run.offloaded}
        missed = [layer for layer in left if layer.index not in done]
        names = ", ".join(f"{layer.index} {shown(layer.operator)}" for layer in missed)
        lines.append(
            f"The CFU's kernels computed {len(left) - len(missed)} of the {len(left)} layers "
            "with MACs" + (f"; not {names}." if missed else ".")
        )
    if cfu:
        lines.append(f"Against the plain C kernels: {comparison.speed_up:.1f}x as fast.")
    tflm = TFLM_CYCLES.get((comparison.model["macs"], len(plain.layers)))
    if tflm and run.cycles:
        lines.append(
            f"Against TFLM's reference kernels (GCC 12 -O2, {tflm / 1e6:.4g} M cycles on board "
            f"sim): {tflm / run.cycles:.1f}x as fast."
        )
    lines += _exactness(comparison)
    if comparison.labels:
        lines += _classes(comparison, run)
    if run.arena_bytes is not None:
        lines.append(f"Tensor arena: {run.arena_bytes:,} bytes.")
    lines.append(_speed(comparison))
    return lines


def _speed(comparison: Comparison) -> str:
    """Say how long it took: on the board, or to simulate."""
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


def _exactness(comparison: Comparison) -> list[str | Text]:
    oracle, others = comparison.oracle, comparison.others
    name = shown(f"{oracle['name']} {oracle['version']}")
    count = sum(map(len, oracle["outputs"]))
    of_inputs = f" of each of the {len(others) + 1} inputs" if others else ""
    if comparison.exact and comparison.compared:
        return [
            f"All {comparison.compared:,} values of {layers_text(len(comparison.plain.layers))}"
            f"{of_inputs} equal {name}'s in every run, bit for bit."
        ]
    if comparison.exact:
        return [f"All {count} output values{of_inputs} equal {name}'s; layers were not compared."]
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
    """Say which class has the largest score, of each input."""
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
    return f"{wrong} values with {shown(run.design['spec'])}"


def operator_text(layer: LayerRun) -> str:
    """Return the operator's name with its window."""
    window = shape_text(layer.filter_shape[1:3]) if len(layer.filter_shape) == 4 else ""
    return f"{shown(layer.operator)} {window}".strip()


def layers_text(count: int) -> str:
    """Return ``the 13 layers``."""
    return f"the {count} layer{'s' * (count != 1)}"


def _number(cycles: int | None) -> str:
    return "" if cycles is None else f"{cycles:,}"


def _ratio(plain: LayerRun, cfu: LayerRun) -> str:
    return f"{plain.cycles / cfu.cycles:.1f}x" if plain.cycles and cfu.cycles else ""


def shape_text(shape: tuple[int, ...]) -> str:
    """Return ``1x49x10x1``."""
    return shown("x".join(map(str, shape)))
