"""Whether a run is what TensorFlow Lite Micro computes: every value of every layer."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from numpy.typing import NDArray
from typing_extensions import TypedDict

from cfuforge.base.document import Count
from cfuforge.base.errors import RunError
from cfuforge.comparisons.first_wrong import Difference, first_wrong_layer
from cfuforge.inputs.files import Sample
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.run import Run
from cfuforge.sw.tflite_model import Model, Operator, Tensor

__all__ = [
    "ORACLE",
    "OracleName",
    "Verdict",
    "compared",
    "first_difference",
    "right_values",
    "verdict",
]


class OracleName(TypedDict):
    """What says what is right."""

    name: str
    """Its package's."""
    version: str
    """The package's."""


class Verdict(OracleName):
    """What the oracle says of a run."""

    compared: Count
    """How many values of layers were compared."""
    wrong_layer: str
    """Which layer is the first wrong one, in a sentence; empty when all are right."""


ORACLE: OracleName = {"name": "tflite-micro", "version": version("tflite-micro")}


def right_values(oracle: Oracle, inputs: Sequence[NDArray[Any]]) -> dict[int, NDArray[Any]]:
    """Return what an inference, the first after a reset, must give, by the index of the tensor."""
    if oracle.model.stateful:
        oracle.reset()
    return oracle.layers(*inputs)


def first_difference(
    model: Model,
    run: Run,
    right: Mapping[int, NDArray[Any]],
    ask: Callable[[Model, Operator], Mapping[int, NDArray[Any]]] | None = None,
) -> Difference | None:
    """Return where the first wrong layer of a run is wrong, if its target tells of layers.

    Parameters
    ----------
    model, run
        What ran.
    right
        From `right_values`.
    ask
        Returns an operator's outputs, by the index of the tensor, where the run has their checks
        alone; without it these are not looked at.

    Raises
    ------
    RunError
        When a layer's check is wrong, and the values that are asked for are not.
    """
    kernels = [layer.kernel for layer in run.layers]
    if run.values:
        return first_wrong_layer(model, kernels, run.values, right)
    if not run.checks or ask is None:
        return None
    for operator in model.operators:
        if all(run.checks[each.index] == _check(each, right) for each in operator.outputs):
            continue
        values = {**right, **ask(model, operator)}
        if found := first_wrong_layer(model, kernels, values, right):
            return found
        raise RunError(
            f"operator {operator.index} {operator.name} was wrong in one inference, and right in "
            "the next one of the same input: does the CFU keep a state?"
        )
    return None


def _check(tensor: Tensor, right: Mapping[int, NDArray[Any]]) -> int:
    return zlib.crc32(right[tensor.index].astype(tensor.dtype).tobytes())


def compared(model: Model, run: Run) -> int:
    """Return how many values of layers were compared: all that they write, or outputs, or none."""
    if not run.tells:
        return 0
    told = [each.written if run.values else each.outputs for each in model.operators]
    return sum(math.prod(tensor.shape) for tensors in told for tensor in tensors)


def verdict(model: Model, run: Run, sample: Sample) -> Verdict:
    """Return who was asked, how many values of layers were compared, and the first wrong layer."""
    wrong = first_difference(model, run, right_values(Oracle(model, keep_all=True), sample.arrays))
    return {
        **ORACLE,
        "compared": compared(model, run),
        "wrong_layer": f"The first wrong layer of {sample.name} is {wrong}." if wrong else "",
    }
