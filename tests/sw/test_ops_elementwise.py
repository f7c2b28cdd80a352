"""Elementwise operators of the runtime against TFLM: random ones, the corners, and the refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfuforge.base.errors import InputError
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model
from support.examples import examples
from support.graph import Quantisation, Tensor, one_operator
from support.kernels import plain_runtime
from support.random_models import (
    Case,
    binaries,
    conversions,
    dequantizes,
    integers,
    negs,
    quantizes,
    unaries,
)

KERNELS = {"ADD": "add_s8", "SUB": "sub_s8", "MUL": "mul_s8"}
KERNELS |= {"MINIMUM": "minimum_s8", "MAXIMUM": "maximum_s8", "PRELU": "prelu_s8"}
RESCALING, SIGMOID = ["RELU", "RELU6", "ABS", "LEAKY_RELU"], ["LOGISTIC", "TANH"]
KERNELS |= dict.fromkeys(RESCALING, "rescale_s8") | dict.fromkeys(SIGMOID, "sigmoid_s8")
KERNELS |= {"HARD_SWISH": "hard_swish_s8", "QUANTIZE": "convert"}
UNARY = [*RESCALING, *SIGMOID, "HARD_SWISH", "QUANTIZE"]
MANY = 320  # outputs from which on a table of all results is made, where one value decides
FUSED = ["ADD", "SUB", "MUL"]
INTEGER = [*FUSED, "MINIMUM", "MAXIMUM"]  # those of int32 too
BINARY = [*INTEGER, "PRELU"]
ALL = np.arange(-128, 128).astype(np.int8)

random_layers = examples(200)


def check(model: Model, *inputs: Any, kernel: str = "") -> None:
    (expected,) = Oracle(model)(*inputs)
    runtime = plain_runtime(model)
    (output,) = runtime(*inputs)
    np.testing.assert_array_equal(output, expected)
    assert output.tobytes() == expected.tobytes()  # and so have zeros and NaN
    assert runtime.layers[0].ran == f"reference/{kernel or kernel_of(model)}"


def kernel_of(model: Model) -> str:
    """Return the kernel that has to run: the operator's own, or the one of all large tables."""
    (operator,) = model.operators
    inputs = [tensor for tensor in operator.inputs if tensor]
    sizes = [math.prod(tensor.shape) for tensor in inputs]
    largest = max(sizes)
    of_bytes = {tensor.dtype for tensor in (*inputs, *operator.outputs)} <= {"int8", "uint8"}
    of_one = sizes in ([largest], [largest, 1], [1, largest])
    return "lookup_s8" if of_bytes and of_one and largest >= MANY else KERNELS[operator.name]


def quantised(scale: float, zero_point: int) -> Quantisation:
    return Quantisation((scale,), zero_point)


@pytest.mark.parametrize("name", BINARY)
@random_layers
@given(data=st.data())
def test_random_binary(name: str, data: st.DataObject) -> None:
    layer: Case = data.draw(binaries(name))
    check(layer.model, *layer.inputs)


@pytest.mark.parametrize("name", INTEGER)
@random_layers
@given(data=st.data())
def test_random_integers(name: str, data: st.DataObject) -> None:
    layer: Case = data.draw(integers(name))
    check(layer.model, *layer.inputs, kernel="elementwise_s32")


@pytest.mark.parametrize("name", INTEGER)
def test_integers_refuse(name: str) -> None:
    whole, half = Tensor((3,), dtype="int32"), Tensor((3,), Q)
    assert refused(binary(name, whole, half, whole)) == "the second input must be INT32, not INT8"
    assert refused(binary(name, whole, whole, half)) == "the output must be INT32, not INT8"
    assert refused(one_operator(name, [whole], [whole])) == "the second input is missing"
    longer = Tensor((4,), dtype="int32")
    said = refused(binary(name, whole, whole, longer))
    assert said == "the output must have 3 elements as the inputs, not 4"
    if name in FUSED:
        said = refused(binary(name, whole, whole, whole, fusedActivationFunction=1))
        assert said == "a fused activation function of INT32 is not supported"


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("zero_points", [(-128, 127, -128), (127, -128, 127), (0, 0, 0)])
@pytest.mark.parametrize("scales", [(0.1, 0.1, 0.2), (0.03, 0.7, 0.5), (0.9, 0.01, 2e-6)])
def test_every_pair_of_values(
    name: str, zero_points: tuple[int, ...], scales: tuple[float, ...]
) -> None:
    first, second, output = map(quantised, scales, zero_points)
    shape = (256, 256)
    model = one_operator(
        name, [Tensor((256, 1), first), Tensor((256,), second)], [Tensor(shape, output)]
    )
    check(model, ALL.reshape(256, 1), ALL)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("shape", [(), (1,), (1, 1, 1, 1)])
@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("size", [15, MANY - 1, MANY, 1027])
def test_scalar_constant(name: str, shape: tuple[int, ...], first: bool, size: int) -> None:
    constant = Tensor(shape, quantised(0.25, -4), np.full(shape, -77, np.int8))
    operands = [Tensor((size, 1), quantised(0.5, 3)), constant]
    model = one_operator(
        name, operands[::-1] if first else operands, [Tensor((size, 1), quantised(0.3, 5))]
    )
    check(model, np.resize(ALL, (size, 1)))


def refused(model: Model) -> str:
    with pytest.raises(InputError) as caught:
        plain_runtime(model)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(f"{model.operators[0].name} (operator 0): ")
    return text.split(": ", 1)[1].partition("; inputs: ")[0]


def binary(name: str, first: Tensor, second: Tensor, output: Tensor, **options: int) -> Model:
    return one_operator(name, [first, second], [output], **options)


Q = quantised(0.5, 0)


@pytest.mark.parametrize("name", BINARY)
def test_refuses_shapes_that_do_not_fit(name: str) -> None:
    def said(first: tuple[int, ...], second: tuple[int, ...], output: tuple[int, ...]) -> str:
        return refused(binary(name, Tensor(first, Q), Tensor(second, Q), Tensor(output, Q)))

    expected = "the inputs' sizes 2 and 3 in dimension 1 do not fit"
    assert said((4, 2), (3,), (4, 3)) == expected
    assert said((2, 3), (3,), (5,)) == "the output has 5 elements, too few for the inputs"
    assert said((2, 3), (3,), (7,)) == "the output must have 6 elements as the inputs, not 7"
    assert said((2, 3), (0,), (6,)) == "the second input is empty"
    eight = (1, 2) * 4  # TFLM computes something else than the operator from 8 dimensions on
    assert said(eight, eight, eight) == "inputs of 8 dimensions: at most 7"


@pytest.mark.parametrize("name", BINARY)
def test_refuses_types_that_do_not_fit(name: str) -> None:
    wide = Tensor((3,), Q, dtype="int16")
    narrow = Tensor((3,), Q)
    assert refused(binary(name, wide, narrow, narrow)) == "the input must be INT8, not INT16"
    assert refused(binary(name, narrow, wide, narrow)) == "the second input must be INT8, not INT16"
    assert refused(binary(name, narrow, narrow, wide)) == "the output must be INT8, not INT16"
    alone = one_operator(name, [narrow], [narrow])
    assert refused(alone) == "the second input is missing"


@pytest.mark.parametrize("name", BINARY)
def test_refuses_scales_that_are_none(name: str) -> None:
    factors = name in ("MUL", "PRELU")  # those may be 0: test_scale_zero.py
    good, bad = Tensor((3,), Q), Tensor((3,), quantised(-1.0 if factors else 0.0, 0))
    wanted = "a finite, not negative scale" if factors else "a positive scale"
    assert refused(binary(name, good, bad, good)) == f"the second input must have {wanted}"
    assert refused(binary(name, bad, good, good)) == f"the input must have {wanted}"
    assert refused(binary(name, good, good, bad)) == "the output must have a positive scale"


@pytest.mark.parametrize("name", FUSED)
def test_refuses_other_activations(name: str) -> None:
    good = Tensor((3,), Q)
    said = refused(binary(name, good, good, good, fusedActivationFunction=4))
    assert said == "the fused activation function 4 is not supported"
    tiny = Tensor((3,), quantised(2.0**-28, 0))
    check(binary(name, tiny, tiny, tiny, fusedActivationFunction=3), ALL[:3], ALL[-3:])
    tinier = Tensor((3,), quantised(2.0**-29, 0))
    model = binary(name, tinier, tinier, tinier, fusedActivationFunction=3)
    with pytest.raises(InputError):
        Oracle(model)
    said = refused(model)
    assert said == "the output's scale is too small for the fused activation function 3"


@pytest.mark.parametrize("name", ["ADD", "SUB"])
def test_sums_of_too_fine_an_output(name: str) -> None:
    good = Tensor((3,), quantised(1.0, 0))
    check(binary(name, good, good, Tensor((3,), quantised(2.0**-19 * 1.001, 0))), ALL[:3], ALL[:3])
    said = refused(binary(name, good, good, Tensor((3,), quantised(2.0**-19, 0))))
    assert said == "the output's scale must be above 2^-19 of the inputs' larger one"


@pytest.mark.parametrize("name", UNARY)
@random_layers
@given(data=st.data())
def test_random_unary(name: str, data: st.DataObject) -> None:
    layer: Case = data.draw(unaries(name))
    check(layer.model, *layer.inputs)


@random_layers
@given(layer=quantizes())
def test_random_quantize_of_floats(layer: Case) -> None:
    check(layer.model, *layer.inputs, kernel="quantize_f32")


@random_layers
@given(layer=dequantizes())
def test_random_dequantize(layer: Case) -> None:
    check(layer.model, *layer.inputs, kernel="dequantize")


@random_layers
@given(layer=negs())
def test_random_neg(layer: Case) -> None:
    check(layer.model, *layer.inputs, kernel="neg_f32")


@random_layers
@given(layer=conversions())
def test_random_conversion_of_integers(layer: Case) -> None:
    check(layer.model, *layer.inputs)


def test_quantize_far_outside() -> None:
    floats = Tensor((6,), Q, dtype="float32")
    model = one_operator("QUANTIZE", [floats], [Tensor((6,), quantised(0.5, 100))])
    values = np.array([1e9, -1e9, 510.0, -514.0, 1e-45, -0.0], np.float32)
    check(model, values, kernel="quantize_f32")
    beyond = np.array([3e38, -3e38, np.inf, -np.inf, np.nan, 1e-38], np.float32)  # TFLM: undefined
    (output,) = plain_runtime(model)(beyond)
    assert output.tolist() == [127, -128, 127, -128, -128, 100]


@pytest.mark.parametrize("scale", [1.0, 0.1, 3.0, 2.0**-126, 2.0**-140, 1e38, 0.0078125, 0.9999999])
def test_quantize_of_ties_and_their_neighbours(scale: float) -> None:
    """Every multiple of half a step, and the floats around it."""
    step = np.float32(scale)
    with np.errstate(over="ignore"):
        ties = (np.arange(-600, 601) / 2 * float(step)).astype(np.float32)
    ties = ties[np.isfinite(ties)]
    near = [np.nextafter(ties, np.float32(way)) for way in (-np.inf, np.inf)]
    values = np.concatenate([ties, *near])
    values = values[np.isfinite(values)]
    for zero_point in (-128, 3, 127):
        floats = Tensor(values.shape, Q, dtype="float32")
        output = Tensor(values.shape, quantised(float(step), zero_point))
        check(one_operator("QUANTIZE", [floats], [output]), values, kernel="quantize_f32")


def test_quantize_of_random_floats() -> None:
    rng = np.random.default_rng(11)
    for _ in range(20):
        scale = float(np.float32(2.0 ** rng.uniform(-20, 20)))
        values = (rng.uniform(-300, 300, 5000) * scale).astype(np.float32)
        output = Tensor(values.shape, quantised(scale, int(rng.integers(-128, 128))))
        model = one_operator("QUANTIZE", [Tensor(values.shape, Q, dtype="float32")], [output])
        check(model, values, kernel="quantize_f32")


@pytest.mark.parametrize("name", ["QUANTIZE", "DEQUANTIZE"])
def test_float_operators_refuse(name: str) -> None:
    floats, quantised3 = Tensor((3,), Q, dtype="float32"), Tensor((3,), Q)
    ends = [floats, quantised3] if name == "QUANTIZE" else [quantised3, floats]
    place = name == "QUANTIZE"  # of the int8 tensor

    def said(*pair: Tensor) -> str:
        return refused(one_operator(name, [pair[0]], [pair[1]]))

    bad = [*ends]
    bad[place] = Tensor((3,), quantised(0.0, 0))
    end = "output" if place else "input"
    assert said(*bad) == f"the {end} must have a positive scale"
    longer = Tensor((4,), Q, dtype=ends[1].dtype)
    expected = "input and output must have the same number of elements, not 3 and 4"
    assert said(ends[0], longer) == expected


@pytest.mark.parametrize("name", ["QUANTIZE", "DEQUANTIZE"])
@pytest.mark.parametrize("from_", ["int8", "uint8", "int16", "int32", "float32", "bool"])
@pytest.mark.parametrize("to", ["int8", "uint8", "int16", "int32", "float32", "bool"])
def test_types_that_are_refused_are_those_that_tflm_refuses(name: str, from_: str, to: str) -> None:
    if (name, from_, to) == ("QUANTIZE", "float32", "int16"):
        pytest.skip("only for models with 16-bit activations")
    model = one_operator(name, [Tensor((3,), Q, dtype=from_)], [Tensor((3,), Q, dtype=to)])
    data = np.array([1, 0, 1]).astype(from_)
    try:
        expected = Oracle(model)(data)
    except (InputError, RuntimeError):  # in Prepare or in Eval
        assert refused(model) == f"{from_.upper()} to {to.upper()} is not supported"
    else:
        np.testing.assert_array_equal(plain_runtime(model)(data)[0], expected[0])


@pytest.mark.parametrize("from_", ["int8", "uint8", "int16", "int32", "int64", "float16", "bool"])
def test_neg_refuses_the_types_that_tflm_refuses(from_: str) -> None:
    model = one_operator("NEG", [Tensor((3,), Q, dtype=from_)], [Tensor((3,), Q, dtype=from_)])
    with pytest.raises(InputError, match=f"Type {from_.upper()} .* not supported"):
        Oracle(model)(np.array([1, 0, 1]).astype(from_))
    assert refused(model) == f"{from_.upper()} to {from_.upper()} is not supported"


def test_neg_refuses_another_output() -> None:  # of which TFLM makes nonsense
    floats, longer = Tensor((3,), dtype="float32"), Tensor((4,), dtype="float32")
    said = refused(one_operator("NEG", [floats], [Tensor((3,), Q)]))
    assert said == "FLOAT32 to INT8 is not supported"
    said = refused(one_operator("NEG", [floats], [longer]))
    assert said == "input and output must have the same number of elements, not 3 and 4"


def result_of(name: str) -> Quantisation:
    """Return the only output quantisation of LOGISTIC and TANH; one that does for others."""
    return {"LOGISTIC": quantised(1 / 256, -128), "TANH": quantised(1 / 128, 0)}.get(name, Q)


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("shape", [(1,), (7,), (2, 4), (1, 1, 1, 9)])
def test_unary_of_few_elements(name: str, shape: tuple[int, ...]) -> None:
    model = one_operator(name, [Tensor(shape, Q)], [Tensor(shape, result_of(name))])
    size = int(np.prod(shape))
    check(model, np.arange(-3, size - 3).astype(np.int8).reshape(shape))


@pytest.mark.parametrize("name", [*RESCALING, *SIGMOID, "HARD_SWISH"])
def test_unary_refuses(name: str) -> None:
    good, output = Tensor((3,), Q), Tensor((3,), result_of(name))

    def said(first: Tensor, second: Tensor) -> str:
        return refused(one_operator(name, [first], [second]))

    wide, none = Tensor((3,), Q, dtype="int16"), Tensor((3,), quantised(0.0, 0))
    assert said(wide, output) == "the input must be INT8, not INT16"
    assert said(good, wide) == "the output must be INT8, not INT16"
    assert said(none, output) == "input and output must have a positive scale"
    longer = Tensor((4,), result_of(name))
    assert said(good, longer) == "input and output must have the same size, not 3 and 4"


def test_logistic_refuses_another_zero_point() -> None:
    model = one_operator("LOGISTIC", [Tensor((3,), Q)], [Tensor((3,), quantised(1 / 256, 5))])
    with pytest.raises(InputError):
        Oracle(model)
    assert refused(model) == "the output's zero point must be -128, not 5"


def test_hard_swish_refuses_a_fine_output() -> None:
    model = one_operator("HARD_SWISH", [Tensor((3,), Q)], [Tensor((3,), quantised(0.5 / 128, 0))])
    with pytest.raises(InputError):
        Oracle(model)
    assert refused(model) == "the output's scale must be above 1/128 of the input's"


@pytest.mark.parametrize("exponents", [(-9, -9), (-9, -15), (-9, 8), (20, 20), (-20, -5), (-40, 0)])
def test_hard_swish_of_any_scale(exponents: tuple[int, int]) -> None:
    for zero_point in (-128, 0, 127):
        first, second = (quantised(1.7 * 2.0**exponent, zero_point) for exponent in exponents)
        check(one_operator("HARD_SWISH", [Tensor((256,), first)], [Tensor((256,), second)]), ALL)


@pytest.mark.parametrize("name", ["LOGISTIC", "TANH"])
@pytest.mark.parametrize("scale", [1 / 128, 0.1])
def test_sigmoid_has_one_output_scale_whatever_the_model_says(name: str, scale: float) -> None:
    output = quantised(scale, result_of(name).zero_point if name == "LOGISTIC" else 5)
    check(one_operator(name, [Tensor((256,), Q)], [Tensor((256,), output)]), ALL)


@pytest.mark.parametrize("name", ["LOGISTIC", "TANH"])
def test_sigmoid_refuses_a_tiny_scale(name: str) -> None:
    tiny = quantised(2.0**-30, 0)  # TFLM shifts by a negative number
    model = one_operator(name, [Tensor((3,), tiny)], [Tensor((3,), result_of(name))])
    assert refused(model) == "the input's scale must be at least 2^-28"


@pytest.mark.parametrize("name", ["LOGISTIC", "TANH"])
@pytest.mark.parametrize("exponent", [-28, -20, -2, 1, 2, 2.9, 3, 4, 30])
def test_sigmoid_of_any_scale(name: str, exponent: float) -> None:
    for zero_point in (-128, 0, 127):
        scale = quantised(2.0**exponent, zero_point)
        model = one_operator(name, [Tensor((256,), scale)], [Tensor((256,), result_of(name))])
        check(model, ALL)
