"""Make models of a single operator that moves or resizes data: any number of tensors, any type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from cfuforge.sw.one_operator import Quantisation, _Builder, _tensor
from cfuforge.sw.tflite_model import Model

__all__ = ["PLAIN", "Part", "indices", "one_operator"]

PLAIN = Quantisation((0.5,), 3)
_OPTIONS = {
    "CONCATENATION": "ConcatenationOptions",
    "EXPAND_DIMS": "ExpandDimsOptions",
    "PACK": "PackOptions",
    "PAD": "PadOptions",
    "PADV2": "PadV2Options",
    "RESIZE_BILINEAR": "ResizeBilinearOptions",
    "RESIZE_NEAREST_NEIGHBOR": "ResizeNearestNeighborOptions",
    "SLICE": "SliceOptions",
    "SPLIT": "SplitOptions",
    "SPLIT_V": "SplitVOptions",
    "SQUEEZE": "SqueezeOptions",
    "STRIDED_SLICE": "StridedSliceOptions",
    "TRANSPOSE": "TransposeOptions",
    "UNPACK": "UnpackOptions",
}


@dataclass(frozen=True)
class Part:
    """An input or output of the operator.

    Parameters
    ----------
    shape
        Its dimensions.
    dtype
        numpy's name of its type.
    quantisation
        Of its values; None for none.
    data
        The values of a constant; None for what is given to or returned by an inference.
    """

    shape: tuple[int, ...]
    dtype: str = "int8"
    quantisation: Quantisation | None = PLAIN
    data: NDArray[Any] | None = None


def indices(values: Sequence[int] | int) -> Part:
    """Return a constant of int32: sizes, axes, positions. One int makes a scalar."""
    data = np.array(values, np.int32)
    return Part(data.shape, "int32", None, data)


def one_operator(
    name: str, inputs: Sequence[Part], outputs: Sequence[Part], **options: Any
) -> Model:
    """Make a model of the operator `name`.

    Parameters
    ----------
    inputs
        In the operator's order; those without data are the model's inputs.
    outputs
        The operator's and the model's.
    options
        The schema's, by their names there in Python.
    """
    buffers, tensors = [schema.BufferT()], []
    for number, part in enumerate([*inputs, *outputs]):
        buffer = 0
        if part.data is not None:
            buffers.append(schema.BufferT(data=np.frombuffer(part.data.tobytes(), np.uint8)))
            buffer = len(buffers) - 1
        kind = "input" if number < len(inputs) else "output"
        type_ = getattr(schema.TensorType, part.dtype.upper())
        tensor = _tensor(f"{kind}{number}", part.shape, type_, part.quantisation or PLAIN, buffer)
        if part.quantisation is None:
            tensor.quantization = None
        tensors.append(tensor)
    given = [number for number, part in enumerate(inputs) if part.data is None]
    made = np.arange(len(inputs), len(tensors), dtype=np.int32)
    builtin = getattr(schema.BuiltinOperator, name)
    operator = schema.OperatorT(
        opcodeIndex=0,
        inputs=np.arange(len(inputs), dtype=np.int32),
        outputs=made,
        builtinOptionsType=getattr(schema.BuiltinOptions, _OPTIONS[name]),
        builtinOptions=getattr(schema, f"{_OPTIONS[name]}T")(**options),
    )
    graph = schema.SubGraphT(
        tensors=tensors,
        inputs=np.array(given, np.int32),
        outputs=made,
        operators=[operator],
    )
    code = schema.OperatorCodeT(
        deprecatedBuiltinCode=min(builtin, 127), builtinCode=builtin, version=1
    )
    model = schema.ModelT(version=3, operatorCodes=[code], subgraphs=[graph], buffers=buffers)
    builder = _Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return Model(bytes(builder.Output()), name.lower())
