"""Make models of one operator, to compare TFLM and the runtime.

Operators without a function here are made directly with `support.graph.one_operator`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.sw.schema import schema
from cfuforge.sw.tflite_model import Model
from support.graph import Quantisation, Tensor, constant, indices, one_operator

__all__ = ["Gate", "arg_max", "arg_min", "average_pool_2d", "conv_2d", "copying_model"]
__all__ += ["depthwise_conv_2d", "fully_connected", "lstm", "max_pool_2d", "mean", "reduce_max"]
__all__ += ["reduced_shape"]
__all__ += ["softmax", "sum_", "svdf", "transpose_conv"]

TANH = 4


def weighted(
    name: str,
    input_shape: Sequence[int],
    input_quantisation: Quantisation,
    filter_: NDArray[np.int8],
    filter_quantisation: Quantisation,
    bias: NDArray[np.int32] | None,
    output_quantisation: Quantisation,
    output_size: Sequence[int] = (),
    **options: int,
) -> Model:
    """Make an operator with a filter and an optional bias, whose scales follow from the others.

    Parameters
    ----------
    filter_
        (output channels, height, width, input channels); (1, height, width, output channels) for
        DEPTHWISE_CONV_2D; (output channels, depth) for FULLY_CONNECTED.
    output_size
        Height and width, for TRANSPOSE_CONV.
    options
        As in the schema: padding, strideW, strideH, dilationWFactor, dilationHFactor,
        depthMultiplier, fusedActivationFunction.
    """
    channels = filter_.shape[3 if name == "DEPTHWISE_CONV_2D" else 0]
    if name == "FULLY_CONNECTED":
        output = [input_shape[0], channels]
    elif name == "TRANSPOSE_CONV":
        output = [input_shape[0], *output_size, channels]
    else:
        output = _slid(input_shape, filter_.shape[1:3], channels, options)
    inputs = [
        Tensor(input_shape, input_quantisation),
        constant(filter_, filter_quantisation, "filter"),
    ]
    if name == "TRANSPOSE_CONV":
        inputs = [indices(output), *inputs[::-1]]
    if bias is not None:
        scales = (input_quantisation.scales[0] * scale for scale in filter_quantisation.scales)
        inputs.append(constant(bias.astype(np.int32), Quantisation(tuple(scales)), "bias"))
    return one_operator(name, inputs, [Tensor(output, output_quantisation)], **options)


def pool(
    name: str,
    input_shape: Sequence[int],
    input_quantisation: Quantisation,
    output_quantisation: Quantisation | None = None,
    **options: int,
) -> Model:
    """Make a pooling operator, whose output is quantised as its input by default.

    Parameters
    ----------
    options
        As in the schema: padding, strideW, strideH, filterWidth, filterHeight,
        fusedActivationFunction.
    """
    taps = options["filterHeight"], options["filterWidth"]
    shape = _slid(input_shape, taps, input_shape[3], options)
    output = Tensor(shape, output_quantisation or input_quantisation)
    return one_operator(name, [Tensor(input_shape, input_quantisation)], [output], **options)


def reduction(
    name: str,
    input_shape: Sequence[int],
    axes: Sequence[int],
    input_quantisation: Quantisation,
    output_quantisation: Quantisation,
    keep_dims: bool = True,
) -> Model:
    """Make a reduction over `axes`, which may be negative or repeated."""
    inputs = [Tensor(input_shape, input_quantisation), indices([*axes])]
    output = Tensor(reduced_shape(input_shape, axes, keep_dims), output_quantisation)
    return one_operator(name, inputs, [output], keepDims=keep_dims)


def place_of(
    name: str, input_shape: Sequence[int], axis: int, quantisation: Quantisation, dtype: str
) -> Model:
    """Make an operator that finds a position along `axis`, with indices of `dtype`."""
    inputs = [Tensor(input_shape, quantisation), indices(axis)]
    output = Tensor(reduced_shape(input_shape, [axis], False), dtype=dtype)
    type_ = getattr(schema.TensorType, dtype.upper())
    return one_operator(name, inputs, [output], outputType=type_)


def softmax(
    shape: Sequence[int],
    input_scale: float,
    zero_point: int,
    beta: float,
    output: Tensor | None = None,
) -> Model:
    """Make a SOFTMAX; `output` replaces the default, int8 with scale 1/256 and zero point -128."""
    input_ = Tensor(shape, Quantisation((input_scale,), zero_point))
    output = output or Tensor(shape, Quantisation((1 / 256,), -128))
    return one_operator("SOFTMAX", [input_], [output], beta=beta)


def svdf(
    batches: int,
    rank: int,
    feature_weights: NDArray[np.int8],
    time_weights: NDArray[Any],
    bias: NDArray[np.int32] | None,
    quantisations: Sequence[Quantisation],
    activation: int = 0,
    bias_scale: float | None = None,
) -> Model:
    """Make an SVDF; its state has the type of its time weights, int8 or int16.

    Parameters
    ----------
    feature_weights, time_weights
        (filters, inputs) and (filters, memory).
    quantisations
        Those of input, feature weights, time weights, state and output.
    bias_scale
        Replaces the correct one, the state's scale times the time weights'.
    """
    filters, memory = time_weights.shape
    input_, feature, time, state, output = quantisations
    of_bias = Quantisation((bias_scale or time.scales[0] * state.scales[0],))
    dtype = time_weights.dtype.name
    inputs = [
        Tensor((batches, feature_weights.shape[1]), input_),
        constant(feature_weights, feature, "feature"),
        constant(time_weights, time, "time"),
        None if bias is None else constant(bias, of_bias, "bias"),
        Tensor((batches, filters * memory), state, None, dtype, "state", variable=True),
    ]
    result = Tensor((batches, filters // rank), output)
    return one_operator("SVDF", inputs, [result], rank=rank, fusedActivationFunction=activation)


@dataclass(frozen=True)
class Gate:
    """The weights of one gate of an LSTM.

    Parameters
    ----------
    input_weights, hidden_weights
        (units, inputs) and (units, units).
    bias
        (units,).
    input_quantisation, hidden_quantisation
        Quantisation of the weights.
    """

    input_weights: NDArray[np.int8]
    hidden_weights: NDArray[np.int8]
    bias: NDArray[np.int32]
    input_quantisation: Quantisation
    hidden_quantisation: Quantisation


def lstm(
    input_shape: Sequence[int],
    gates: Sequence[Gate],
    input_quantisation: Quantisation,
    hidden_quantisation: Quantisation,
    cell_scale: float,
    *,
    time_major: bool = False,
    cell_clip: float = 0.0,
    activation: int = TANH,
    peephole: bool = False,
) -> Model:
    """Make a UNIDIRECTIONAL_SEQUENCE_LSTM.

    Parameters
    ----------
    input_shape
        Batches, steps and inputs; steps first if `time_major`.
    gates
        The input, forget, cell and output gates.
    hidden_quantisation
        Quantisation of the hidden state and the output.
    peephole
        Add a tensor that neither TFLM nor this runtime supports.
    """
    first, second, _ = input_shape
    units = gates[0].bias.size
    state = (second if time_major else first, units)
    weights = [constant(gate.input_weights, gate.input_quantisation) for gate in gates]
    weights += [constant(gate.hidden_weights, gate.hidden_quantisation) for gate in gates]
    biases = [
        constant(
            gate.bias,
            Quantisation((input_quantisation.scales[0] * gate.input_quantisation.scales[0],)),
        )
        for gate in gates
    ]
    cell = Quantisation((cell_scale,))
    inputs = [
        *(Tensor(input_shape, input_quantisation), *weights),
        *(weights[0] if peephole else None, None, None),
        *(*biases, None, None),
        Tensor(state, hidden_quantisation, name="hidden", variable=True),
        Tensor(state, cell, dtype="int16", name="cell", variable=True),
        *[None] * 4,
    ]
    return one_operator(
        "UNIDIRECTIONAL_SEQUENCE_LSTM",
        inputs,
        [Tensor((first, second, units), hidden_quantisation)],
        fusedActivationFunction=activation,
        cellClip=cell_clip,
        timeMajor=time_major,
    )


def reduced_shape(shape: Sequence[int], axes: Sequence[int], keep_dims: bool) -> list[int]:
    """Return a shape after a reduction; axes may be negative or repeated."""
    gone = {axis % len(shape) for axis in axes}
    sizes = [1 if axis in gone else size for axis, size in enumerate(shape)]
    return sizes if keep_dims else [sizes[a] for a in range(len(shape)) if a not in gone]


def _slid(
    input_shape: Sequence[int], taps: Sequence[int], channels: int, options: dict[str, int]
) -> list[int]:
    """Return the output shape of a sliding window with `taps`."""
    sizes = []
    for axis, letter in enumerate("HW"):
        size, stride = input_shape[1 + axis], options[f"stride{letter}"]
        reach = (taps[axis] - 1) * options.get(f"dilation{letter}Factor", 1) + 1
        if options["padding"] == schema.Padding.SAME:
            sizes.append(-(-size // stride))
        else:
            sizes.append((size - reach) // stride + 1)
    return [input_shape[0], *sizes, channels]


conv_2d = partial(weighted, "CONV_2D")
depthwise_conv_2d = partial(weighted, "DEPTHWISE_CONV_2D")
fully_connected = partial(weighted, "FULLY_CONNECTED")
transpose_conv = partial(weighted, "TRANSPOSE_CONV")
average_pool_2d = partial(pool, "AVERAGE_POOL_2D")
max_pool_2d = partial(pool, "MAX_POOL_2D")
mean = partial(reduction, "MEAN")
sum_ = partial(reduction, "SUM")
reduce_max = partial(reduction, "REDUCE_MAX")
arg_max = partial(place_of, "ARG_MAX", dtype="int32")
arg_min = partial(place_of, "ARG_MIN", dtype="int32")


def copying_model(folder: Path, height: int, width: int) -> Path:
    """Return the file of a 1x1 convolution that copies eight channels."""
    one = Quantisation((1.0,))
    weights = np.eye(8, dtype=np.int8).reshape(8, 1, 1, 8)
    options = {"padding": 1, "strideW": 1, "strideH": 1}
    options |= {"dilationWFactor": 1, "dilationHFactor": 1, "fusedActivationFunction": 0}
    path = folder / "copy.tflite"
    path.write_bytes(conv_2d((1, height, width, 8), one, weights, one, None, one, **options).data)
    return path
