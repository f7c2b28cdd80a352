"""Make models of a single elementwise operator, of any number of inputs and of any type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from cfuforge.sw.graph import Place, Quantisation, one_operator_model
from cfuforge.sw.tflite_model import Model

__all__ = ["Operand", "elementwise"]


@dataclass(frozen=True)
class Operand:
    """A tensor of the operator.

    Parameters
    ----------
    shape
        Of any rank.
    quantisation
        One scale and one zero point; None for integers that mean themselves.
    data
        Of a constant, of `shape`; None for an input or output of the model.
    dtype
        ``"int8"``, ``"uint8"``, ``"int16"``, ``"int32"`` or ``"float32"``.
    """

    shape: tuple[int, ...]
    quantisation: Quantisation | None
    data: NDArray[Any] | None = None
    dtype: str = "int8"


def elementwise(name: str, inputs: Sequence[Operand], output: Operand, **options: Any) -> Model:
    """Make a model of the operator `name`; inputs without data are the model's, in their order.

    Parameters
    ----------
    options
        The schema's: fusedActivationFunction, alpha.
    """
    places = [
        Place(
            f"input{number}" if number < len(inputs) else "output",
            operand.shape,
            operand.quantisation,
            operand.dtype,
            operand.data,
        )
        for number, operand in enumerate([*inputs, output])
    ]
    return one_operator_model(name, places[:-1], places[-1:], **options)
