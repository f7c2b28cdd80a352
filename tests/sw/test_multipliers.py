"""Scales and accumulators for which the arithmetic of an operator with weights shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.sw.tflite_model import Model
from support import operators
from support.adversarial import (
    RIGHT,
    Arithmetic,
    Case,
    Values,
    otherwise,
    product,
    products,
    scaled,
    tells,
    zero_point,
)
from support.graph import Quantisation
from support.operators import transpose_conv

CHANNELS = 64
UNPADDED = {"strideH": 1, "strideW": 1, "padding": 1}
CONVOLUTION = {**UNPADDED, "dilationHFactor": 1, "dilationWFactor": 1}
Weighted = Callable[[Quantisation, Quantisation, NDArray[np.int32], Quantisation], Model]


def fully_connected_model(*quantised: Any) -> Model:
    input_, filter_, bias, output = quantised
    weights = np.zeros((CHANNELS, 4), np.int8)
    return operators.fully_connected((1, 4), input_, weights, filter_, bias, output)


def conv_2d_model(*quantised: Any) -> Model:
    input_, filter_, bias, output = quantised
    weights = np.zeros((CHANNELS, 1, 1, 4), np.int8)
    return operators.conv_2d((1, 1, 1, 4), input_, weights, filter_, bias, output, **CONVOLUTION)


def depthwise_conv_2d_model(*quantised: Any) -> Model:
    input_, filter_, bias, output = quantised
    filter_ = Quantisation(filter_.scales, 0, 3)
    weights = np.zeros((1, 1, 1, CHANNELS), np.int8)
    options = {"depthMultiplier": 1, **CONVOLUTION}
    shape = (1, 1, 1, CHANNELS)
    return operators.depthwise_conv_2d(shape, input_, weights, filter_, bias, output, **options)


def transpose_conv_model(*quantised: Any) -> Model:
    input_, filter_, bias, output = quantised
    weights = np.zeros((CHANNELS, 1, 1, 4), np.int8)
    return transpose_conv((1, 1, 1, 4), input_, weights, filter_, bias, output, (1, 1), **UNPADDED)


def fully_connected(rng: np.random.Generator) -> Case:
    return weighted(fully_connected_model, 1, rng)


def fully_connected_of_channels(rng: np.random.Generator) -> Case:
    return weighted(fully_connected_model, CHANNELS, rng)


def conv_2d(rng: np.random.Generator) -> Case:
    return weighted(conv_2d_model, 1, rng)


def conv_2d_of_channels(rng: np.random.Generator) -> Case:
    return weighted(conv_2d_model, CHANNELS, rng)


def depthwise_conv_2d(rng: np.random.Generator) -> Case:
    return weighted(depthwise_conv_2d_model, 1, rng)


def depthwise_conv_2d_of_channels(rng: np.random.Generator) -> Case:
    return weighted(depthwise_conv_2d_model, CHANNELS, rng)


def transpose_conv_2d(rng: np.random.Generator) -> Case:
    return weighted(transpose_conv_model, 1, rng)


def transpose_conv_2d_of_channels(rng: np.random.Generator) -> Case:
    return weighted(transpose_conv_model, CHANNELS, rng)


def weighted(make: Weighted, channels: int, rng: np.random.Generator) -> Case:
    """Return an operator whose sums are its biases, with one scale or one for each channel."""
    input_, filter_, output = product(rng, 2.0 ** rng.uniform(-21, -15))
    filters = filter_ / 2.0 ** np.arange(channels).clip(0, 1)
    filters[CHANNELS // 2 :] *= np.float32(rng.uniform(0.6, 1, filters[CHANNELS // 2 :].size))
    filters = filters.astype(np.float32).astype(np.float64)
    offset = zero_point(rng)
    halves = rng.integers(-128 - offset, 128 - offset, CHANNELS) + 0.5
    nearest = np.rint(halves * output / input_ / filters)
    sums = (nearest + rng.integers(-3, 4, CHANNELS)).astype(np.int32)

    def result(factors: Values, how: Arithmetic = RIGHT) -> Values:
        return scaled(sums, factors, offset, how)

    right = input_ * filters / output
    others = otherwise(result, right)
    for each, factors in products(input_, filters, output).items():
        others[each] = partial(result, factors)

    def model() -> Model:
        scales = Quantisation(tuple(map(float, filters)))
        return make(Quantisation((input_,)), scales, sums, Quantisation((output,), offset))

    shape = (1, 1, 1, CHANNELS if make is depthwise_conv_2d_model else 4)
    shape = shape[2:] if make is fully_connected_model else shape
    return Case(model, (np.zeros(shape, np.int8),), result(right), others)


test_weighted = tells(
    fully_connected,
    fully_connected_of_channels,
    conv_2d,
    conv_2d_of_channels,
    depthwise_conv_2d,
    depthwise_conv_2d_of_channels,
    transpose_conv_2d,
    transpose_conv_2d_of_channels,
    cases=5,
)
