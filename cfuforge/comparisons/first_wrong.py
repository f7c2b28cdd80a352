"""Find the first layer, and the first value in it, that differs from the oracle's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.base.shown import shown
from cfuforge.sw.tflite_model import Model

__all__ = ["Difference", "first_wrong_layer", "wrong_values"]


@dataclass(frozen=True)
class Difference:
    """The first wrong value of the first wrong layer.

    Parameters
    ----------
    operator, operator_name
        Position of the operator in the model, and its name in TFLite.
    kernel
        The kernel that computed it.
    tensor
        Name of the output, or of the variable that holds the layer's state.
    wrong, values
        Number of values that differ, and of all values.
    index
        Position of the first value that differs.
    expected, got
        The oracle's value there, and the run's.
    variable
        Whether the tensor is a variable.
    inference
        Number of the inference after a reset, from 1.
    """

    operator: int
    operator_name: str
    kernel: str
    tensor: str
    wrong: int
    values: int
    index: tuple[int, ...]
    expected: int | float
    got: int | float
    variable: bool = False
    inference: int = 1

    def __str__(self) -> str:
        index = ", ".join(map(str, self.index))
        kind = "variable" if self.variable else "output"
        tensor = shown(self.tensor, 40)
        when = f" in inference {self.inference} after a reset" if self.inference > 1 else ""
        return (
            f"operator {self.operator} {self.operator_name} by {self.kernel}{when}, {kind} "
            f"{tensor!r}: {self.wrong:,} of {self.values:,} values differ, first at "
            f"[{index}]: {self.expected} expected, {self.got} got"
        )


def first_wrong_layer(
    model: Model,
    kernels: Sequence[str],
    values: Mapping[int, NDArray[Any]],
    right: Mapping[int, NDArray[Any]],
    inference: int = 1,
) -> Difference | None:
    """Return the first difference of an inference; None when there is none.

    Parameters
    ----------
    model
        The model.
    kernels
        The kernel that computed each operator.
    values
        What each operator wrote, by tensor index.
    right
        The right values, from `cfuforge.sw.oracle.Oracle.layers`.
    inference
        Number of the inference after a reset, from 1.
    """
    for operator in model.operators:
        for tensor in operator.written:
            got, expected = values[tensor.index], right[tensor.index]
            differ = wrong_values(got, expected)
            if differ.any():
                index = tuple(int(axis) for axis in np.argwhere(differ)[0])
                return Difference(
                    operator=operator.index,
                    operator_name=operator.name,
                    kernel=kernels[operator.index],
                    tensor=tensor.name,
                    wrong=int(differ.sum()),
                    values=differ.size,
                    index=index,
                    expected=expected[index].item(),
                    got=got[index].item(),
                    variable=tensor.variable,
                    inference=inference,
                )
    return None


def wrong_values(got: NDArray[Any], expected: NDArray[Any]) -> NDArray[np.bool_]:
    """Return where two arrays differ; values with the same bits are equal, even NaNs."""
    bits = np.dtype(f"u{got.dtype.itemsize}")
    wrong: NDArray[np.bool_] = got.view(bits) != expected.astype(got.dtype).view(bits)
    return wrong
