"""Random elementwise operators, of any shape, broadcast and scale."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from support.graph import Quantisation, Tensor, one_operator
from support.random_models.case import (
    Case,
    Values,
    any_activation,
    any_values,
    any_zero_point,
)

__all__ = ["binaries", "conversions", "dequantizes", "integers", "negs", "quantizes", "shapes"]
__all__ += ["unaries"]

_sizes = st.one_of(st.integers(1, 5), st.sampled_from([8, 13]))
_FUSED = ("ADD", "SUB", "MUL")  # operators with a fused activation


shapes = st.one_of(
    st.lists(_sizes, min_size=1, max_size=4),
    st.lists(st.integers(1, 3), min_size=5, max_size=7),
    st.integers(1, 70).map(lambda size: [size]),
).map(tuple)


@st.composite
def _broadcast(draw: st.DrawFn, output: tuple[int, ...]) -> tuple[int, ...]:
    """Draw the shape of an input: some axes of size 1, outermost ones possibly dropped."""
    if draw(st.integers(0, 8)) == 0:
        return (1,)
    shape = [draw(st.sampled_from([1, size, size])) for size in output]
    while len(shape) > 1 and shape[0] == 1 and draw(st.booleans()):
        del shape[0]
    return tuple(shape)


@st.composite
def _pairs(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Draw the shapes of two inputs, equal or broadcast."""
    full = draw(shapes)
    kind = draw(st.sampled_from(["equal", "equal", "first", "second", "both"]))
    return (
        draw(_broadcast(full)) if kind in ("first", "both") else full,
        draw(_broadcast(full)) if kind in ("second", "both") else full,
    )


@st.composite
def _quantisation(draw: st.DrawFn, scale: float) -> Quantisation:
    return Quantisation((float(np.float32(scale)),), draw(any_zero_point))


@st.composite
def binaries(draw: st.DrawFn, name: str) -> Case:
    """Draw an ADD, SUB, MUL, MINIMUM, MAXIMUM or PRELU of equal or broadcast shapes.

    Outputs are spread, saturated, or all near the zero point; the second input may be constant.
    """
    values: Values = draw(any_values)
    first, second = draw(_pairs())
    output = np.broadcast_shapes(first, second)
    scale1 = values.scale(-3, 3)
    ratio = draw(st.sampled_from([1.0, 0.0, 0.0, 8.0, -8.0, -30.0]))
    scale2 = scale1 if ratio == 1.0 else scale1 * values.scale(ratio, 2)
    larger = scale1 * scale2 * 64 if name in ("MUL", "PRELU") else max(scale1, scale2)
    scale3 = larger * values.scale(draw(st.sampled_from([0, 0, 0, 4, -4, -16, 30])), 2)
    if name == "PRELU":  # TFLM shifts by the ratio to the output's scale
        scale3 = max(scale3, scale1 * 2.0**-25)
    operands = [
        Tensor(first, draw(_quantisation(scale1))),
        Tensor(second, draw(_quantisation(scale2))),
    ]
    inputs = [values.int8(first), values.int8(second)]
    if draw(st.integers(0, 3)) == 0:
        operands[1] = Tensor(second, operands[1].quantisation, inputs.pop())
    options = {}
    if name in _FUSED and 6 / scale3 < 2**31:  # TFLM accepts no smaller scale with an activation
        options["fusedActivationFunction"] = draw(any_activation)
    model = one_operator(name, operands, [Tensor(output, draw(_quantisation(scale3)))], **options)
    return Case(model, tuple(inputs))


@st.composite
def integers(draw: st.DrawFn, name: str) -> Case:
    """Draw an ADD, SUB, MUL, MINIMUM or MAXIMUM of plain int32; some results wrap."""
    pair = draw(_pairs())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    largest = draw(st.sampled_from([2, 1000, 2**31 - 1]))
    inputs = tuple(rng.integers(-largest, largest + 1, shape).astype(np.int32) for shape in pair)
    *operands, output = (
        Tensor(shape, dtype="int32") for shape in (*pair, np.broadcast_shapes(*pair))
    )
    return Case(one_operator(name, operands, [output]), inputs)


_decimals = st.integers(1, 400).map(lambda count: count / 100)  # whose ratios give ties


@st.composite
def _scales(draw: st.DrawFn, values: Values) -> tuple[float, float]:
    """Draw the scales of input and output: decimal fractions, or any of about the same ratio."""
    if draw(st.booleans()):
        return draw(_decimals), draw(_decimals)
    scale = values.scale(draw(st.sampled_from([-4, -4, 2, -16])), 3)
    return scale, scale * values.scale(draw(st.sampled_from([0, 0, 0, 5, -5, 28, -25])), 2)


@st.composite
def unaries(draw: st.DrawFn, name: str) -> Case:
    """Draw a LOGISTIC, TANH, RELU, RELU6, ABS, LEAKY_RELU, HARD_SWISH or int8 QUANTIZE.

    The input has all 256 values, some of them repeated.
    """
    values: Values = draw(any_values)
    count = draw(st.integers(1, 5))
    shape = draw(st.sampled_from([(64, 4 + count), (2, 4, 4, 8 + count), (1, 8, 1, 2, 16 + count)]))
    rest = values.int8((int(np.prod(shape)) - 256,))
    data = np.concatenate([np.arange(-128, 128).astype(np.int8), rest]).reshape(shape)
    input_scale, output_scale = draw(_scales(values))
    input_quantisation = draw(_quantisation(input_scale))
    output_quantisation = draw(_quantisation(output_scale))
    if name == "LOGISTIC":
        output_quantisation = Quantisation((1 / 256,), -128)
    elif name == "TANH":
        output_quantisation = Quantisation((1 / 128,), 0)
    elif name == "HARD_SWISH":  # TFLM accepts no finer output
        scale = max(output_scale, input_scale / 127)
        output_quantisation = Quantisation((float(np.float32(scale)),), draw(any_zero_point))
    elif name == "RELU6":
        output_quantisation = input_quantisation
    options = {"alpha": draw(_slopes)} if name == "LEAKY_RELU" else {}
    model = one_operator(
        name, [Tensor(shape, input_quantisation)], [Tensor(shape, output_quantisation)], **options
    )
    return Case(model, (data,))


_slopes = st.sampled_from([-0.3, 0.0, 0.01, 0.1, 0.2, 0.3, 0.5, 1.0, 1.5, 7.0])


@st.composite
def quantizes(draw: st.DrawFn) -> Case:
    """Draw a QUANTIZE from float32, of ties, values near ties, or any values."""
    values: Values = draw(any_values)
    shape = draw(shapes)
    scale = draw(st.one_of(_decimals, st.integers(-30, 20).map(lambda power: values.scale(power))))
    quantisation = draw(_quantisation(scale))
    steps = values.rng.uniform(-300, 300, shape)
    if draw(st.booleans()):
        steps = np.round(2 * steps) / 2
    floats = (steps * draw(st.sampled_from([1, 1, 100, 1e-3])) * scale).astype(np.float32)
    nudged = np.nextafter(floats, values.rng.choice([-np.inf, np.inf], shape).astype(np.float32))
    data = np.where(values.rng.random(shape) < 0.5, floats, nudged).astype(np.float32)
    operand = Tensor(shape, Quantisation((1.0,)), dtype="float32")
    model = one_operator("QUANTIZE", [operand], [Tensor(shape, quantisation)])
    return Case(model, (data,))


@st.composite
def conversions(draw: st.DrawFn) -> Case:
    """Draw a QUANTIZE between two integer types that TFLM supports."""
    values: Values = draw(any_values)
    from_, to = draw(st.sampled_from(_CONVERSIONS))
    count = draw(st.sampled_from([1, 7, 319, 320, 400]))
    limits = np.iinfo(from_)
    data = values.rng.integers(limits.min, limits.max, count, from_, endpoint=True)
    if from_ == "int32":
        data[: count // 2] //= draw(st.sampled_from([1, 1 << 14, 1 << 24]))
    scale = values.scale(-4, 3)
    ratio = values.scale(draw(st.sampled_from([0, 0, 7, -7, 16, -16, 20, -20])), 2)
    operands = [
        Tensor((count,), Quantisation((one,), _zero_point(draw, dtype)), dtype=dtype)
        for one, dtype in ((scale, from_), (scale * ratio, to))
    ]
    return Case(one_operator("QUANTIZE", operands[:1], operands[1:]), (data,))


_CONVERSIONS = [("int8", "int8"), ("int8", "uint8"), ("int8", "int16"), ("int8", "int32")]
_CONVERSIONS += [("uint8", "int8"), ("int16", "int8"), ("int16", "int16"), ("int16", "int32")]
_CONVERSIONS += [("int32", "int8"), ("int32", "int16")]


def _zero_point(draw: st.DrawFn, dtype: str) -> int:
    """Draw a zero point of type `dtype`; int16 and int32 only use 0 in current models."""
    own: int = draw(any_zero_point)
    return own if dtype == "int8" else own + 128 if dtype == "uint8" else 0


@st.composite
def dequantizes(draw: st.DrawFn) -> Case:
    """Draw a DEQUANTIZE to float32."""
    values: Values = draw(any_values)
    dtype = draw(st.sampled_from(["int8", "int8", "uint8", "int16"]))
    shape = draw(shapes)
    scale = draw(st.one_of(_decimals, st.integers(-120, 100).map(lambda e: values.scale(e, 3))))
    quantisation = Quantisation((float(np.float32(scale)),), _zero_point(draw, dtype))
    operand = Tensor(shape, quantisation, dtype=dtype)
    output = Tensor(shape, Quantisation((1.0,)), dtype="float32")
    model = one_operator("DEQUANTIZE", [operand], [output])
    limits = np.iinfo(dtype)
    data = values.rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    return Case(model, (data,))


@st.composite
def negs(draw: st.DrawFn) -> Case:
    """Draw a NEG of float32, of any bits: also of zeros, infinities and what is no number."""
    values: Values = draw(any_values)
    shape = draw(shapes)
    data = values.rng.integers(0, 2**32, shape, np.uint32)
    if values.extreme:
        data = values.rng.choice(_ODD_FLOATS, shape)
    operand = Tensor(shape, dtype="float32")
    return Case(one_operator("NEG", [operand], [operand]), (data.view(np.float32),))


_POSITIVE = [0, 1, 0x007FFFFF, 0x7F7FFFFF, 0x7F800000, 0x7F800001, 0x7FC00000, 0x7FFFFFFF]
_ODD_FLOATS = np.array([*_POSITIVE, *(bits | 1 << 31 for bits in _POSITIVE)], np.uint32)
