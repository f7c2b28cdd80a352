"""What `cfuforge check` prints."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cfuforge.cfu.shown import shown
from cfuforge.checking import CheckReport
from cfuforge.labels import Accuracy, largest
from cfuforge.table import ORIGIN, operator_text, shape_text

__all__ = ["print_check"]

_MOST = 10  # lines of mismatches, and of confusions
_WIDEST = 12  # classes that a confusion table takes; with more the worst pairs are named
_SHOWN = 20  # inputs that are listed with their class


def print_check(report: CheckReport, console: Console) -> None:
    """Print what ran each layer, whether all outputs are right, and how often the classes are."""
    title = f"{shown(report.model['name'])} on this machine, CFU {shown(report.design['spec'])}"
    console.print(title, soft_wrap=True)
    console.print(_layers(report))
    lines: list[str | Text] = [*_by(report), *_exactness(report)]
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
    processes = "1 process" if report.processes == 1 else f"{report.processes} processes"
    console.print(
        f"{len(report.inputs)} inputs in {report.seconds:.1f} s: "
        f"{60 * len(report.inputs) / report.seconds:,.0f} a minute with {processes}.",
        soft_wrap=True,
    )


def _layers(report: CheckReport) -> Table:
    table = Table(
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("", justify="right")
    table.add_column("layer", no_wrap=True)
    table.add_column("output", no_wrap=True)
    table.add_column("MACs", justify="right", no_wrap=True)
    table.add_column("by", overflow="fold")
    for layer in report.layers:
        origin = layer.kernel.partition("/")[0]
        table.add_row(
            str(layer.index),
            operator_text(layer),
            shape_text(layer.output_shape[1:]),
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
        f"The CFU's kernels computed {len(working) - len(missed)} of the {len(working)} layers "
        "with MACs" + (f"; not {names}." if missed else "."),
        f"The CFU executed {report.instructions:,} instructions.",
    ]


def _exactness(report: CheckReport) -> list[str | Text]:
    oracle = f"{report.oracle['name']} {report.oracle['version']}"
    if report.exact:
        count = sum(output.size for each in report.inputs for output in each.answer.outputs)
        count *= report.inferences
        more = report.inferences - 1
        kept = f", each followed by {more} others without a reset, and all states" if more else ""
        return [
            f"All {count:,} output values of {len(report.inputs)} inputs{kept}, and all layers, "
            f"equal {oracle}'s, bit for bit."
        ]
    wrong = report.mismatches
    lines: list[str | Text] = [
        Text(
            f"The layers or outputs of {len(wrong)} of {len(report.inputs)} inputs differ from "
            f"{oracle}'s.",
            "bold red",
        )
    ]
    for each in wrong[:_MOST]:
        where = each.answer.difference
        told = str(where) if where else "no layer is wrong when every tensor has its own memory"
        values = "output value" if each.answer.wrong == 1 else "output values"
        lines.append(f"  {shown(each.name)}: {each.answer.wrong:,} wrong {values}; {told}")
    if len(wrong) > _MOST:
        lines.append(f"  and {len(wrong) - _MOST} more")
    return lines


def _accuracy(accuracy: Accuracy) -> list[str]:
    share = accuracy.right / accuracy.total
    lines = [f"Right class: {accuracy.right} of {accuracy.total} inputs, {share:.1%} (top 1)."]
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
    table = Table(
        title="true class (row), largest score (column)",
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    table.add_column("")
    for label in accuracy.labels:
        table.add_column(shown(label, 8), justify="right")
    for label, row in zip(accuracy.labels, accuracy.confusion, strict=True):
        table.add_row(shown(label), *(str(count) if count else "." for count in row))
    return table
