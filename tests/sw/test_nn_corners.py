"""Corners of the plain kernels that a random search might miss, against TFLM and by hand."""

import itertools

import numpy as np
import pytest

from cfuforge.sw.tflite_model import Model
from support import operators
from support.graph import Quantisation
from support.kernels import KernelsUnderTest
from support.random_models import Case

SAME, VALID = 0, 1
KERNELS = {
    "CONV_2D": "conv_s8",
    "DEPTHWISE_CONV_2D": "depthwise_conv_s8",
    "FULLY_CONNECTED": "fully_connected_s8",
    "AVERAGE_POOL_2D": "average_pool_s8",
    "SOFTMAX": "softmax_s8",
}
PLAIN = {"dilationHFactor": 1, "dilationWFactor": 1, "fusedActivationFunction": 0}


def values(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(-128, 128, shape, dtype=np.int8)


def check(kernels: KernelsUnderTest, model: Model, input_: np.ndarray) -> np.ndarray:
    (kernel,) = (KERNELS[operator.name] for operator in model.operators)
    (output,) = kernels.check(Case(model, (input_,)), kernel)
    return output


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [1, 2, 5, 8])
def test_same_padding_with_stride(plain_kernels: KernelsUnderTest, stride: int, size: int) -> None:
    input_quantisation = Quantisation((0.05,), -128)
    for taps in (1, 2, 3, 4, 7):
        model = operators.conv_2d(
            (1, size, size, 3),
            input_quantisation,
            values(6, taps, taps, 3),
            Quantisation((0.01,)),
            None,
            Quantisation((0.5,), 4),
            padding=SAME,
            strideH=stride,
            strideW=stride,
            **PLAIN,
        )
        check(plain_kernels, model, values(1, size, size, 3))


def test_one_value(plain_kernels: KernelsUnderTest) -> None:
    for kind in (operators.conv_2d, operators.depthwise_conv_2d):
        extra = {"depthMultiplier": 1} if kind is operators.depthwise_conv_2d else {}
        model = kind(
            (1, 1, 1, 1),
            Quantisation((1.0,), 127),
            np.array([[[[-128]]]], np.int8),
            Quantisation((1.0,)),
            np.array([7], np.int32),
            Quantisation((500.0,), -3),
            padding=VALID,
            strideH=1,
            strideW=1,
            **PLAIN,
            **extra,
        )
        output = check(plain_kernels, model, np.full((1, 1, 1, 1), -128, np.int8))
        assert output.item() == 62  # (-255 * -128 + 7) / 500 = 65.3, - 3


@pytest.mark.parametrize("zero_point", [-128, 0, 127])
def test_extreme_accumulators(plain_kernels: KernelsUnderTest, zero_point: int) -> None:
    for input_value, weight in itertools.product((-128, 127), repeat=2):
        model = operators.fully_connected(
            (1, 4096),
            Quantisation((0.1,), zero_point),
            np.full((5, 4096), weight, np.int8),
            Quantisation((0.1,)),
            np.full(5, 2**30 * (1 if weight < 0 else -1), np.int32),
            Quantisation((100000.0,), zero_point),
            fusedActivationFunction=0,
        )
        check(plain_kernels, model, np.full((1, 4096), input_value, np.int8))


def test_ties_are_rounded_twice(plain_kernels: KernelsUnderTest) -> None:
    model = operators.conv_2d(
        (1, 1, 256, 1),
        Quantisation((1.0,), 0),
        np.ones((3, 1, 1, 1), np.int8),
        Quantisation((0.5, 0.25, 0.125)),
        None,
        Quantisation((1.0,), 0),
        padding=VALID,
        strideH=1,
        strideW=1,
        **PLAIN,
    )
    input_ = np.arange(-128, 128).reshape(1, 1, 256, 1)
    output = check(plain_kernels, model, input_.astype(np.int8)).reshape(256, 3)
    # The multiplier is 1/2 for all three, rounded half up; the shift then rounds half away from 0.
    halves = np.floor(input_.reshape(256, 1) / 2 + 0.5) / np.array([1, 2, 4])
    np.testing.assert_array_equal(output, np.sign(halves) * np.floor(np.abs(halves) + 0.5))


@pytest.mark.parametrize("size", [1, 2, 3, 10, 256, 511])
def test_softmax_rows(plain_kernels: KernelsUnderTest, size: int) -> None:
    for scale in (0.001, 0.1, 1.0, 8.0):
        model = operators.softmax((2, size), scale, 0, 1.0)
        for input_ in (values(2, size), np.full((2, size), -128, np.int8)):
            check(plain_kernels, model, input_)


@pytest.mark.parametrize("size", [512, 4095, 4096, 8192, 8193])
def test_softmax_of_a_row_that_tflm_aborts_on(plain_kernels: KernelsUnderTest, size: int) -> None:
    model = operators.softmax((1, size), 1.0, 0, 1.0)
    (output,), _ = plain_kernels.run(model, np.full((1, size), 3, np.int8))
    assert (output == -128).all()


@pytest.mark.parametrize("difference", range(256))
def test_softmax_of_every_difference(plain_kernels: KernelsUnderTest, difference: int) -> None:
    input_ = np.array([[127, 127 - difference]], np.int8)
    for scale in (0.004, 0.06, 0.23):
        check(plain_kernels, operators.softmax((1, 2), scale, 0, 1.0), input_)


@pytest.mark.parametrize("function", [0, 1, 2, 3])
def test_average_pool_leaves_padding_out_of_the_count(
    plain_kernels: KernelsUnderTest, function: int
) -> None:
    model = operators.average_pool_2d(
        (1, 5, 5, 3),
        Quantisation((0.05,), 5),
        padding=SAME,
        filterHeight=4,
        filterWidth=3,
        strideH=1,
        strideW=2,
        fusedActivationFunction=function,
    )
    check(plain_kernels, model, values(1, 5, 5, 3))
