"""Inspect a model: operators and whether they run, memory, and cycles measured so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cfuforge.base.document import as_json
from cfuforge.base.errors import EnvironmentLacksError, InputError
from cfuforge.base.head import head_now
from cfuforge.base.progress import SILENT, Progress
from cfuforge.base.shown import counted
from cfuforge.cfu.design import Design
from cfuforge.defaults import (
    CfuChoice,
    ModelChoice,
    board_and_designs,
    build_target,
    model_or_sample,
)
from cfuforge.inspection.arena import Arena
from cfuforge.inspection.measured import Measured, find_measured
from cfuforge.inspection.predicted import Prediction, lack_of, predict
from cfuforge.inspection.shape import InspectionDocument, TensorFacts
from cfuforge.soc.board import DEFAULT_BOARD, Board
from cfuforge.sw.explained import in_words
from cfuforge.sw.kernels import KernelSet
from cfuforge.sw.memory_plan import Buffer, peak, planned_bytes
from cfuforge.sw.preparation import PreparationApart
from cfuforge.sw.tflite_model import Model, Operator, Tensor

__all__ = ["Inspection", "inspect", "memory_buffers", "weight_bytes"]

# sizeof on RV32; tests/cfuforge/inspection/test_inspection.py asks the compiler.
EVAL_TENSOR_BYTES = 12  # TfLiteEvalTensor
NODE_BYTES = 24  # MicroNode


@dataclass(frozen=True, repr=False)
class Inspection:
    """The result of `inspect`.

    Parameters
    ----------
    model
        The model.
    refusals
        Why the runtime refuses operators, by index.
    refused
        Why the runtime refuses the model; empty if it accepts it.
    plan
        Places and lifetimes of activations, and of the first design's scratch memory.
    arenas
        The arena of each design.
    predictions
        What the layers take with each design that has kernels, predicted.
    runs
        The latest runs in the cache.
    """

    model: Model
    refusals: dict[int, str]
    refused: str
    plan: tuple[Buffer, ...]
    arenas: tuple[Arena, ...]
    predictions: tuple[Prediction, ...]
    runs: tuple[Measured, ...]

    def __repr__(self) -> str:
        judged = "does not run" if self.refused else "runs"
        return (
            f"<Inspection of {self.model.name}: {counted(len(self.model.operators), 'operator')}, "
            f"{self.model.macs:,} MACs, {judged}>"
        )

    def _repr_html_(self) -> str:
        from cfuforge.inspection.table import inspection_html

        return inspection_html(self)

    def to_json(self) -> dict[str, Any]:
        """Return a value that ``json.dumps`` takes."""
        model = self.model
        document: InspectionDocument = {
            "schema": "inspect",
            **head_now(),
            "model": model.facts,
            "subgraphs": model.subgraphs,
            "supported": not self.refused,
            "refused": self.refused,
            "macs": model.macs,
            "weight_bytes": sum(map(weight_bytes, model.operators)),
            "inputs": [_tensor(tensor) for tensor in model.inputs],
            "outputs": [_tensor(tensor) for tensor in model.outputs],
            "operators": [
                {
                    "index": operator.index,
                    "operator": operator.name,
                    "options": {
                        name: value
                        for name, value in operator.options.items()
                        if isinstance(value, int | float | bool)
                    },
                    "inputs": [_tensor(tensor) if tensor else None for tensor in operator.inputs],
                    "outputs": [_tensor(tensor) for tensor in operator.outputs],
                    "macs": operator.macs,
                    "weight_bytes": weight_bytes(operator),
                    "supported": operator.index not in self.refusals,
                    "reason": self.refusals.get(operator.index, ""),
                }
                for operator in model.operators
            ],
            "plan": self.plan,
            "arenas": self.arenas,
            "predictions": self.predictions,
            "runs": self.runs,
        }
        return as_json(document)


def inspect(
    model: ModelChoice = None,
    cfu: CfuChoice | Sequence[CfuChoice] = "none",
    board: str = DEFAULT_BOARD,
    *,
    arena: bool = True,
    progress: Progress = SILENT,
) -> Inspection:
    """Inspect a model without running an inference.

    Parameters
    ----------
    model
        A ``.tflite`` file; by default the project's own keyword-spotting model.
    cfu
        One or more designs, as in `cfuforge.simulate`, whose arenas to report; the plan is the
        first one's, or the plain kernels' if there is none.
    board
        The board whose firmware reports the arena.
    arena
        Whether to ask it: the first time with a design, its SoC is built for that.
    progress
        Receives the progress.

    Notes
    -----
    The arena's size comes from the firmware on the simulated SoC, which runs until it has prepared
    the model, because pointers have another size on the host. Activations and scratch have the same
    size, so their plan is taken from the host's runtime; so is what kernels keep.
    """
    chosen, designs = board_and_designs(board, cfu)
    loaded = model_or_sample(model, runs=False)
    runs = tuple(find_measured(loaded.sha256))
    plans, arenas, predictions = [], [], []
    with PreparationApart(loaded) as preparation:
        refused, refusals = preparation.refusals()
        if refused:
            return Inspection(loaded, refusals, refused, (), (), (), runs)
        plain = preparation.plan()
        for design in designs:
            buffers = preparation.plan(KernelSet.of(design))
            kept = preparation.persistent(KernelSet.of(design))
            total, lack = None, ""
            try:
                if arena:
                    total = build_target(design, chosen, loaded, progress).arena_bytes(loaded)
                else:
                    lack = "the firmware was not asked"
            except (EnvironmentLacksError, InputError) as error:
                lack = in_words(str(error))
            plans.append(buffers)
            arenas.append(_arena(loaded, design, buffers, kept, plain, total, lack))
            if design.kernels:
                predictions.append(_prediction(loaded, design, chosen, preparation))
    plan = tuple(plans[0] if plans else plain)
    return Inspection(loaded, {}, "", plan, tuple(arenas), tuple(predictions), runs)


def memory_buffers(model: Model, design: Design) -> list[Buffer]:
    """Return the arena plan of an accepted model, with a design's scratch memory."""
    with PreparationApart(model) as preparation:
        return preparation.plan(KernelSet.of(design))


def _prediction(
    model: Model, design: Design, board: Board, preparation: PreparationApart
) -> Prediction:
    if lack := lack_of(design, board):
        return Prediction(design.spec, 0, (), lack)
    return predict(model, design, board, preparation.commands(KernelSet.of(design)))


def weight_bytes(operator: Operator) -> int:
    """Return the bytes of an operator's constants."""
    return sum(len(tensor.constant) for tensor in operator.inputs if tensor and tensor.constant)


def _arena(
    model: Model,
    design: Design,
    buffers: Sequence[Buffer],
    kept: Sequence[int],
    plain: Sequence[Buffer],
    total: int | None,
    lack: str,
) -> Arena:
    activations = planned_bytes([each for each in plain if not each.scratch])
    most, where = peak(buffers)
    tables = EVAL_TENSOR_BYTES * len(model.tensors) + NODE_BYTES * len(model.operators)
    scratch: dict[int, int] = {}
    for each in buffers:
        if each.scratch:
            scratch[each.first] = scratch.get(each.first, 0) + each.size
    return Arena(
        design=design.spec,
        activations=activations,
        peak=most,
        peak_operator=where,
        scratch=planned_bytes(buffers) - activations,
        largest_scratch=max(scratch.values(), default=0),
        persistent=sum(kept),
        largest_persistent=max(kept, default=0),
        tables=tables,
        prepared=None if total is None else total - planned_bytes(buffers) - sum(kept) - tables,
        total=total,
        lack=lack,
    )


def _tensor(tensor: Tensor) -> TensorFacts:
    return {
        "name": tensor.name,
        "shape": list(tensor.shape),
        "dtype": tensor.dtype,
        "constant": tensor.constant is not None,
    }
