"""Scales and accumulators for which the precision or the order of the arithmetic shows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from cfuforge.cfu.arithmetic import multiply_by_quantized_multiplier
from cfuforge.sw import one_operator
from cfuforge.sw.graph import Quantisation
from cfuforge.sw.host_runtime import HostRuntime
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.quantise import quantize_multiplier
from cfuforge.sw.tflite_model import Model

CHANNELS = 16
CONVOLUTION = {"strideH": 1, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 1, "padding": 1}
Scales = tuple[float, float, float]


def others(input_: float, filter_: float, output: float) -> list[float]:
    """Return what the multiplier would be in other precisions and orders."""
    i, f, o = np.float32([input_, filter_, output])
    return [float(i * f) / output, float(i * f / o), float(i / o) * filter_, input_ * float(f / o)]


def telling(rng: np.random.Generator) -> tuple[Scales, NDArray[np.int32]]:
    """Return scales, and accumulators that another multiplier takes to other results."""
    while True:
        exponents = rng.uniform([-12, -12, -4], [-9, -9, -1])
        input_, filter_, output = (float(scale) for scale in np.float32(2.0**exponents))
        right = quantize_multiplier(input_ * filter_ / output)
        halves = rng.integers(-100, 100, 200) + 0.5  # where the result is rounded
        near = np.rint(halves * output / input_ / filter_).astype(np.int64)
        near = np.add.outer(near, np.arange(-8, 9)).ravel()
        result = multiply_by_quantized_multiplier(near, *right)
        found = [
            near[result != multiply_by_quantized_multiplier(near, *quantize_multiplier(other))]
            for other in others(input_, filter_, output)
        ]
        if all(len(each) >= CHANNELS // 4 for each in found):
            chosen = np.concatenate([each[: CHANNELS // 4] for each in found])
            return (input_, filter_, output), chosen.astype(np.int32)


def fully_connected(
    input_: Quantisation, filter_: Quantisation, bias: np.ndarray, output: Quantisation
) -> Model:
    weights = np.zeros((CHANNELS, 4), np.int8)
    return one_operator.fully_connected(1, input_, weights, filter_, bias, output)


def conv_2d(
    input_: Quantisation, filter_: Quantisation, bias: np.ndarray, output: Quantisation
) -> Model:
    weights = np.zeros((CHANNELS, 1, 1, 4), np.int8)
    return one_operator.conv_2d((1, 1, 1, 4), input_, weights, filter_, bias, output, **CONVOLUTION)


def depthwise_conv_2d(
    input_: Quantisation, filter_: Quantisation, bias: np.ndarray, output: Quantisation
) -> Model:
    weights = np.zeros((1, 1, 1, CHANNELS), np.int8)
    return one_operator.depthwise_conv_2d(
        (1, 1, 1, CHANNELS),
        input_,
        weights,
        filter_,
        bias,
        output,
        depthMultiplier=1,
        **CONVOLUTION,
    )


@pytest.mark.parametrize("make", [fully_connected, conv_2d, depthwise_conv_2d])
def test_one_scale(make: Callable[..., Model]) -> None:
    rng = np.random.default_rng(1)
    for _ in range(40):
        (input_, filter_, output), accumulators = telling(rng)
        model = make(
            Quantisation((input_,), 0),
            Quantisation((filter_,), 0),
            accumulators,
            Quantisation((output,), 0),
        )
        array = np.zeros(model.inputs[0].shape, np.int8)
        np.testing.assert_array_equal(HostRuntime(model)(array)[0], Oracle(model)(array)[0])
