"""Random layers for hypothesis: pooling and reducing operators; see `strategies`."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from cfuforge.sw import one_operator_reductions as one_operator
from cfuforge.sw.one_operator import Quantisation
from cfuforge.sw.strategies import (
    SAME,
    VALID,
    Layer,
    _activations,
    _axis,
    _channels,
    _Values,
    _values,
    _zero_points,
)

__all__ = ["args", "max_pools", "reductions"]

_MOST_VALUES = 1 << 16
_sizes = st.one_of(st.integers(1, 5), st.sampled_from([1, 1, 8, 17]))


def _shapes(most: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Return shapes of 1 to `most` dimensions that fit into the usual arena."""
    sizes = st.lists(_sizes, min_size=1, max_size=most).map(tuple)
    return sizes.filter(lambda shape: math.prod(shape) <= _MOST_VALUES)


@st.composite
def _two_quantisations(
    draw: st.DrawFn, values: _Values, same: bool
) -> tuple[Quantisation, Quantisation]:
    input_ = Quantisation((values.scale(-4, 4),), draw(_zero_points))
    if same:
        return input_, input_
    ratio = values.scale(draw(st.sampled_from([0, 0, 3, -3, 9, -9, -28, 29, 40])), 1)
    return input_, Quantisation((float(np.float32(input_.scales[0] * ratio)),), draw(_zero_points))


@st.composite
def max_pools(draw: st.DrawFn) -> Layer:
    """Draw a MAX_POOL_2D."""
    values, padding = draw(_values), draw(st.sampled_from([SAME, VALID]))
    vertical, horizontal = draw(_axis(padding, dilated=False)), draw(_axis(padding, dilated=False))
    shape = (draw(st.sampled_from([1, 1, 2])), vertical[3], horizontal[3], draw(_channels))
    options = {
        "padding": padding,
        "filterHeight": vertical[0],
        "filterWidth": horizontal[0],
        "strideH": vertical[1],
        "strideW": horizontal[1],
        "fusedActivationFunction": draw(_activations),
    }
    quantisation = Quantisation((values.scale(-4, 4),), draw(_zero_points))
    model = one_operator.max_pool_2d(shape, quantisation, quantisation, **options)
    return Layer(model, values.int8(shape))


@st.composite
def reductions(draw: st.DrawFn, name: str) -> Layer:
    """Draw a reduction, ``"mean"``, ``"sum_"`` or ``"reduce_max"``, over any axes."""
    values = draw(_values)
    shape = draw(_shapes(5))
    rank = len(shape)
    axes = draw(st.lists(st.integers(-rank, rank - 1), min_size=1, max_size=rank))
    same = name == "reduce_max" or draw(st.booleans())
    quantisations = draw(_two_quantisations(values, same))
    make = getattr(one_operator, name)
    return Layer(make(shape, axes, *quantisations, draw(st.booleans())), values.int8(shape))


@st.composite
def args(draw: st.DrawFn, name: str) -> Layer:
    """Draw an ``"arg_max"`` or ``"arg_min"`` along any axis; values often occur twice."""
    values = draw(_values)
    shape = draw(_shapes(4))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    quantisation = Quantisation((values.scale(-4, 4),), draw(_zero_points))
    return Layer(getattr(one_operator, name)(shape, axis, quantisation), values.int8(shape))
