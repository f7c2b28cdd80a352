"""Random pooling and reduction operators, and SOFTMAX."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st

from cfuforge.sw.tflite_model import Model
from support import operators
from support.graph import Quantisation, Tensor
from support.random_models.case import (
    SAME,
    VALID,
    Case,
    Values,
    any_activation,
    any_axis,
    any_channels,
    any_values,
    any_zero_point,
)

__all__ = ["args", "average_pools", "max_pools", "reductions", "softmaxes"]

_MOST_VALUES = 1 << 16
_sizes = st.one_of(st.integers(1, 5), st.sampled_from([1, 1, 8, 17]))


def _shapes(most: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Return shapes of 1 to `most` dimensions that fit the usual arena."""
    sizes = st.lists(_sizes, min_size=1, max_size=most).map(tuple)
    return sizes.filter(lambda shape: math.prod(shape) <= _MOST_VALUES)


@st.composite
def _two_quantisations(
    draw: st.DrawFn, values: Values, same: bool
) -> tuple[Quantisation, Quantisation]:
    input_ = Quantisation((values.scale(-4, 4),), draw(any_zero_point))
    if same:
        return input_, input_
    ratio = values.scale(draw(st.sampled_from([0, 0, 3, -3, 9, -9, -28, 29, 40])), 1)
    return input_, Quantisation(
        (float(np.float32(input_.scales[0] * ratio)),), draw(any_zero_point)
    )


@st.composite
def reductions(draw: st.DrawFn, name: str) -> Case:
    """Draw a reduction, ``"mean"``, ``"sum_"`` or ``"reduce_max"``, over any axes."""
    values = draw(any_values)
    shape = draw(_shapes(5))
    rank = len(shape)
    axes = draw(st.lists(st.integers(-rank, rank - 1), min_size=1, max_size=rank))
    same = name == "reduce_max" or draw(st.booleans())
    quantisations = draw(_two_quantisations(values, same))
    make = getattr(operators, name)
    return Case(make(shape, axes, *quantisations, draw(st.booleans())), (values.int8(shape),))


@st.composite
def args(draw: st.DrawFn, name: str) -> Case:
    """Draw an ``"arg_max"`` or ``"arg_min"`` along any axis; values are often repeated."""
    values = draw(any_values)
    shape = draw(_shapes(4))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    quantisation = Quantisation((values.scale(-4, 4),), draw(any_zero_point))
    return Case(getattr(operators, name)(shape, axis, quantisation), (values.int8(shape),))


@st.composite
def _pools(draw: st.DrawFn, make: Callable[..., Model]) -> Case:
    values, padding = draw(any_values), draw(st.sampled_from([SAME, VALID]))
    vertical, horizontal = (draw(any_axis(padding, dilated=False)) for _ in range(2))
    shape = (draw(st.sampled_from([1, 1, 2])), vertical[3], horizontal[3], draw(any_channels))
    options = {
        "padding": padding,
        "filterHeight": vertical[0],
        "filterWidth": horizontal[0],
        "strideH": vertical[1],
        "strideW": horizontal[1],
        "fusedActivationFunction": draw(any_activation),
    }
    quantisation = Quantisation((values.scale(-4, 4),), draw(any_zero_point))
    return Case(make(shape, quantisation, **options), (values.int8(shape),))


def average_pools() -> st.SearchStrategy[Case]:
    """Return AVERAGE_POOL_2D layers."""
    return _pools(operators.average_pool_2d)


def max_pools() -> st.SearchStrategy[Case]:
    """Return MAX_POOL_2D layers."""
    return _pools(operators.max_pool_2d)


@st.composite
def softmaxes(draw: st.DrawFn, *, wide: bool = False) -> Case:
    """Draw a SOFTMAX over rows of one or more values, to int8 or, if `wide`, to int16."""
    values = draw(any_values)
    shape = (draw(st.integers(1, 3)), draw(st.one_of(st.integers(1, 12), st.integers(1, 300))))
    scale = values.scale(draw(st.integers(-12, 4)))
    beta = draw(st.sampled_from([1.0, 0.5, 1.7]))
    output = Tensor(shape, Quantisation((2.0**-16,), -32768), dtype="int16") if wide else None
    model = operators.softmax(shape, scale, draw(any_zero_point), beta, output)
    return Case(model, (values.int8(shape),))
