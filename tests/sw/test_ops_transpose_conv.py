"""TRANSPOSE_CONV in the runtime, against TFLM."""

import numpy as np
import pytest
from hypothesis import given

from cfuforge.base.errors import InputError
from cfuforge.sw.oracle import Oracle
from support import random_models
from support.examples import examples
from support.graph import Quantisation
from support.kernels import plain_runtime
from support.operators import transpose_conv
from support.random_models import Case

HALF = Quantisation((0.5,))
OPTIONS = {"padding": 0, "strideH": 2, "strideW": 2}


def check(layer: Case) -> None:
    (expected,) = Oracle(layer.model)(*layer.inputs)
    runtime = plain_runtime(layer.model)
    np.testing.assert_array_equal(runtime(*layer.inputs)[0], expected)
    assert [one.ran for one in runtime.layers] == ["reference/transpose_conv_s8"]


@examples(300)
@given(layer=random_models.transpose_convs())
def test_transpose_conv(layer: Case) -> None:
    check(layer)


@pytest.mark.parametrize("zero_point", [-128, 127])
@pytest.mark.parametrize("value", [-128, 127])
@pytest.mark.parametrize("taps", [1, 3])
def test_corners(zero_point: int, value: int, taps: int) -> None:
    """One value; strides beyond the filter leave outputs that nothing reaches."""
    filter_ = np.full((1, taps, taps, 1), value, np.int8)
    quantisation = Quantisation((0.5,), zero_point)
    for scale in (2.0**-20, 0.5, 2.0**20):
        model = transpose_conv(
            (1, 1, 1, 1),
            quantisation,
            filter_,
            HALF,
            np.array([3], np.int32),
            Quantisation((scale,), -1 - zero_point),
            (5, 1),
            **OPTIONS,
        )
        for x in (-128, 127):
            check(Case(model, (np.full((1, 1, 1, 1), x, np.int8),)))


def test_a_depth_that_does_not_fit() -> None:
    filter_ = np.zeros((2, 3, 3, 4), np.int8)
    model = transpose_conv((1, 2, 2, 3), HALF, filter_, HALF, None, HALF, (4, 4), **OPTIONS)
    with pytest.raises(InputError) as caught:
        plain_runtime(model)
    assert str(caught.value).startswith(
        "TRANSPOSE_CONV (operator 0): the input's depth must be the filter's, 4, not 3; "
    )
