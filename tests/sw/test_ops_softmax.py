"""SOFTMAX from int8 to int16 in the runtime, against TFLM."""

import numpy as np
import pytest
from hypothesis import given

from cfuforge.base.errors import InputError
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model
from support.examples import examples
from support.graph import Quantisation, Tensor
from support.kernels import plain_runtime
from support.operators import softmax
from support.random_models import Case, softmaxes

ALL = np.arange(-128, 128).astype(np.int8).reshape(1, 256)
ONE = 2.0**-16


def to_int16(scale: float, zero_point: int = -32768, size: int = 256) -> Model:
    output = Tensor((1, size), Quantisation((scale,), zero_point), dtype="int16")
    return softmax((1, size), 0.05, 3, 1.0, output)


@examples(200)
@given(layer=softmaxes(wide=True))
def test_random_rows(layer: Case) -> None:
    runtime = plain_runtime(layer.model)
    np.testing.assert_array_equal(runtime(*layer.inputs)[0], Oracle(layer.model)(*layer.inputs)[0])
    assert runtime.layers[0].ran == "reference/softmax_s8_s16"


@pytest.mark.parametrize("size", [1, 2, 511, 512, 5000, 8100])
def test_equal_values(size: int) -> None:
    model, row = to_int16(ONE, size=size), np.full((1, size), 7, np.int8)
    np.testing.assert_array_equal(plain_runtime(model)(row)[0], Oracle(model)(row)[0])


@pytest.mark.parametrize(("scale", "good"), [(1.0, 1), (1.0009, 1), (0.9991, 1), (1.0011, 0)])
def test_the_scale_may_be_a_thousandth_off(scale: float, good: int) -> None:
    model = to_int16(ONE * scale)
    if good:
        np.testing.assert_array_equal(plain_runtime(model)(ALL)[0], Oracle(model)(ALL)[0])
    else:
        refused(model)


def test_another_zero_point_and_too_fine_a_scale() -> None:
    refused(to_int16(ONE, -128))
    refused(to_int16(ONE * 0.9989))


def refused(model: Model) -> None:
    with pytest.raises(InputError):
        Oracle(model)
    with pytest.raises(InputError, match=r"or of INT16 1/65536 and -32768; inputs"):
        plain_runtime(model)
