"""From a model's scales to the integers that the kernels compute with."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cfuforge.cfu.errors import InputError

__all__ = [
    "activation_range",
    "channel_multipliers",
    "padding_before",
    "quantize_multiplier",
    "softmax_params",
]

NONE, RELU, RELU_N1_TO_1, RELU6 = 0, 1, 2, 3  # ActivationFunctionType
SAME = 0  # Padding


def quantize_multiplier(real: float) -> tuple[int, int]:
    """Return multiplier, below 2^31, and shift (positive is left) so that their product is `real`.

    Parameters
    ----------
    real
        Not negative and below 2^31; the kernels' ``nn_quant`` takes it below 2^30. Too small for
        a shift of -31 gives (0, 0).

    Raises
    ------
    InputError
        When `real` is too large.
    """
    if real == 0.0:
        return 0, 0
    fraction, shift = math.frexp(real)
    multiplier = math.floor(fraction * (1 << 31) + 0.5)  # fraction is positive: away from zero
    if multiplier == 1 << 31:
        multiplier, shift = multiplier // 2, shift + 1
    if shift < -31:
        return 0, 0
    if shift > 31:
        raise InputError(f"a quantised multiplier must be below 2^31, not {real}: check the scales")
    return multiplier, shift


def channel_multipliers(
    input_scale: float, filter_scales: Sequence[float], output_scale: float, channels: int
) -> tuple[list[int], list[int]]:
    """Return the multipliers and the shifts of a convolution's output channels.

    Parameters
    ----------
    input_scale, output_scale
        Float32 values.
    filter_scales
        One, or one for each channel.
    channels
        Number of output channels.
    """
    scales = list(filter_scales) * channels if len(filter_scales) == 1 else list(filter_scales)
    pairs = [quantize_multiplier(input_scale * scale / output_scale) for scale in scales]
    return [multiplier for multiplier, _ in pairs], [shift for _, shift in pairs]


def activation_range(function: int, output_scale: float, zero_point: int) -> tuple[int, int]:
    """Return the int8 range that an activation function leaves.

    Raises
    ------
    InputError
        For a function that is no clamp.
    """

    def quantize(value: float) -> int:
        scaled = float(np.float32(value) / np.float32(output_scale))
        return zero_point + int(math.copysign(math.floor(abs(scaled) + 0.5), scaled))

    if function == NONE:
        return -128, 127
    if function == RELU:
        return max(-128, quantize(0.0)), 127
    if function == RELU6:
        return max(-128, quantize(0.0)), min(127, quantize(6.0))
    if function == RELU_N1_TO_1:
        return max(-128, quantize(-1.0)), min(127, quantize(1.0))
    raise InputError(f"the activation function must be none or a ReLU, not number {function}")


def padding_before(
    padding: int, size: int, taps: int, stride: int, dilation: int, outputs: int
) -> int:
    """Return how many positions of padding lie before the input, along one axis."""
    if padding != SAME:
        return 0
    total = (outputs - 1) * stride + (taps - 1) * dilation + 1 - size
    return max(total, 0) // 2


def softmax_params(beta: float, input_scale: float) -> tuple[int, int, int]:
    """Return multiplier, left shift and diff_min of SOFTMAX, whose differences are in Q5.26."""
    integer_bits = 5
    real = float(np.float32(beta)) * input_scale * (1 << (31 - integer_bits))
    multiplier, left_shift = quantize_multiplier(min(real, (1 << 31) - 1.0))
    radius = ((1 << integer_bits) - 1) * (1 << (31 - integer_bits)) / (1 << max(left_shift, 0))
    return multiplier, left_shift, -math.floor(radius)
