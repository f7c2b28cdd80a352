"""Run an operator of a model in the nn library on the host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.cfu.errors import InputError
from cfuforge.sw.host import Dims, HostKernels, Result
from cfuforge.sw.quantise import (
    activation_range,
    channel_multipliers,
    padding_before,
    softmax_params,
)
from cfuforge.sw.tflite_model import Operator, Tensor

__all__ = ["KERNELS", "run_operator"]

Int8 = NDArray[np.int8]


def run_operator(kernels: HostKernels, operator: Operator, input_: Int8) -> Result:
    """Run one operator whose filter and bias are constants.

    Parameters
    ----------
    kernels
        The library.
    operator
        One of `KERNELS`.
    input_
        Its first input.

    Raises
    ------
    InputError
        When there is no kernel for the operator.
    """
    if operator.name not in KERNELS:
        raise InputError(f"operator {operator.index} is a {operator.name}, which has no kernel")
    return KERNELS[operator.name](kernels, operator, input_)


def _conv(kernels: HostKernels, operator: Operator, input_: Int8) -> Result:
    return kernels.conv_s8(*_tensors(operator, input_), **_convolution(operator, input_))


def _depthwise_conv(kernels: HostKernels, operator: Operator, input_: Int8) -> Result:
    return kernels.depthwise_conv_s8(
        *_tensors(operator, input_),
        depth_multiplier=operator.options["depthMultiplier"],
        **_convolution(operator, input_),
    )


def _fully_connected(kernels: HostKernels, operator: Operator, input_: Int8) -> Result:
    filter_, output = _filter(operator), operator.outputs[0]
    input_scale, input_zero = _quantisation(operator, operator.inputs[0])
    output_scale, output_zero = _quantisation(operator, output)
    filter_zero = filter_.zero_points[0] if len(filter_.scales) == 1 else 0
    scales, weights = filter_.scales, filter_.data()
    multiplier, shift = channel_multipliers(input_scale, scales, output_scale, len(scales))
    result = kernels.fully_connected_s8(
        input_.reshape(-1, weights.shape[1]),
        weights,
        _bias(operator),
        offsets=(-input_zero, -filter_zero, output_zero),
        activation=_activation(operator),
        multiplier=multiplier,
        shift=shift,
    )
    return Result(result.output.reshape(output.shape), result.ran, result.scratch_size)


def _average_pool(kernels: HostKernels, operator: Operator, input_: Int8) -> Result:
    options, output = operator.options, operator.outputs[0]
    filter_size = (options["filterHeight"], options["filterWidth"])
    stride = (options["strideH"], options["strideW"])
    return kernels.average_pool_s8(
        input_,
        _nhwc(output.shape),
        stride=stride,
        padding=_padding(operator, input_, filter_size, stride, (1, 1)),
        filter_size=filter_size,
        activation=_activation(operator),
    )


def _softmax(kernels: HostKernels, operator: Operator, input_: Int8) -> Result:
    scale, _ = _quantisation(operator, operator.inputs[0])
    multiplier, left_shift, diff_min = softmax_params(operator.options["beta"], scale)
    rows = input_.reshape(-1, input_.shape[-1])
    result = kernels.softmax_s8(
        rows, multiplier=multiplier, left_shift=left_shift, diff_min=diff_min
    )
    return Result(result.output.reshape(input_.shape), result.ran, result.scratch_size)


KERNELS: dict[str, Callable[[HostKernels, Operator, Int8], Result]] = {
    "CONV_2D": _conv,
    "DEPTHWISE_CONV_2D": _depthwise_conv,
    "FULLY_CONNECTED": _fully_connected,
    "AVERAGE_POOL_2D": _average_pool,
    "SOFTMAX": _softmax,
}


def _tensors(operator: Operator, input_: Int8) -> tuple[Int8, Int8, NDArray[np.int32] | None, Dims]:
    output_dims = _nhwc(operator.outputs[0].shape)
    return input_, _filter(operator).data(), _bias(operator), output_dims


def _convolution(operator: Operator, input_: Int8) -> dict[str, Any]:
    """Return what CONV_2D and DEPTHWISE_CONV_2D have in common."""
    options, filter_, output = operator.options, _filter(operator), operator.outputs[0]
    input_scale, input_zero = _quantisation(operator, operator.inputs[0])
    output_scale, output_zero = _quantisation(operator, output)
    stride = (options["strideH"], options["strideW"])
    dilation = (options["dilationHFactor"], options["dilationWFactor"])
    multiplier, shift = channel_multipliers(
        input_scale, filter_.scales, output_scale, output.shape[3]
    )
    return {
        "offsets": (-input_zero, output_zero),
        "stride": stride,
        "padding": _padding(operator, input_, filter_.shape[1:3], stride, dilation),
        "dilation": dilation,
        "activation": _activation(operator),
        "multiplier": multiplier,
        "shift": shift,
    }


def _padding(
    operator: Operator,
    input_: Int8,
    taps: tuple[int, ...],
    stride: tuple[int, int],
    dilation: tuple[int, int],
) -> tuple[int, int]:
    before = [
        padding_before(
            operator.options["padding"],
            input_.shape[1 + axis],
            taps[axis],
            stride[axis],
            dilation[axis],
            operator.outputs[0].shape[1 + axis],
        )
        for axis in (0, 1)
    ]
    return before[0], before[1]


def _activation(operator: Operator) -> tuple[int, int]:
    scale, zero_point = _quantisation(operator, operator.outputs[0])
    return activation_range(operator.options["fusedActivationFunction"], scale, zero_point)


def _filter(operator: Operator) -> Tensor:
    filter_ = operator.inputs[1]
    if filter_ is None:
        raise InputError(f"operator {operator.index}, {operator.name}, has no filter")
    return filter_


def _bias(operator: Operator) -> NDArray[np.int32] | None:
    bias = operator.inputs[2] if len(operator.inputs) > 2 else None
    return None if bias is None else bias.data()


def _quantisation(operator: Operator, tensor: Tensor | None) -> tuple[float, int]:
    if tensor is None or tensor.scale is None or tensor.zero_point is None:
        raise InputError(
            f"operator {operator.index}, {operator.name}: each tensor must have one scale and "
            "zero point"
        )
    return tensor.scale, tensor.zero_point


def _nhwc(shape: tuple[int, ...]) -> Dims:
    batches, height, width, channels = shape
    return batches, height, width, channels
