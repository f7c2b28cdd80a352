"""A scale of 0 makes products 0, as in TFLM; where it would be divided by, it is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cfuforge.base.errors import InputError
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model
from support import operators
from support.graph import PLAIN, Quantisation, Tensor, indices, one_operator
from support.kernels import plain_runtime
from support.operators import Gate, lstm, svdf, transpose_conv

HALF, NONE = Quantisation((0.5,), 3), Quantisation((0.0,))
FIRST, EVERY = Quantisation((0.0, 0.25, 0.5, 0.125)), Quantisation((0.0,) * 4)
STRIDES = {"strideH": 1, "strideW": 1}
CONVOLUTION = {**STRIDES, "dilationHFactor": 1, "dilationWFactor": 1, "padding": 1}
rng = np.random.default_rng(1)
BIAS = rng.integers(-500, 500, 4).astype(np.int32)


def weights(*shape: int) -> np.ndarray:
    return rng.integers(-127, 128, shape).astype(np.int8)


def check(model: Model) -> None:
    runtime, oracle = plain_runtime(model), Oracle(model)
    for _ in range(3):
        inputs = [rng.integers(-128, 128, each.shape).astype(np.int8) for each in model.inputs]
        for got, right in zip(runtime(*inputs), oracle(*inputs), strict=True):
            np.testing.assert_array_equal(got, right)


@pytest.mark.parametrize("input_", [HALF, Quantisation((0.0,), 3)])
@pytest.mark.parametrize("filter_", [FIRST, EVERY])
def test_convolutions(input_: Quantisation, filter_: Quantisation) -> None:
    wide, shape = weights(4, 2, 2, 4), (1, 3, 3, 4)
    check(operators.conv_2d(shape, input_, wide, filter_, BIAS, HALF, **CONVOLUTION))
    thin = weights(1, 2, 2, 4)
    options = {**CONVOLUTION, "depthMultiplier": 1}
    last = replace(filter_, dimension=3)
    check(operators.depthwise_conv_2d(shape, input_, thin, last, BIAS, HALF, **options))
    check(transpose_conv(shape, input_, wide, filter_, BIAS, HALF, (4, 4), padding=1, **STRIDES))
    check(operators.fully_connected((2, 4), input_, weights(4, 4), NONE, BIAS, HALF))


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("name", ["MUL", "PRELU"])
def test_factors(name: str, place: int) -> None:
    operands = [Tensor((2, 4), HALF), Tensor((4,), HALF, weights(4))]
    operands[place] = replace(operands[place], quantisation=NONE)
    options = {"fusedActivationFunction": 0} if name == "MUL" else {}
    check(one_operator(name, operands, [Tensor((2, 4), HALF)], **options))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_svdf(place: int) -> None:
    scales = [HALF] * 5
    scales[place] = replace(scales[place], scales=(0.0,))
    check(svdf(1, 1, weights(4, 3), weights(4, 2), BIAS, scales))


@pytest.mark.parametrize("which", ["input_quantisation", "hidden_quantisation"])
def test_lstm(which: str) -> None:
    small = Quantisation((1 / 128,))
    gate = Gate(weights(2, 3), weights(2, 2), np.zeros(2, np.int32), small, small)
    gates = [replace(gate, **{which: NONE}), *[gate] * 3]
    check(
        lstm(
            (1, 2, 3),
            gates=gates,
            input_quantisation=small,
            hidden_quantisation=small,
            cell_scale=2.0**-11,
        )
    )


def test_what_is_divided_by() -> None:
    operands = [Tensor((4,), HALF), Tensor((4,), NONE)]
    words = "the second input must have a positive scale"
    with pytest.raises(InputError, match=words):
        plain_runtime(one_operator("ADD", operands, [operands[0]], fusedActivationFunction=0))
    with pytest.raises(InputError, match="the output must have a positive scale"):
        plain_runtime(operators.fully_connected((1, 4), HALF, weights(4, 4), HALF, BIAS, NONE))


def test_a_depth_multiplier_that_contradicts_the_shapes() -> None:
    for multiplier in (0, 2):
        options = {**CONVOLUTION, "depthMultiplier": multiplier}
        thin = weights(1, 2, 2, 4)
        model = operators.depthwise_conv_2d((1, 3, 3, 4), HALF, thin, FIRST, BIAS, HALF, **options)
        words = f"are not 4 input channels times the depth multiplier, {multiplier}"
        with pytest.raises(InputError, match=words):
            plain_runtime(model)


def test_an_empty_constant() -> None:
    one, nothing = Tensor((1, 1), PLAIN), indices([])
    check(one_operator("RESHAPE", [one, nothing], [Tensor((), PLAIN)]))
