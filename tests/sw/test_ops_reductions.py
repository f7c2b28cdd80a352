"""Pooling and reducing operators in the runtime, against TFLM."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from cfuforge.base.errors import InputError
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model
from support import operators, random_models
from support.examples import examples
from support.graph import Quantisation, changed
from support.kernels import plain_runtime
from support.random_models import Case

thorough = examples(200)
LOWEST, HIGHEST = Quantisation((0.5,), -128), Quantisation((0.25,), 127)
VALUES = [np.int8(-128), np.int8(127), np.int8(0)]


def check(layer: Case, kernel: str) -> None:
    (expected,) = Oracle(layer.model)(*layer.inputs)
    runtime = plain_runtime(layer.model)
    (result,) = runtime(*layer.inputs)
    assert result.dtype == expected.dtype
    np.testing.assert_array_equal(result, expected)
    assert [one.ran for one in runtime.layers] == [f"reference/{kernel}"]


def refusal(model: Model) -> str:
    """Return why the runtime does not take what TFLM does not take either."""
    inputs = [np.zeros(tensor.shape, tensor.dtype) for tensor in model.inputs]
    with pytest.raises((InputError, RuntimeError)):  # the latter where it refuses to invoke
        Oracle(model)(*inputs)
    with pytest.raises(InputError) as caught:
        plain_runtime(model)
    return str(caught.value)


@thorough
@given(layer=random_models.max_pools())
def test_max_pool_2d(layer: Case) -> None:
    check(layer, "max_pool_s8")


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("activation", [0, 1, 2, 3])
def test_max_pool_2d_of_one_value(value: np.int8, activation: int) -> None:
    options = dict.fromkeys(("strideH", "strideW", "filterHeight", "filterWidth"), 1)
    options |= {"padding": 0, "fusedActivationFunction": activation}
    for quantisation in (LOWEST, HIGHEST):
        model = operators.max_pool_2d((1, 1, 1, 1), quantisation, quantisation, **options)
        check(Case(model, (np.full((1, 1, 1, 1), value),)), "max_pool_s8")


@pytest.mark.parametrize("output", [Quantisation((0.5,), -127), Quantisation((0.25,), -128)])
def test_max_pool_2d_does_not_rescale(output: Quantisation) -> None:
    options = dict.fromkeys(("strideH", "strideW", "filterHeight", "filterWidth"), 1)
    model = operators.max_pool_2d((1, 1, 1, 1), LOWEST, output, padding=0, **options)
    assert refusal(model) == (
        "MAX_POOL_2D (operator 0): the output must have the input's scale and zero point; "
        "inputs: tensor 0 'input'; outputs: tensor 1 'output'"
    )


@thorough
@given(layer=random_models.reductions("mean"))
def test_mean(layer: Case) -> None:
    check(layer, "reduce_sum_s8")


@thorough
@given(layer=random_models.reductions("sum_"))
def test_sum(layer: Case) -> None:
    check(layer, "reduce_sum_s8")


@thorough
@given(layer=random_models.reductions("reduce_max"))
def test_reduce_max(layer: Case) -> None:
    check(layer, "reduce_max_s8")


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("shape", [(1,), (1, 1, 1, 1), (2, 7, 7, 20)])
def test_reductions_at_the_corners(value: np.int8, shape: tuple[int, ...]) -> None:
    for quantisation in (LOWEST, HIGHEST):
        for output in (LOWEST, HIGHEST):
            for make in (operators.mean, operators.sum_):
                layer = Case(make(shape, [0], quantisation, output), (np.full(shape, value),))
                check(layer, "reduce_sum_s8")
        model = operators.reduce_max(shape, [-1], quantisation, quantisation)
        check(Case(model, (np.full(shape, value),)), "reduce_max_s8")


def test_reduce_max_does_not_rescale() -> None:
    for output in (Quantisation((0.5,), 127), Quantisation((0.25,), -128)):
        assert refusal(operators.reduce_max((2, 3), [1], LOWEST, output)).startswith(
            "REDUCE_MAX (operator 0): the output must have the input's scale and zero point; "
        )


def test_an_axis_that_is_not_there() -> None:
    """TFLM is not asked: it reads outside of the shape."""
    good = operators.mean((2, 3), [1], LOWEST, LOWEST)
    for axis in (2, -3):

        def move(model: Any, axis: int = axis) -> None:
            model.buffers[1].data = list(np.int32(axis).tobytes())

        with pytest.raises(InputError) as caught:
            plain_runtime(changed(good.data, move))
        assert str(caught.value).startswith(
            f"MEAN (operator 0): the axis must be one of the input's 2 dimensions, not {axis}; "
        )


@thorough
@given(layer=random_models.args("arg_max"))
def test_arg_max(layer: Case) -> None:
    check(layer, "arg_max_s8")


@thorough
@given(layer=random_models.args("arg_min"))
def test_arg_min(layer: Case) -> None:
    check(layer, "arg_min_s8")


@pytest.mark.parametrize("value", VALUES)
def test_args_of_equal_values(value: np.int8) -> None:
    for shape in ((1,), (3, 1, 4)):
        for axis in (0, -1):
            data = np.full(shape, value)
            check(Case(operators.arg_max(shape, axis, LOWEST), (data,)), "arg_max_s8")
            check(Case(operators.arg_min(shape, axis, HIGHEST), (data,)), "arg_min_s8")


def test_arg_max_gives_int32_only() -> None:
    assert refusal(operators.arg_max((2, 3), 1, LOWEST, dtype="int64")).startswith(
        "ARG_MAX (operator 0): the output must be INT32, not INT64; "
    )
