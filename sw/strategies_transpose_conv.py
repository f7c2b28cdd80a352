"""Random TRANSPOSE_CONV layers for hypothesis; see `strategies`."""

from __future__ import annotations

from hypothesis import strategies as st

from cfuforge.sw.one_operator_transpose_conv import transpose_conv
from cfuforge.sw.strategies import (
    SAME,
    VALID,
    Layer,
    _activations,
    _channels,
    _quantisations,
    _values,
)

__all__ = ["transpose_convs"]


@st.composite
def _axis(draw: st.DrawFn, padding: int) -> tuple[int, int, int, int]:
    """Draw taps, stride, input size and output size; the last need not follow from the others."""
    taps, stride, size = draw(st.integers(1, 5)), draw(st.integers(1, 3)), draw(st.integers(1, 6))
    usual = size * stride if padding == SAME else (size - 1) * stride + taps
    return taps, stride, size, max(1, usual + draw(st.sampled_from([0, 0, 0, 0, 1, -1, 5])))


@st.composite
def transpose_convs(draw: st.DrawFn) -> Layer:
    """Draw a TRANSPOSE_CONV."""
    values, padding = draw(_values), draw(st.sampled_from([SAME, VALID]))
    vertical, horizontal = draw(_axis(padding)), draw(_axis(padding))
    depth, channels = draw(_channels), draw(_channels)
    filter_ = values.int8((channels, vertical[0], horizontal[0], depth))
    terms = max(1, filter_[0].size // (vertical[1] * horizontal[1]))
    quantisations = draw(_quantisations(values, terms, channels, 0, True))
    shape = (draw(st.sampled_from([1, 1, 2])), vertical[2], horizontal[2], depth)
    model = transpose_conv(
        shape,
        quantisations.input,
        filter_,
        quantisations.filter,
        quantisations.bias,
        (vertical[3], horizontal[3]),
        quantisations.output,
        padding=padding,
        strideH=vertical[1],
        strideW=horizontal[1],
        fusedActivationFunction=draw(_activations),
    )
    return Layer(model, values.int8(shape))
