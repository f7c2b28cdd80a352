"""Make models of a single operator that moves or resizes data: any number of tensors, any type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.sw.graph import Place, Quantisation, one_operator_model
from cfuforge.sw.tflite_model import Model

__all__ = ["PLAIN", "Part", "indices", "one_operator"]

PLAIN = Quantisation((0.5,), 3)


@dataclass(frozen=True)
class Part:
    """An input or output of the operator.

    Parameters
    ----------
    shape
        Its dimensions.
    dtype
        numpy's name of its type.
    quantisation
        Of its values; None for none.
    data
        The values of a constant; None for what is given to or returned by an inference.
    """

    shape: tuple[int, ...]
    dtype: str = "int8"
    quantisation: Quantisation | None = PLAIN
    data: NDArray[Any] | None = None


def indices(values: Sequence[int] | int) -> Part:
    """Return a constant of int32: sizes, axes, positions. One int makes a scalar."""
    data = np.array(values, np.int32)
    return Part(data.shape, "int32", None, data)


def one_operator(
    name: str, inputs: Sequence[Part], outputs: Sequence[Part], **options: Any
) -> Model:
    """Make a model of the operator `name`.

    Parameters
    ----------
    inputs
        In the operator's order; those without data are the model's inputs.
    outputs
        The operator's and the model's.
    options
        The schema's, by their names there in Python.
    """
    places = [
        Place(f"{kind}{number}", part.shape, part.quantisation, part.dtype, part.data)
        for kind, parts in (("input", inputs), ("output", outputs))
        for number, part in enumerate(parts)
    ]
    return one_operator_model(name, places[: len(inputs)], places[len(inputs) :], **options)
