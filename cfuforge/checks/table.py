"""Print the result of `cfuforge check`."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cfuforge.base.shown import counted, every, shown
from cfuforge.checks.check import CheckedInput, CheckReport
from cfuforge.comparisons.table import ORIGIN, layers_text, operator_text, shape_text
from cfuforge.html import html
from cfuforge.inputs.labels import Accuracy, largest
from cfuforge.sim.disagreement import shown_line
from cfuforge.tables import fullest, new_table

__all__ = ["check_html", "print_check"]

_MOST = 10  # lines of mismatches and of confusions
_WIDEST = 12  # classes in a confusion table; with more, the worst pairs are listed instead
_SHOWN = 20  # inputs to list with their class


def print_check(report: CheckReport, console: Console) -> None:
    """Print the kernel of each layer, whether all outputs are right, and the accuracy."""
    title = f"{shown(report.model['name'])} on this machine, CFU {shown(report.design['spec'])}"
    console.print(title, soft_wrap=True)
    console.print(fullest((_layers(report, shapes) for shapes in (True, False)), console))
    lines: list[str | Text] = [*_by(report), *_exactness(report), *_agreement(report)]
    if report.accuracy:
        lines += _accuracy(report.accuracy)
    elif report.labels and len(report.inputs) <= _SHOWN:
        pairs = [
            f"{shown(each.name)} {shown(report.labels[largest(each.answer.outputs[0])])}"
            for each in report.inputs
        ]
        lines.append(f"Largest scores: {', '.join(pairs)}.")
    for line in lines:
        console.print(line, soft_wrap=True)
    accuracy = report.accuracy
    if accuracy and accuracy.right < accuracy.total and len(accuracy.labels) <= _WIDEST:
        console.print(_confusion(accuracy))
    console.print(
        f"{counted(len(report.inputs), 'input')} in {report.seconds:.1f} s: "
        f"{60 * len(report.inputs) / report.seconds:,.0f} a minute with "
        f"{report.processes} process{'es' * (report.processes != 1)}.",
        soft_wrap=True,
    )


def check_html(report: CheckReport) -> str:
    """Return the kernel of each layer, and whether all is right, as HTML for a notebook."""
    lines = [*_by(report), *_exactness(report, with_version=False), *_agreement(report)]
    return html([_layers(report, True)], lines)


def _layers(report: CheckReport, with_shapes: bool) -> Table:
    table = new_table()
    table.add_column("", justify="right")
    table.add_column("layer", overflow="fold", min_width=12)
    if with_shapes:
        table.add_column("output", no_wrap=True)
    table.add_column("MACs", justify="right", no_wrap=True)
    table.add_column("by", overflow="fold")
    for layer in report.layers:
        origin = layer.kernel.partition("/")[0]
        table.add_row(
            str(layer.index),
            operator_text(layer),
            *([shape_text(layer.output_shape[1:])] if with_shapes else []),
            f"{layer.macs:,}" if layer.macs else "",
            ORIGIN.get(origin, shown(origin)),
        )
    return table


def _by(report: CheckReport) -> list[str | Text]:
    name = shown(report.design["name"])
    if name == "none":
        return []
    if not report.instructions:
        return [
            Text(f"No kernel used an instruction of {name}: the CFU was not checked.", "bold red")
        ]
    working = [layer for layer in report.layers if layer.macs]
    own = f"{report.design['name']}/"
    missed = [layer for layer in working if not layer.kernel.startswith(own)]
    names = ", ".join(f"{layer.index} {shown(layer.operator)}" for layer in missed)
    return [
        f"The CFU's kernels computed {len(working) - len(missed)} of "
        f"{layers_text(len(working))} with MACs" + (f"; not {names}." if missed else "."),
        f"The CFU executed {counted(report.instructions, 'instruction')}.",
    ]


def _exactness(report: CheckReport, with_version: bool = True) -> list[str | Text]:
    inputs = counted(len(report.inputs), "input")
    oracle = report.oracle["name"] + (f" {report.oracle['version']}" if with_version else "")
    if report.exact:
        count = sum(output.size for each in report.inputs for output in each.answer.outputs)
        count *= report.inferences
        more = report.inferences - 1
        kept = f", each followed by {more} others without a reset, and all states" if more else ""
        return [
            f"{every(count, 'output value')} of {inputs}{kept}, and all layers, "
            f"equal {oracle}'s, bit for bit."
        ]
    wrong = report.mismatches
    lines: list[str | Text] = [
        Text(
            f"The layers or outputs of {len(wrong)} of {inputs} differ from {oracle}'s.",
            "bold red",
        )
    ]
    same: dict[str, list[CheckedInput]] = {}
    for each in wrong:
        found = each.answer.difference
        layer = f"{found.operator} {found.kernel} {found.tensor}" if found else ""
        same.setdefault(layer, []).append(each)
    for first, *others in list(same.values())[:_MOST]:
        where = first.answer.difference
        told = str(where) if where else "no layer is wrong when every tensor has its own memory"
        lines.append(f"  {shown(first.name)}: {_values(first)}; {told}")
        if others:
            some = ", ".join(f"{shown(each.name)} ({_values(each)})" for each in others[:_MOST])
            rest = f" and {len(others) - _MOST} more" if len(others) > _MOST else ""
            lines.append(f"    the same with {len(others)} more: {some}{rest}")
    if len(same) > _MOST:
        lines.append(f"  and {len(same) - _MOST} more layers")
    return lines


def _values(each: CheckedInput) -> str:
    return counted(each.answer.wrong, "wrong output value")


def _agreement(report: CheckReport) -> list[str | Text]:
    """Say whether hardware and reference disagree, and what that means for a wrong layer."""
    found = report.agreement
    if found.disagreement:
        first, *lines = map(shown_line, found.disagreement.lines)
        return [Text(first, "bold red"), *lines]
    if found.failed:
        return [f"The reference of {shown(report.design['name'])} fails at {found.failed}."]
    if not report.exact and found.compared:
        return [
            f"The CFU answered the first {found.compared:,} instructions of it as its reference "
            "does: look at the kernel, or at the reference."
        ]
    return []


def _accuracy(accuracy: Accuracy) -> list[str]:
    share = accuracy.right / accuracy.total
    inputs = counted(accuracy.total, "input")
    lines = [f"Right class: {accuracy.right} of {inputs}, {share:.1%} (top 1)."]
    if len(accuracy.labels) > _WIDEST:
        pairs = [
            (count, accuracy.labels[true], accuracy.labels[found])
            for true, row in enumerate(accuracy.confusion)
            for found, count in enumerate(row)
            if count and true != found
        ]
        for count, true, found in sorted(pairs, reverse=True)[:_MOST]:
            lines.append(f"  {count} times {shown(true)} taken for {shown(found)}")
    return lines


def _confusion(accuracy: Accuracy) -> Table:
    table = new_table("true class (row), largest score (column)")
    table.add_column("")
    for label in accuracy.labels:
        table.add_column(shown(label, 8), justify="right")
    for label, row in zip(accuracy.labels, accuracy.confusion, strict=True):
        table.add_row(shown(label), *(str(count) if count else "." for count in row))
    return table
