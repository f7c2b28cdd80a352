"""Compare a run with TensorFlow Lite Micro: every value of every layer."""

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
    """The oracle, which defines the right result."""

    name: str
    """Name of its package."""
    version: str
    """Version of the package."""


class Verdict(OracleName):
    """The oracle's verdict on a run."""

    compared: Count
    """Number of layer values compared."""
    wrong_layer: str
    """The first wrong layer, in a sentence; empty if all are right."""


ORACLE: OracleName = {"name": "tflite-micro", "version": version("tflite-micro")}


def right_values(oracle: Oracle, inputs: Sequence[NDArray[Any]]) -> dict[int, NDArray[Any]]:
    """Return the right values of the first inference after a reset, by tensor index."""
    if oracle.model.stateful:
        oracle.reset()
    return oracle.run_layers(*inputs)


def first_difference(
    model: Model,
    run: Run,
    right: Mapping[int, NDArray[Any]],
    ask: Callable[[Model, Operator], Mapping[int, NDArray[Any]]] | None = None,
) -> Difference | None:
    """Return the first wrong value of a run's first wrong layer, if its target reports layers.

    Parameters
    ----------
    model, run
        The model, and its run.
    right
        From `right_values`.
    ask
        Returns an operator's outputs by tensor index, if the run has only their checksums; if None,
        checksums are not examined.

    Raises
    ------
    RunError
        When a layer's checksum is wrong, but the values that `ask` returns are right.
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
            "the next one of the same input: does the CFU keep state?"
        )
    return None


def _check(tensor: Tensor, right: Mapping[int, NDArray[Any]]) -> int:
    return zlib.crc32(right[tensor.index].astype(tensor.dtype).tobytes())


def compared(model: Model, run: Run) -> int:
    """Return the number of layer values compared: all that layers write, or outputs, or none."""
    if not run.tells:
        return 0
    told = [each.written if run.values else each.outputs for each in model.operators]
    return sum(math.prod(tensor.shape) for tensors in told for tensor in tensors)


def verdict(model: Model, run: Run, sample: Sample) -> Verdict:
    """Return the oracle, the number of layer values compared, and the first wrong layer."""
    wrong = first_difference(model, run, right_values(Oracle(model, keep_all=True), sample.arrays))
    return {
        **ORACLE,
        "compared": compared(model, run),
        "wrong_layer": f"The first wrong layer of {sample.name} is {wrong}." if wrong else "",
    }
