"""Random layers for hypothesis: models of one operator with an input, of every shape and scale.

For tests only, a user's own kernels included; needs the package ``hypothesis``. Shapes and
parameters are drawn by hypothesis, which shrinks them; the values come from a seed that it draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from cfuforge.sw import one_operator
from cfuforge.sw.graph import Place, Quantisation
from cfuforge.sw.tflite_model import Model

__all__ = ["Layer", "average_pools", "convs", "depthwise_convs", "fully_connecteds", "softmaxes"]

SAME, VALID = 0, 1
_whole_words = st.integers(1, 10).map(lambda words: 4 * words)
_channels = st.one_of(st.integers(1, 9), _whole_words, st.sampled_from([17, 31, 35]))
_zero_points = st.one_of(st.sampled_from([-128, 127, 0]), st.integers(-128, 127))
_activations = st.sampled_from([0, 1, 2, 3])


@dataclass(frozen=True)
class Layer:
    """A model of one operator, and an input for it.

    Parameters
    ----------
    model
        The model.
    input
        Of its shape, int8.
    """

    model: Model
    input: NDArray[np.int8]

    def __repr__(self) -> str:
        operator = self.model.operators[0]
        tensors = [tensor for tensor in operator.inputs if tensor] + [*operator.outputs]
        described = ", ".join(
            f"{tensor.name}{[*tensor.shape]} zero point {tensor.zero_points[0]}"
            for tensor in tensors
        )
        return f"Layer({operator.name} {operator.options}: {described})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))  # hypothesis would print the fields of a dataclass instead


@dataclass(frozen=True)
class _Values:
    """Random values, from a seed."""

    rng: np.random.Generator
    extreme: bool

    def int8(self, shape: tuple[int, ...]) -> NDArray[np.int8]:
        if self.extreme:
            return self.rng.choice(np.array([-128, -127, 127], np.int8), shape)
        return self.rng.integers(-128, 128, shape, dtype=np.int8)

    def bias(self, channels: int, magnitude: int) -> NDArray[np.int32]:
        return self.rng.integers(-magnitude, magnitude + 1, channels, dtype=np.int32)

    def scale(self, exponent: float, spread: float = 1.0) -> float:
        """Return a scale of about 2 ** exponent, seldom a power of two."""
        return float(np.float32(2.0 ** (exponent + spread * self.rng.uniform(-1, 1))))


_values = st.builds(
    _Values,
    st.integers(0, 2**32 - 1).map(np.random.default_rng),
    st.sampled_from([False, False, True]),
)


@dataclass(frozen=True)
class _Quantisations:
    input: Quantisation
    filter: Quantisation
    output: Quantisation
    bias: NDArray[np.int32] | None


@st.composite
def _quantisations(
    draw: st.DrawFn, values: _Values, depth: int, channels: int, dimension: int, per_channel: bool
) -> _Quantisations:
    """Draw scales so that outputs are spread, all saturated, or all near the zero point."""
    spread = np.log2(depth) / 2 + 6  # of the accumulators beyond an output's range, in bits
    exponent = -spread + draw(st.sampled_from([0, 0, 0, 2, 5, -4, -9, -40]))
    exponent = min(exponent, 3.0)
    count = channels if per_channel and draw(st.booleans()) else 1
    input_scale = values.scale(-4, 3)
    filter_scales = [values.scale(-6, 2) for _ in range(count)]
    output_scale = input_scale * 2.0**-6 / 2.0**exponent
    magnitude = draw(st.sampled_from([0, 1 << 8, 1 << 14, 1 << 20]))
    return _Quantisations(
        Quantisation((input_scale,), draw(_zero_points)),
        Quantisation(tuple(filter_scales), 0, dimension if count > 1 else 0),
        Quantisation((float(np.float32(output_scale)),), draw(_zero_points)),
        values.bias(channels, magnitude) if draw(st.integers(0, 4)) else None,
    )


@st.composite
def _axis(draw: st.DrawFn, padding: int, dilated: bool = True) -> tuple[int, int, int, int]:
    """Draw taps, stride, dilation and an input size that has at least one output."""
    taps, stride = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    dilation = draw(st.sampled_from([1, 1, 2, 3])) if dilated else 1
    smallest = (taps - 1) * dilation + 1 if padding == VALID else 1
    return taps, stride, dilation, draw(st.integers(smallest, smallest + 9))


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
def convs(draw: st.DrawFn) -> Layer:
    """Draw a CONV_2D, pointwise or of any kernel, sometimes in groups."""
    values, padding = draw(_values), draw(st.sampled_from([SAME, VALID]))
    pointwise = draw(st.integers(0, 3)) == 0
    size = draw(st.integers(1, 9))
    vertical = (1, 1, 1, size) if pointwise else draw(_axis(padding))
    horizontal = (1, 1, 1, draw(st.integers(1, 9))) if pointwise else draw(_axis(padding))
    batches, groups = draw(st.sampled_from([1, 1, 1, 2])), draw(st.sampled_from([1, 1, 1, 1, 2, 3]))
    depth = draw(_channels)
    channels = groups * draw(_channels)
    filter_ = values.int8((channels, vertical[0], horizontal[0], depth))
    terms = vertical[0] * horizontal[0] * depth
    quantisations = draw(_quantisations(values, terms, channels, 0, True))
    shape = (batches, vertical[3], horizontal[3], depth * groups)
    model = one_operator.conv_2d(
        shape,
        quantisations.input,
        filter_,
        quantisations.filter,
        quantisations.bias,
        quantisations.output,
        padding=padding,
        fusedActivationFunction=draw(_activations),
        **_convolution_options(vertical, horizontal),
    )
    return Layer(model, values.int8(shape))


@st.composite
def depthwise_convs(draw: st.DrawFn) -> Layer:
    """Draw a DEPTHWISE_CONV_2D: half of them 3x3 as in most models, half with anything."""
    values, padding = draw(_values), draw(st.sampled_from([SAME, VALID]))
    batches = draw(st.sampled_from([1, 1, 1, 2]))
    if draw(st.booleans()):
        vertical = (3, draw(st.sampled_from([1, 1, 2])), 1, draw(st.integers(3, 20)))
        horizontal = (3, draw(st.sampled_from([1, 1, 2])), 1, draw(st.integers(3, 12)))
        depth, multiplier = draw(_whole_words), 1
    else:
        vertical, horizontal = draw(_axis(padding)), draw(_axis(padding))
        depth, multiplier = draw(_channels), draw(st.sampled_from([1, 1, 1, 2, 3, 4, 7, 8]))
    channels = depth * multiplier
    filter_ = values.int8((1, vertical[0], horizontal[0], channels))
    terms = vertical[0] * horizontal[0]
    quantisations = draw(_quantisations(values, terms, channels, 3, True))
    shape = (batches, vertical[3], horizontal[3], depth)
    model = one_operator.depthwise_conv_2d(
        shape,
        quantisations.input,
        filter_,
        quantisations.filter,
        quantisations.bias,
        quantisations.output,
        padding=padding,
        depthMultiplier=multiplier,
        fusedActivationFunction=draw(_activations),
        **_convolution_options(vertical, horizontal),
    )
    return Layer(model, values.int8(shape))


@st.composite
def fully_connecteds(draw: st.DrawFn, filter_zero_points: bool = True) -> Layer:
    """Draw a FULLY_CONNECTED; its filter's zero point seldom differs from 0."""
    values = draw(_values)
    batches, channels = draw(st.sampled_from([1, 1, 1, 2, 3])), draw(_channels)
    depth = draw(st.one_of(_channels, st.integers(1, 200)))
    quantisations = draw(_quantisations(values, depth, channels, 0, True))
    filter_quantisation = quantisations.filter
    one_scale = len(filter_quantisation.scales) == 1
    if one_scale and filter_zero_points and draw(st.integers(0, 4)) == 4:
        filter_quantisation = Quantisation(filter_quantisation.scales, draw(_zero_points))
    model = one_operator.fully_connected(
        batches,
        quantisations.input,
        values.int8((channels, depth)),
        filter_quantisation,
        quantisations.bias,
        quantisations.output,
        fusedActivationFunction=draw(_activations),
    )
    return Layer(model, values.int8((batches, depth)))


@st.composite
def average_pools(draw: st.DrawFn) -> Layer:
    """Draw an AVERAGE_POOL_2D."""
    values, padding = draw(_values), draw(st.sampled_from([SAME, VALID]))
    vertical, horizontal = draw(_axis(padding, dilated=False)), draw(_axis(padding, dilated=False))
    shape = (draw(st.sampled_from([1, 1, 2])), vertical[3], horizontal[3], draw(_channels))
    options: dict[str, Any] = {
        "padding": padding,
        "filterHeight": vertical[0],
        "filterWidth": horizontal[0],
        "strideH": vertical[1],
        "strideW": horizontal[1],
        "fusedActivationFunction": draw(_activations),
    }
    quantisation = Quantisation((values.scale(-4, 4),), draw(_zero_points))
    return Layer(one_operator.average_pool_2d(shape, quantisation, **options), values.int8(shape))


@st.composite
def softmaxes(draw: st.DrawFn, *, wide: bool = False) -> Layer:
    """Draw a SOFTMAX over rows of 1 value and more, to int8 or, `wide`, to int16."""
    values = draw(_values)
    shape = (draw(st.integers(1, 3)), draw(st.one_of(st.integers(1, 12), st.integers(1, 300))))
    scale = values.scale(draw(st.integers(-12, 4)))
    beta = draw(st.sampled_from([1.0, 0.5, 1.7]))
    output = Place("output", shape, Quantisation((2.0**-16,), -32768), "int16") if wide else None
    model = one_operator.softmax(shape, scale, draw(_zero_points), beta, output)
    return Layer(model, values.int8(shape))
