"""Predict each layer's cycles with a CFU that works by itself, without a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cfuforge.base.document import Count
from cfuforge.cfu.design import Design
from cfuforge.cfu.prediction import Predicted
from cfuforge.soc.board import DEFAULT_BOARD, Board
from cfuforge.sw.command_trace import CommandTrace
from cfuforge.sw.tflite_model import Model, Operator

__all__ = ["PredictedLayer", "Prediction", "lack_of", "predict"]

# Of the CPU, on board `sim`: the runtime's call and the commands to the CFU; fetching that code for
# the first time; flushing the data cache and filling it anew, before a layer that the CPU computes.
# Each is seen in runs: a layer's cycles less those in which the engine counts that it runs.
CALLING = 77
FETCHING = 145
HANDING_OVER = 216
MOVING, STARTING = 500, 300  # a move is a kernel that the runtime calls, and starts parts by itself


@dataclass(frozen=True)
class PredictedLayer:
    """What a layer is predicted to take.

    Parameters
    ----------
    index
        Position in the model.
    kernel
        The kernel that computes it.
    cycles
        Clock cycles; None if the CPU computes it, or a part of it, which is not predicted.
    running
        Those of the CFU.
    utilisation
        The layer's multiply-accumulates, as a share of those that the CFU could do in `cycles`.
    busy
        The cycles that each of the CFU's units needs at least.
    binds
        The unit that needs most of them, or ``CPU``; empty if nothing is predicted.
    moved
        Bytes that the CFU reads and writes, by what they are.
    """

    index: Count
    kernel: str
    cycles: Count | None
    running: Count
    utilisation: float
    busy: dict[str, Count]
    binds: str
    moved: dict[str, Count]


@dataclass(frozen=True)
class Prediction:
    """A design's layers on board `sim`.

    Parameters
    ----------
    design
        The design's spec.
    macs
        Multiply-accumulates that its CFU does in a cycle at most.
    layers
        Of the model; empty if nothing can be predicted.
    lack
        Why, in a sentence; otherwise empty.
    """

    design: str
    macs: Count
    layers: Sequence[PredictedLayer]
    lack: str

    @property
    def cycles(self) -> int:
        """The sum of the cycles that are predicted."""
        return sum(each.cycles or 0 for each in self.layers)


def lack_of(design: Design, board: Board) -> str:
    """Return why a design's cycles cannot be predicted; empty if they can."""
    if design.predictor is None:
        return f"{design.spec} has no model of its time; cfuforge sim measures it"
    if board.name != DEFAULT_BOARD:
        return f"cycles are predicted for board {DEFAULT_BOARD}, not for {board.name}"
    return ""


def predict(model: Model, design: Design, board: Board, trace: CommandTrace) -> Prediction:
    """Predict a design's cycles from the commands that its kernels give; see `lack_of`."""
    predictor, port = design.predictor, board.memory_port
    assert predictor is not None
    assert port is not None
    found = [predictor(commands, trace.read, port.latency) for commands in trace.commands]
    layers = []
    for index, (operator, predicted) in enumerate(zip(model.operators, found, strict=True)):
        kernel, cpu = trace.kernels[index], CALLING
        moves = kernel.endswith("/move")
        cpu += FETCHING * (not any(found[:index]))
        cpu += HANDING_OVER * (not any(found[index + 1 : index + 2]))
        if predicted and moves:
            cpu += MOVING + STARTING * predicted.starts
        alone = moves or trace.prepared[index]
        layers.append(_layer(operator, kernel, predicted, cpu if alone else None, predictor.macs))
    return Prediction(design.spec, predictor.macs, tuple(layers), "")


def _layer(
    operator: Operator, kernel: str, predicted: Predicted | None, cpu: int | None, macs: int
) -> PredictedLayer:
    if predicted is None:
        return PredictedLayer(operator.index, kernel, None, 0, 0.0, {}, "", {})
    if cpu is None:
        busy, moved = dict(predicted.busy), dict(predicted.moved)
        return PredictedLayer(operator.index, kernel, None, predicted.cycles, 0.0, busy, "", moved)
    cycles = predicted.cycles + cpu
    needs = {**predicted.busy, "CPU": cpu}
    return PredictedLayer(
        operator.index,
        kernel,
        cycles,
        predicted.cycles,
        operator.macs / (macs * cycles),
        dict(predicted.busy),
        max(needs, key=lambda name: needs[name]),
        dict(predicted.moved),
    )
