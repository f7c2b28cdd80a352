"""Make models of a single pooling, reducing or recurrent operator: see `one_operator`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from cfuforge.sw.one_operator import Quantisation, _Builder, _convolved, _tensor
from cfuforge.sw.tflite_model import Model

__all__ = ["arg_max", "arg_min", "max_pool_2d", "mean", "reduce_max", "reduced_shape", "sum_"]

_TYPES = {
    "int8": schema.TensorType.INT8,
    "int16": schema.TensorType.INT16,
    "int32": schema.TensorType.INT32,
    "int64": schema.TensorType.INT64,
}
_NONE = Quantisation((1.0,))


@dataclass(frozen=True)
class _Place:
    """A tensor: the model's input or output, a constant, or a variable."""

    name: str
    shape: Sequence[int]
    quantisation: Quantisation = _NONE
    dtype: str = "int8"
    data: NDArray[Any] | None = None
    variable: bool = False


def max_pool_2d(
    input_shape: Sequence[int],
    input_quantisation: Quantisation,
    output_quantisation: Quantisation,
    **options: int,
) -> Model:
    """Make a MAX_POOL_2D, which takes equal quantisations only.

    Parameters
    ----------
    options
        Those of `one_operator.average_pool_2d`.
    """
    taps = (options["filterHeight"], options["filterWidth"])
    output = _convolved(input_shape, taps, input_shape[3], options)
    places = [_Place("input", input_shape, input_quantisation)]
    return _model(
        "MAX_POOL_2D", "Pool2D", options, places, _Place("output", output, output_quantisation)
    )


def reduced_shape(shape: Sequence[int], axes: Sequence[int], keep_dims: bool) -> list[int]:
    """Return what is left of a shape; axes may be negative and occur twice."""
    gone = {axis % len(shape) for axis in axes}
    sizes = [1 if axis in gone else size for axis, size in enumerate(shape)]
    return sizes if keep_dims else [sizes[a] for a in range(len(shape)) if a not in gone]


def mean(*arguments: Any, **keywords: Any) -> Model:
    """Make a MEAN, with the arguments of `reduce_max`."""
    return _reduction("MEAN", *arguments, **keywords)


def sum_(*arguments: Any, **keywords: Any) -> Model:
    """Make a SUM, with the arguments of `reduce_max`."""
    return _reduction("SUM", *arguments, **keywords)


def reduce_max(
    input_shape: Sequence[int],
    axes: Sequence[int],
    input_quantisation: Quantisation,
    output_quantisation: Quantisation,
    keep_dims: bool = True,
) -> Model:
    """Make a REDUCE_MAX over `axes`."""
    return _reduction(
        "REDUCE_MAX", input_shape, axes, input_quantisation, output_quantisation, keep_dims
    )


def arg_max(
    input_shape: Sequence[int], axis: int, quantisation: Quantisation, dtype: str = "int32"
) -> Model:
    """Make an ARG_MAX along `axis`, with indices of `dtype`."""
    return _arg("ARG_MAX", "ArgMax", input_shape, axis, quantisation, dtype)


def arg_min(
    input_shape: Sequence[int], axis: int, quantisation: Quantisation, dtype: str = "int32"
) -> Model:
    """Make an ARG_MIN along `axis`, with indices of `dtype`."""
    return _arg("ARG_MIN", "ArgMin", input_shape, axis, quantisation, dtype)


def _reduction(
    name: str,
    input_shape: Sequence[int],
    axes: Sequence[int],
    input_quantisation: Quantisation,
    output_quantisation: Quantisation,
    keep_dims: bool = True,
) -> Model:
    places = [
        _Place("input", input_shape, input_quantisation),
        _Place("axes", [len(axes)], dtype="int32", data=np.array(axes, np.int32)),
    ]
    shape = reduced_shape(input_shape, axes, keep_dims)
    output = _Place("output", shape, output_quantisation)
    return _model(name, "Reducer", {"keepDims": keep_dims}, places, output)


def _arg(
    name: str,
    kind: str,
    input_shape: Sequence[int],
    axis: int,
    quantisation: Quantisation,
    dtype: str,
) -> Model:
    places = [
        _Place("input", input_shape, quantisation),
        _Place("axis", [], dtype="int32", data=np.array(axis, np.int32)),
    ]
    output = _Place("output", reduced_shape(input_shape, [axis], False), dtype=dtype)
    return _model(name, kind, {"outputType": _TYPES[dtype]}, places, output)


def _model(
    name: str,
    kind: str,
    options: dict[str, Any],
    places: Sequence[_Place | None],
    output: _Place,
) -> Model:
    """Make the model; every one of `places` without data that is no variable is its input."""
    buffers, indices, inputs = [schema.BufferT()], [], []
    tensors: list[Any] = []
    for place in [*places, output]:
        indices.append(-1 if place is None else len(tensors))
        if place is None:
            continue
        buffer = 0
        if place.data is not None:
            buffer = len(buffers)
            buffers.append(schema.BufferT(data=np.frombuffer(place.data.tobytes(), np.uint8)))
        elif place is not output and not place.variable:
            inputs.append(len(tensors))
        type_ = _TYPES[place.dtype]
        tensor = _tensor(place.name, place.shape, type_, place.quantisation, buffer)
        tensor.isVariable = place.variable
        tensors.append(tensor)
    operator = schema.OperatorT(
        opcodeIndex=0,
        inputs=np.array(indices[:-1], np.int32),
        outputs=np.array(indices[-1:], np.int32),
        builtinOptionsType=getattr(schema.BuiltinOptions, f"{kind}Options"),
        builtinOptions=getattr(schema, f"{kind}OptionsT")(**options),
    )
    graph = schema.SubGraphT(
        tensors=tensors,
        inputs=np.array(inputs, np.int32),
        outputs=np.array(indices[-1:], np.int32),
        operators=[operator],
    )
    builtin = getattr(schema.BuiltinOperator, name)
    code = schema.OperatorCodeT(
        deprecatedBuiltinCode=min(builtin, 127), builtinCode=builtin, version=3
    )
    model = schema.ModelT(version=3, operatorCodes=[code], subgraphs=[graph], buffers=buffers)
    builder = _Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return Model(bytes(builder.Output()), name.lower())
