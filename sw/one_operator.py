"""Make models of a single operator: small questions to put to the oracle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
from numpy.typing import NDArray
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from cfuforge.sw.tflite_model import Model

__all__ = ["Quantisation", "average_pool_2d", "conv_2d", "depthwise_conv_2d", "fully_connected"]
__all__ += ["softmax"]

Int8 = NDArray[np.int8]
Int32 = NDArray[np.int32]


@dataclass(frozen=True)
class Quantisation:
    """How a tensor's integers mean real numbers.

    Parameters
    ----------
    scales
        Positive: one, or one for each channel.
    zero_point
        The integer that means 0.
    dimension
        Of the channels, where there is more than one scale.
    """

    scales: tuple[float, ...]
    zero_point: int = 0
    dimension: int = 0


def conv_2d(
    input_shape: Sequence[int],
    input_quantisation: Quantisation,
    filter_: Int8,
    filter_quantisation: Quantisation,
    bias: Int32 | None,
    output_quantisation: Quantisation,
    **options: int,
) -> Model:
    """Make a CONV_2D; `filter_` is (output channels, height, width, input channels).

    Parameters
    ----------
    options
        The schema's: padding, strideW, strideH, dilationWFactor, dilationHFactor,
        fusedActivationFunction.
    """
    output = _convolved(input_shape, filter_.shape[1:3], filter_.shape[0], options)
    weights = [
        _Constant(filter_, filter_quantisation),
        *_bias(bias, input_quantisation, filter_quantisation),
    ]
    return _one_operator(
        "CONV_2D", options, input_shape, input_quantisation, weights, output, output_quantisation
    )


def depthwise_conv_2d(
    input_shape: Sequence[int],
    input_quantisation: Quantisation,
    filter_: Int8,
    filter_quantisation: Quantisation,
    bias: Int32 | None,
    output_quantisation: Quantisation,
    **options: int,
) -> Model:
    """Make a DEPTHWISE_CONV_2D; `filter_` is (1, height, width, output channels).

    Parameters
    ----------
    options
        Those of `conv_2d`, and depthMultiplier.
    """
    output = _convolved(input_shape, filter_.shape[1:3], filter_.shape[3], options)
    weights = [
        _Constant(filter_, filter_quantisation),
        *_bias(bias, input_quantisation, filter_quantisation),
    ]
    name = "DEPTHWISE_CONV_2D"
    return _one_operator(
        name, options, input_shape, input_quantisation, weights, output, output_quantisation
    )


def fully_connected(
    batches: int,
    input_quantisation: Quantisation,
    filter_: Int8,
    filter_quantisation: Quantisation,
    bias: Int32 | None,
    output_quantisation: Quantisation,
    **options: int,
) -> Model:
    """Make a FULLY_CONNECTED; `filter_` is (output channels, depth)."""
    channels, depth = filter_.shape
    weights = [
        _Constant(filter_, filter_quantisation),
        *_bias(bias, input_quantisation, filter_quantisation),
    ]
    return _one_operator(
        "FULLY_CONNECTED",
        options,
        (batches, depth),
        input_quantisation,
        weights,
        (batches, channels),
        output_quantisation,
    )


def average_pool_2d(
    input_shape: Sequence[int], quantisation: Quantisation, **options: int
) -> Model:
    """Make an AVERAGE_POOL_2D, whose input and output have the same quantisation.

    Parameters
    ----------
    options
        The schema's: padding, strideW, strideH, filterWidth, filterHeight,
        fusedActivationFunction.
    """
    taps = (options["filterHeight"], options["filterWidth"])
    output = _convolved(input_shape, taps, input_shape[3], options)
    return _one_operator(
        "AVERAGE_POOL_2D", options, input_shape, quantisation, [], output, quantisation
    )


def softmax(shape: Sequence[int], input_scale: float, zero_point: int, beta: float) -> Model:
    """Make a SOFTMAX."""
    return _one_operator(
        "SOFTMAX",
        {"beta": beta},
        shape,
        Quantisation((input_scale,), zero_point),
        [],
        shape,
        Quantisation((1 / 256,), -128),
    )


def _convolved(
    input_shape: Sequence[int], taps: Sequence[int], channels: int, options: dict[str, int]
) -> list[int]:
    sizes = []
    for axis, letter in enumerate("HW"):
        size, stride = input_shape[1 + axis], options[f"stride{letter}"]
        reach = (taps[axis] - 1) * options.get(f"dilation{letter}Factor", 1) + 1
        if options["padding"] == schema.Padding.SAME:
            sizes.append(-(-size // stride))
        else:
            sizes.append((size - reach) // stride + 1)
    return [input_shape[0], *sizes, channels]


@dataclass(frozen=True)
class _Constant:
    data: NDArray[Any]
    quantisation: Quantisation


def _bias(
    bias: Int32 | None, input_quantisation: Quantisation, filter_quantisation: Quantisation
) -> list[_Constant]:
    """Return the bias with the only scales that it can have."""
    if bias is None:
        return []
    scales = (input_quantisation.scales[0] * scale for scale in filter_quantisation.scales)
    return [_Constant(bias.astype(np.int32), Quantisation(tuple(scales)))]


class _Builder(flatbuffers.Builder):
    """Aligns all vectors to 16 bytes, as TensorFlow's converter does with tensors."""

    def StartVector(self, elemSize: int, numElems: int, alignment: int) -> Any:  # noqa: N802, N803
        return super().StartVector(elemSize, numElems, max(alignment, 16))


def _one_operator(
    name: str,
    options: dict[str, Any],
    input_shape: Sequence[int],
    input_quantisation: Quantisation,
    constants: Sequence[_Constant],
    output_shape: Sequence[int],
    output_quantisation: Quantisation,
) -> Model:
    builtin = getattr(schema.BuiltinOperator, name)
    kind = {
        "CONV_2D": "Conv2DOptions",
        "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
        "FULLY_CONNECTED": "FullyConnectedOptions",
        "AVERAGE_POOL_2D": "Pool2DOptions",
        "SOFTMAX": "SoftmaxOptions",
    }[name]
    int8, int32 = schema.TensorType.INT8, schema.TensorType.INT32
    buffers = [schema.BufferT()]
    tensors = [_tensor("input", input_shape, int8, input_quantisation, 0)]
    for number, constant in enumerate(constants):
        buffers.append(schema.BufferT(data=np.frombuffer(constant.data.tobytes(), np.uint8)))
        type_ = int8 if constant.data.dtype == np.int8 else int32
        shape = constant.data.shape
        tensors.append(
            _tensor(f"constant{number}", shape, type_, constant.quantisation, len(buffers) - 1)
        )
    tensors.append(_tensor("output", output_shape, int8, output_quantisation, 0))
    operator = schema.OperatorT(
        opcodeIndex=0,
        inputs=np.arange(len(tensors) - 1, dtype=np.int32),
        outputs=np.array([len(tensors) - 1], np.int32),
        builtinOptionsType=getattr(schema.BuiltinOptions, kind),
        builtinOptions=getattr(schema, f"{kind}T")(**options),
    )
    graph = schema.SubGraphT(
        tensors=tensors,
        inputs=np.array([0], np.int32),
        outputs=np.array([len(tensors) - 1], np.int32),
        operators=[operator],
    )
    code = schema.OperatorCodeT(deprecatedBuiltinCode=builtin, builtinCode=builtin, version=3)
    model = schema.ModelT(version=3, operatorCodes=[code], subgraphs=[graph], buffers=buffers)
    builder = _Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return Model(bytes(builder.Output()), name.lower())


def _tensor(
    name: str,
    shape: Sequence[int],
    type_: int,
    quantisation: Quantisation,
    buffer: int,
) -> Any:
    parameters = schema.QuantizationParametersT(
        scale=np.array(quantisation.scales, np.float32),
        zeroPoint=np.full(len(quantisation.scales), quantisation.zero_point, np.int64),
        quantizedDimension=quantisation.dimension,
    )
    return schema.TensorT(
        shape=np.array(shape, np.int32),
        type=type_,
        buffer=buffer,
        name=name,
        quantization=parameters,
    )
