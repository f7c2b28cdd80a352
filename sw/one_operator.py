"""Make models of a single operator: small questions to put to the oracle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.sw.graph import Place, Quantisation, one_operator_model
from cfuforge.sw.schema import schema
from cfuforge.sw.tflite_model import Model

__all__ = ["Quantisation", "average_pool_2d", "conv_2d", "depthwise_conv_2d", "fully_connected"]
__all__ += ["softmax"]

Int8 = NDArray[np.int8]
Int32 = NDArray[np.int32]


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
        _constant(filter_, filter_quantisation),
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
        _constant(filter_, filter_quantisation),
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
        _constant(filter_, filter_quantisation),
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


def softmax(
    shape: Sequence[int],
    input_scale: float,
    zero_point: int,
    beta: float,
    output: Place | None = None,
) -> Model:
    """Make a SOFTMAX; `output` is another one than int8 with scale 1/256 and zero point -128."""
    input_ = Place("input", shape, Quantisation((input_scale,), zero_point))
    output = output or Place("output", shape, Quantisation((1 / 256,), -128))
    return one_operator_model("SOFTMAX", [input_], [output], beta=beta)


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


def _bias(
    bias: Int32 | None, input_quantisation: Quantisation, filter_quantisation: Quantisation
) -> list[Place]:
    """Return the bias with the only scales that it can have."""
    if bias is None:
        return []
    scales = (input_quantisation.scales[0] * scale for scale in filter_quantisation.scales)
    return [_constant(bias.astype(np.int32), Quantisation(tuple(scales)))]


def _one_operator(
    name: str,
    options: dict[str, Any],
    input_shape: Sequence[int],
    input_quantisation: Quantisation,
    constants: Sequence[Place],
    output_shape: Sequence[int],
    output_quantisation: Quantisation,
) -> Model:
    input_ = Place("input", input_shape, input_quantisation)
    output = Place("output", output_shape, output_quantisation)
    return one_operator_model(name, [input_, *constants], [output], **options)


def _constant(data: NDArray[Any], quantisation: Quantisation) -> Place:
    return Place("constant", data.shape, quantisation, data.dtype.name, data)
