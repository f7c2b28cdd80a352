"""Random operators with a filter, of any shape and scale: convolutions and fully connected."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from support import operators
from support.graph import Quantisation
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

__all__ = ["convs", "depthwise_convs", "fully_connecteds", "transpose_convs"]

_whole_words = st.integers(1, 10).map(lambda words: 4 * words)


@dataclass(frozen=True)
class _Quantisations:
    input: Quantisation
    filter: Quantisation
    output: Quantisation
    bias: NDArray[np.int32] | None


@st.composite
def _quantisations(
    draw: st.DrawFn, values: Values, depth: int, channels: int, dimension: int, per_channel: bool
) -> _Quantisations:
    """Draw scales that make outputs spread, all saturated, or all near the zero point."""
    spread = np.log2(depth) / 2 + 6  # bits by which accumulators exceed the output's range
    exponent = -spread + draw(st.sampled_from([0, 0, 0, 2, 5, -4, -9, -40]))
    exponent = min(exponent, 3.0)
    count = channels if per_channel and draw(st.booleans()) else 1
    input_scale = values.scale(-4, 3)
    filter_scales = [values.scale(-6, 2) for _ in range(count)]
    output_scale = input_scale * 2.0**-6 / 2.0**exponent
    magnitude = draw(st.sampled_from([0, 1 << 8, 1 << 14, 1 << 20]))
    return _Quantisations(
        Quantisation((input_scale,), draw(any_zero_point)),
        Quantisation(tuple(filter_scales), 0, dimension if count > 1 else 0),
        Quantisation((float(np.float32(output_scale)),), draw(any_zero_point)),
        values.bias(channels, magnitude) if draw(st.integers(0, 4)) else None,
    )


def _convolution_options(
    vertical: tuple[int, int, int, int], horizontal: tuple[int, int, int, int]
) -> dict[str, int]:
    return {
        "strideH": vertical[1],
        "strideW": horizontal[1],
        "dilationHFactor": vertical[2],
        "dilationWFactor": horizontal[2],
    }


@st.composite
def convs(draw: st.DrawFn) -> Case:
    """Draw a CONV_2D, pointwise or with any kernel, sometimes grouped."""
    values, padding = draw(any_values), draw(st.sampled_from([SAME, VALID]))
    pointwise = draw(st.integers(0, 3)) == 0
    size = draw(st.integers(1, 9))
    vertical = (1, 1, 1, size) if pointwise else draw(any_axis(padding))
    horizontal = (1, 1, 1, draw(st.integers(1, 9))) if pointwise else draw(any_axis(padding))
    batches, groups = draw(st.sampled_from([1, 1, 1, 2])), draw(st.sampled_from([1, 1, 1, 1, 2, 3]))
    depth = draw(any_channels)
    channels = groups * draw(any_channels)
    filter_ = values.int8((channels, vertical[0], horizontal[0], depth))
    terms = vertical[0] * horizontal[0] * depth
    quantisations = draw(_quantisations(values, terms, channels, 0, True))
    shape = (batches, vertical[3], horizontal[3], depth * groups)
    model = operators.conv_2d(
        shape,
        quantisations.input,
        filter_,
        quantisations.filter,
        quantisations.bias,
        quantisations.output,
        padding=padding,
        fusedActivationFunction=draw(any_activation),
        **_convolution_options(vertical, horizontal),
    )
    return Case(model, (values.int8(shape),))


@st.composite
def depthwise_convs(draw: st.DrawFn) -> Case:
    """Draw a DEPTHWISE_CONV_2D: half are 3x3 as in most models, half arbitrary."""
    values, padding = draw(any_values), draw(st.sampled_from([SAME, VALID]))
    batches = draw(st.sampled_from([1, 1, 1, 2]))
    if draw(st.booleans()):
        vertical = (3, draw(st.sampled_from([1, 1, 2])), 1, draw(st.integers(3, 20)))
        horizontal = (3, draw(st.sampled_from([1, 1, 2])), 1, draw(st.integers(3, 12)))
        depth, multiplier = draw(_whole_words), 1
    else:
        vertical, horizontal = draw(any_axis(padding)), draw(any_axis(padding))
        depth, multiplier = draw(any_channels), draw(st.sampled_from([1, 1, 1, 2, 3, 4, 7, 8]))
    channels = depth * multiplier
    filter_ = values.int8((1, vertical[0], horizontal[0], channels))
    terms = vertical[0] * horizontal[0]
    quantisations = draw(_quantisations(values, terms, channels, 3, True))
    shape = (batches, vertical[3], horizontal[3], depth)
    model = operators.depthwise_conv_2d(
        shape,
        quantisations.input,
        filter_,
        quantisations.filter,
        quantisations.bias,
        quantisations.output,
        padding=padding,
        depthMultiplier=multiplier,
        fusedActivationFunction=draw(any_activation),
        **_convolution_options(vertical, horizontal),
    )
    return Case(model, (values.int8(shape),))


@st.composite
def fully_connecteds(draw: st.DrawFn, filter_zero_points: bool = True) -> Case:
    """Draw a FULLY_CONNECTED, seldom with a filter zero point other than 0."""
    values = draw(any_values)
    batches, channels = draw(st.sampled_from([1, 1, 1, 2, 3])), draw(any_channels)
    depth = draw(st.one_of(any_channels, st.integers(1, 200)))
    quantisations = draw(_quantisations(values, depth, channels, 0, True))
    filter_quantisation = quantisations.filter
    one_scale = len(filter_quantisation.scales) == 1
    if one_scale and filter_zero_points and draw(st.integers(0, 4)) == 4:
        filter_quantisation = Quantisation(filter_quantisation.scales, draw(any_zero_point))
    model = operators.fully_connected(
        (batches, depth),
        quantisations.input,
        values.int8((channels, depth)),
        filter_quantisation,
        quantisations.bias,
        quantisations.output,
        fusedActivationFunction=draw(any_activation),
    )
    return Case(model, (values.int8((batches, depth)),))


@st.composite
def _transposed_axis(draw: st.DrawFn, padding: int) -> tuple[int, int, int, int]:
    """Draw taps, stride, input size and output size, which need not be consistent."""
    taps, stride, size = draw(st.integers(1, 5)), draw(st.integers(1, 3)), draw(st.integers(1, 6))
    usual = size * stride if padding == SAME else (size - 1) * stride + taps
    return taps, stride, size, max(1, usual + draw(st.sampled_from([0, 0, 0, 0, 1, -1, 5])))


@st.composite
def transpose_convs(draw: st.DrawFn) -> Case:
    """Draw a TRANSPOSE_CONV."""
    values, padding = draw(any_values), draw(st.sampled_from([SAME, VALID]))
    vertical, horizontal = draw(_transposed_axis(padding)), draw(_transposed_axis(padding))
    depth, channels = draw(any_channels), draw(any_channels)
    filter_ = values.int8((channels, vertical[0], horizontal[0], depth))
    terms = max(1, filter_[0].size // (vertical[1] * horizontal[1]))
    quantisations = draw(_quantisations(values, terms, channels, 0, True))
    shape = (draw(st.sampled_from([1, 1, 2])), vertical[2], horizontal[2], depth)
    model = operators.transpose_conv(
        shape,
        quantisations.input,
        filter_,
        quantisations.filter,
        quantisations.bias,
        quantisations.output,
        (vertical[3], horizontal[3]),
        padding=padding,
        strideH=vertical[1],
        strideW=horizontal[1],
        fusedActivationFunction=draw(any_activation),
    )
    return Case(model, (values.int8(shape),))
