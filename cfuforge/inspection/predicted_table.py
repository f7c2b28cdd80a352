"""Print what `cfuforge model inspect` predicts."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

from cfuforge.base.shown import counted, shown
from cfuforge.inspection.predicted import PredictedLayer, Prediction
from cfuforge.soc.board import DEFAULT_BOARD
from cfuforge.sw.tflite_model import Model
from cfuforge.tables import new_table

__all__ = ["predicted_parts"]

_WIDTH = 80
_MOST = 500  # layers to show
_MOVED = ("inputs", "weights", "outputs")


def predicted_parts(prediction: Prediction, model: Model) -> Iterator[Table | str]:
    """Return a design's table, and what is not in it; or why nothing is predicted."""
    if prediction.lack:
        yield f"Not predicted: {prediction.lack}"
        return
    yield _table(prediction, model)
    layers = prediction.layers
    others = [each for each in layers if each.cycles is None]
    yield f"{prediction.cycles:,} cycles for {counted(len(layers) - len(others), 'layer')}."
    if others:
        names = dict.fromkeys(shown(model.operators[each.index].name) for each in others)
        found = counted(len(others), "other")
        yield f"The CPU computes {found}, or a part, not predicted: {', '.join(names)}"


def _table(prediction: Prediction, model: Model) -> Table:
    table = new_table(
        f"Predicted for {prediction.design} on board {DEFAULT_BOARD}, {prediction.macs:,} MACs a "
        "cycle",
        width=_WIDTH,
    )
    table.add_column("", justify="right")
    table.add_column("operator", overflow="fold")
    for name in ("cycles", "used"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("bound by", no_wrap=True)
    for name in _MOVED:
        table.add_column(f"B {name}", justify="right", no_wrap=True)
    for each in prediction.layers[:_MOST]:
        table.add_row(str(each.index), shown(model.operators[each.index].name), *_cells(each))
    if len(prediction.layers) > _MOST:
        table.add_row("", f"{len(prediction.layers) - _MOST:,} more: the JSON has them")
    return table


def _cells(layer: PredictedLayer) -> list[str]:
    moved = [f"{layer.moved.get(name, 0):,}" for name in _MOVED]
    if layer.cycles is None:
        return ["", "", f"CFU: {layer.running:,}", *moved] if layer.running else []
    busy = layer.busy.get(layer.binds, layer.cycles - layer.running)
    used = f"{layer.utilisation:.0%}" if layer.utilisation else ""
    bound = f"{layer.binds} {busy / layer.cycles:.0%}"
    return [f"{layer.cycles:,}", used, bound, *moved]
