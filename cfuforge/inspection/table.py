"""Print the result of `cfuforge model inspect`."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cfuforge.base.shown import counted, every, sentence, shown
from cfuforge.comparisons.table import shape_text
from cfuforge.html import html
from cfuforge.inspection.arena import Arena
from cfuforge.inspection.inspect import Inspection, weight_bytes
from cfuforge.inspection.lifetimes import lifetimes_text
from cfuforge.inspection.predicted_table import predicted_parts
from cfuforge.sw.explained import quantising
from cfuforge.sw.tflite_model import Model, Operator, Tensor
from cfuforge.tables import new_table

__all__ = ["inspection_html", "print_inspection"]

_PADDING = {0: "", 1: " valid"}  # SAME is not printed
_ACTIVATION = {1: " relu", 2: " relu±1", 3: " relu6"}
_POOLS = ("AVERAGE_POOL_2D", "MAX_POOL_2D")
_DATA = {"SPLIT": 1, "TRANSPOSE_CONV": 2}  # the data input, if it is not the first
_WIDTH = 80
_MOST = 500  # operators, inputs, outputs and reasons to show
_SPEC, _BOARD = 36, 12  # characters of a spec and a name; longer ones take several lines


def print_inspection(found: Inspection, console: Console) -> None:
    """Print operators, arena, lifetimes and the cycles measured so far."""
    model = found.model
    console.print(_operators(found))
    lines: list[str | Text] = [f"{len(model.data):,} bytes, sha256 {model.sha256[:16]}"]
    lines += _first([f"Input {_described(tensor)}" for tensor in model.inputs])
    lines += _first([f"Output {_described(tensor)}" for tensor in model.outputs])
    lines += _support(found)
    for arena in found.arenas:
        lines += ["", *_arena(arena, model)]
    if found.plan:
        lines += ["", "Activations in the arena, operators to the right (░ scratch):"]
        lines += lifetimes_text(found.plan, len(model.operators), _WIDTH)
    for line in lines:
        console.print(line, soft_wrap=True)
    for part in _predictions(found):
        console.print(part, soft_wrap=isinstance(part, str))
    console.print()
    console.print(_runs(found))


def inspection_html(found: Inspection) -> str:
    """Return operators, refusals, arenas and predictions as HTML for a notebook."""
    given = [each for each in found.predictions if not each.lack]
    parts = [part for each in given for part in predicted_parts(each, found.model)]
    tables = [part for part in parts if isinstance(part, Table)]
    lines = [part for part in parts if isinstance(part, str)]
    return html(
        [_operators(found), *tables], [*_support(found), *map(_total, found.arenas), *lines]
    )


def _predictions(found: Inspection) -> Iterator[Table | str]:
    for each in found.predictions:
        yield ""
        yield from predicted_parts(each, found.model)


def _operators(found: Inspection) -> Table:
    model = found.model
    table = new_table(shown(model.name), show_footer=True, width=_WIDTH)
    weights = sum(map(weight_bytes, model.operators))
    table.add_column("", justify="right")
    table.add_column("operator", "total", overflow="fold")
    table.add_column("input", no_wrap=True)
    table.add_column("output", no_wrap=True)
    table.add_column("MACs", f"{model.macs:,}", justify="right", no_wrap=True)
    table.add_column("constants", f"{weights:,}", justify="right", no_wrap=True)
    table.add_column("runs")
    for operator in model.operators[:_MOST]:
        size = weight_bytes(operator)
        table.add_row(
            str(operator.index),
            _operator(operator),
            _first_shape(operator.inputs[_DATA.get(operator.name, 0) :]),
            _first_shape(operator.outputs),
            f"{operator.macs:,}" if operator.macs else "",
            f"{size:,}" if size else "",
            Text("no", "bold red") if operator.index in found.refusals else "yes",
        )
    if len(model.operators) > _MOST:
        table.add_row("", _more(len(model.operators)))
    return table


def _first(lines: list[str]) -> list[str]:
    """Return the first lines, and a line with the number of the others."""
    return lines if len(lines) <= _MOST else [*lines[:_MOST], _more(len(lines))]


def _more(count: int) -> str:
    return f"{count - _MOST:,} more: the JSON has them"


def _operator(operator: Operator) -> str:
    """Return the name with window, strides and other relevant options."""
    options, weights = operator.options, [*operator.inputs, None, None][1]
    window = ""
    if operator.name in _POOLS:
        window = f" {options['filterHeight']}x{options['filterWidth']}"
    elif operator.macs and weights and len(weights.shape) == 4:
        window = f" {weights.shape[1]}x{weights.shape[2]}"
    stride = (options.get("strideH", 1), options.get("strideW", 1))
    steps = "" if stride == (1, 1) else f" /{stride[0]}"
    if stride[0] != stride[1]:
        steps = f" /{stride[0]}x{stride[1]}"
    dilation = options.get("dilationHFactor", 1), options.get("dilationWFactor", 1)
    spread = "" if dilation == (1, 1) else f" dilated {dilation[0]}x{dilation[1]}"
    padding = _PADDING.get(options["padding"], "") if "padding" in options and window else ""
    activation = _ACTIVATION.get(options.get("fusedActivationFunction", 0), "")
    return f"{shown(operator.name)}{window}{steps}{spread}{padding}{activation}"


def _first_shape(tensors: tuple[Tensor | None, ...]) -> str:
    """Return the first tensor's shape without the batch, and the number of further tensors."""
    if not tensors or tensors[0] is None:
        return ""
    shape = tensors[0].shape
    return shape_text(shape[1:] if len(shape) > 1 and shape[0] == 1 else shape) or "scalar"


def _described(tensor: Tensor) -> str:
    text = f"{shown(tensor.name)}: {shape_text(tensor.shape) or 'scalar'} {tensor.dtype}"
    if tensor.scale is None:
        return text
    return f"{text}, scale {tensor.scale:.6g}, zero point {tensor.zero_point}"


def _support(found: Inspection) -> list[str | Text]:
    count = len(found.model.operators)
    if not found.refused:
        return [f"{every(count, 'operator')} run{'s' * (count == 1)}."]
    lines: list[str | Text] = [
        Text.assemble(("This model does not run:", "bold red"), f" {sentence(found.refused)}")
    ]
    lines += [f"    {line}" for line in quantising(found.refused)]
    if found.model.subgraphs > 1:
        lines.append(f"The operators are those of the first of {found.model.subgraphs} subgraphs.")
    if found.refusals:
        runs = count - len(found.refusals)
        lines.append(f"{runs:,} of {counted(count, 'operator')} would run; not:")
    reasons = [f"  operator {index}: {reason}" for index, reason in found.refusals.items()]
    return [*lines, *_first(reasons)]


def _total(arena: Arena) -> str:
    known = "not known, " + arena.lack if arena.total is None else f"{arena.total:,} bytes on RV32"
    return f"Tensor arena with {arena.design}: {known}"


def _arena(arena: Arena, model: Model) -> list[str]:
    peak = model.operators[arena.peak_operator]
    lines = [
        _total(arena),
        f"{arena.activations:>11,}  activations",
        f"{arena.scratch:>11,}  more for the kernels' scratch (at most "
        f"{arena.largest_scratch:,} by an operator)",
        f"{arena.tables:>11,}  tables of {counted(len(model.tensors), 'tensor')} and "
        f"{counted(len(model.operators), 'operator')}",
    ]
    if arena.persistent:
        lines.append(
            f"{arena.persistent:>11,}  what the kernels keep (at most "
            f"{arena.largest_persistent:,} for an operator)"
        )
    if arena.prepared is not None:
        lines.append(f"{arena.prepared:>11,}  what operators, inputs and outputs keep")
    used = f"{arena.peak:,} bytes of activations and scratch"
    lines.append(f"             most in use: {used}, at operator {peak.index} {shown(peak.name)}")
    return lines


def _runs(found: Inspection) -> Table | str:
    if not found.runs:
        return "No cycles are measured yet: cfuforge sim --model FILE --cfu DESIGN does it."
    table = new_table("Cycles measured so far")
    table.add_column("CFU", max_width=_SPEC, overflow="fold")
    table.add_column("board", max_width=_BOARD, overflow="fold")
    for name in ("MHz", "cycles", "arena"):
        table.add_column(name, justify="right")
    table.add_column("when")
    table.add_column("cfuforge")
    for run in found.runs:
        numbers = (f"{run.clock_hz / 1e6:g}", f"{run.cycles:,}", f"{run.arena_bytes:,}")
        made = (run.date, run.tools.get("cfuforge", ""))
        table.add_row(run.design, shown(run.board), *numbers, *made)
    return table
