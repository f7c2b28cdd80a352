"""What all strategies draw: a model, values for its inputs, scales and zero points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from cfuforge.sw.tflite_model import Model

__all__ = ["Case", "Values", "any_activation", "any_axis", "any_channels", "any_values"]
__all__ += ["any_zero_point"]
__all__ += ["random_of"]

SAME, VALID = 0, 1


@dataclass(frozen=True)
class Case:
    """A model of one operator, and inputs for it.

    Parameters
    ----------
    model
        The model.
    inputs
        One array for each input of the model.
    """

    model: Model
    inputs: tuple[NDArray[Any], ...]

    @classmethod
    def of(cls, model: Model, seed: int) -> Case:
        """Fill the model's inputs with random values."""
        rng = np.random.default_rng(seed)
        return cls(model, tuple(random_of(rng, each.shape, each.dtype) for each in model.inputs))

    def __repr__(self) -> str:
        operator = self.model.operators[0]
        tensors = [*filter(None, operator.inputs), *operator.outputs]
        described = "; ".join(_describe(tensor) for tensor in tensors)
        return f"Case({operator.name} {operator.options}: {described})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))  # otherwise hypothesis prints the fields of the dataclass


def _describe(tensor: Any) -> str:
    text = f"{tensor.name} {tensor.dtype}{[*tensor.shape]}"
    if tensor.constant and tensor.dtype == "int32":
        return f"{text} = {tensor.data().tolist()}"
    return f"{text} {[*tensor.scales]} {[*tensor.zero_points]}" if tensor.scales else text


def random_of(rng: np.random.Generator, shape: Sequence[int], dtype: str) -> NDArray[Any]:
    """Return random values, without NaN, which never compares equal."""
    if dtype in ("bool", "float32"):
        return rng.integers(0, 2, shape).astype(dtype)
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)


@dataclass(frozen=True)
class Values:
    """Random values from a seed; if `extreme`, all at the ends of their range."""

    rng: np.random.Generator
    extreme: bool

    def int8(self, shape: tuple[int, ...]) -> NDArray[np.int8]:
        """Return values of `shape`."""
        if self.extreme:
            return self.rng.choice(np.array([-128, -127, 127], np.int8), shape)
        return self.rng.integers(-128, 128, shape, dtype=np.int8)

    def bias(self, channels: int, magnitude: int) -> NDArray[np.int32]:
        """Return biases of at most `magnitude`."""
        return self.rng.integers(-magnitude, magnitude + 1, channels, dtype=np.int32)

    def scale(self, exponent: float, spread: float = 1.0) -> float:
        """Return a scale of about 2 ** exponent, seldom exactly a power of two."""
        return float(np.float32(2.0 ** (exponent + spread * self.rng.uniform(-1, 1))))


any_values = st.builds(
    Values,
    st.integers(0, 2**32 - 1).map(np.random.default_rng),
    st.sampled_from([False, False, True]),
)
any_zero_point = st.one_of(st.sampled_from([-128, 127, 0]), st.integers(-128, 127))
any_activation = st.sampled_from([0, 1, 2, 3])
whole_words = st.integers(1, 10).map(lambda words: 4 * words)
any_channels = st.one_of(st.integers(1, 9), whole_words, st.sampled_from([17, 31, 35]))


@st.composite
def any_axis(draw: st.DrawFn, padding: int, dilated: bool = True) -> tuple[int, int, int, int]:
    """Draw taps, stride, dilation and an input size that has at least one output."""
    taps, stride = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    dilation = draw(st.sampled_from([1, 1, 2, 3])) if dilated else 1
    smallest = (taps - 1) * dilation + 1 if padding == VALID else 1
    return taps, stride, dilation, draw(st.integers(smallest, smallest + 9))
