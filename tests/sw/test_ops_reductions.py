"""Pooling and reducing operators in the runtime, against TFLM."""

import flatbuffers
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from cfuforge.cfu.errors import InputError
from cfuforge.sw import one_operator_reductions as one_operator
from cfuforge.sw import strategies_reductions as strategies
from cfuforge.sw.host_runtime import HostRuntime
from cfuforge.sw.one_operator import Quantisation
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.strategies import Layer
from cfuforge.sw.tflite_model import Model

thorough = settings(
    max_examples=200,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
LOWEST, HIGHEST = Quantisation((0.5,), -128), Quantisation((0.25,), 127)
VALUES = [np.int8(-128), np.int8(127), np.int8(0)]


def check(layer: Layer, kernel: str) -> None:
    (expected,) = Oracle(layer.model)(layer.input)
    runtime = HostRuntime(layer.model)
    (result,) = runtime(layer.input)
    assert result.dtype == expected.dtype
    np.testing.assert_array_equal(result, expected)
    assert [one.ran for one in runtime.layers] == [f"reference/{kernel}"]


def refusal(model: Model) -> str:
    """Return why the runtime does not take what TFLM does not take either."""
    inputs = [np.zeros(tensor.shape, tensor.dtype) for tensor in model.inputs]
    with pytest.raises((InputError, RuntimeError)):  # the latter where it refuses to invoke
        Oracle(model)(*inputs)
    with pytest.raises(InputError) as caught:
        HostRuntime(model)
    return str(caught.value)


@thorough
@given(layer=strategies.max_pools())
def test_max_pool_2d(layer: Layer) -> None:
    check(layer, "max_pool_s8")


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("activation", [0, 1, 2, 3])
def test_max_pool_2d_of_one_value(value: np.int8, activation: int) -> None:
    options = dict.fromkeys(("strideH", "strideW", "filterHeight", "filterWidth"), 1)
    options |= {"padding": 0, "fusedActivationFunction": activation}
    for quantisation in (LOWEST, HIGHEST):
        model = one_operator.max_pool_2d((1, 1, 1, 1), quantisation, quantisation, **options)
        check(Layer(model, np.full((1, 1, 1, 1), value)), "max_pool_s8")


@pytest.mark.parametrize("output", [Quantisation((0.5,), -127), Quantisation((0.25,), -128)])
def test_max_pool_2d_does_not_rescale(output: Quantisation) -> None:
    options = dict.fromkeys(("strideH", "strideW", "filterHeight", "filterWidth"), 1)
    model = one_operator.max_pool_2d((1, 1, 1, 1), LOWEST, output, padding=0, **options)
    assert refusal(model) == (
        "MAX_POOL_2D (operator 0): the output must have the input's scale and zero point; "
        "inputs: tensor 0 'input'; outputs: tensor 1 'output'"
    )


@thorough
@given(layer=strategies.reductions("mean"))
def test_mean(layer: Layer) -> None:
    check(layer, "reduce_sum_s8")


@thorough
@given(layer=strategies.reductions("sum_"))
def test_sum(layer: Layer) -> None:
    check(layer, "reduce_sum_s8")


@thorough
@given(layer=strategies.reductions("reduce_max"))
def test_reduce_max(layer: Layer) -> None:
    check(layer, "reduce_max_s8")


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("shape", [(1,), (1, 1, 1, 1), (2, 7, 7, 20)])
def test_reductions_at_the_corners(value: np.int8, shape: tuple[int, ...]) -> None:
    for quantisation in (LOWEST, HIGHEST):
        for output in (LOWEST, HIGHEST):
            for make in (one_operator.mean, one_operator.sum_):
                layer = Layer(make(shape, [0], quantisation, output), np.full(shape, value))
                check(layer, "reduce_sum_s8")
        model = one_operator.reduce_max(shape, [-1], quantisation, quantisation)
        check(Layer(model, np.full(shape, value)), "reduce_max_s8")


def test_reduce_max_does_not_rescale() -> None:
    for output in (Quantisation((0.5,), 127), Quantisation((0.25,), -128)):
        assert refusal(one_operator.reduce_max((2, 3), [1], LOWEST, output)).startswith(
            "REDUCE_MAX (operator 0): the output must have the input's scale and zero point; "
        )


def test_an_axis_that_is_not_there() -> None:
    """TFLM is not asked: it reads outside of the shape."""
    good = one_operator.mean((2, 3), [1], LOWEST, LOWEST)
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(good.data, 0))
    for axis in (2, -3):
        model.buffers[1].data = list(np.int32(axis).tobytes())
        builder = flatbuffers.Builder()
        builder.Finish(model.Pack(builder), b"TFL3")
        with pytest.raises(InputError) as caught:
            HostRuntime(bytes(builder.Output()))
        assert str(caught.value).startswith(
            f"MEAN (operator 0): the axis must be one of the input's 2 dimensions, not {axis}; "
        )


@thorough
@given(layer=strategies.args("arg_max"))
def test_arg_max(layer: Layer) -> None:
    check(layer, "arg_max_s8")


@thorough
@given(layer=strategies.args("arg_min"))
def test_arg_min(layer: Layer) -> None:
    check(layer, "arg_min_s8")


@pytest.mark.parametrize("value", VALUES)
def test_args_of_equal_values(value: np.int8) -> None:
    for shape in ((1,), (3, 1, 4)):
        for axis in (0, -1):
            data = np.full(shape, value)
            check(Layer(one_operator.arg_max(shape, axis, LOWEST), data), "arg_max_s8")
            check(Layer(one_operator.arg_min(shape, axis, HIGHEST), data), "arg_min_s8")


def test_arg_max_gives_int32_only() -> None:
    assert refusal(one_operator.arg_max((2, 3), 1, LOWEST, "int64")).startswith(
        "ARG_MAX (operator 0): the output must be INT32, not INT64; "
    )
