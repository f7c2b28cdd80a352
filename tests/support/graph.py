"""Models made tensor by tensor and operator by operator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import flatbuffers
import numpy as np
from numpy.typing import ArrayLike, NDArray

from cfuforge.sw.schema import schema
from cfuforge.sw.tflite_model import Model

__all__ = ["PLAIN", "Graph", "Quantisation", "Tensor", "changed", "constant", "indices"]
__all__ += ["one_operator", "planned", "project"]

# The tables of options that are not called as their operators.
_OPTIONS = {
    "CONV_2D": "Conv2DOptions",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "MEAN": "ReducerOptions",
    "SUM": "ReducerOptions",
    "REDUCE_MAX": "ReducerOptions",
    "PADV2": "PadV2Options",
    "SVDF": "SVDFOptions",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTMOptions",
}


@dataclass(frozen=True)
class Quantisation:
    """How a tensor's integers mean real numbers.

    Parameters
    ----------
    scales
        Not negative: one, or one for each channel.
    zero_point
        The integer that means 0.
    dimension
        Of the channels, where there is more than one scale.
    """

    scales: tuple[float, ...]
    zero_point: int = 0
    dimension: int = 0


PLAIN = Quantisation((0.5,), 3)


@dataclass(frozen=True)
class Tensor:
    """A tensor of a model in the making.

    Parameters
    ----------
    shape
        Of any rank.
    quantisation
        Of its values; None for integers that mean themselves, and for floats.
    data
        The values of a constant; None for what an inference is given or computes.
    dtype
        numpy's name of its type.
    name
        What the model calls it.
    variable
        Whether it keeps its values from one inference to the next.
    """

    shape: Sequence[int]
    quantisation: Quantisation | None = None
    data: NDArray[Any] | None = None
    dtype: str = "int8"
    name: str = ""
    variable: bool = False


def constant(
    values: ArrayLike, quantisation: Quantisation | None = None, name: str = "constant"
) -> Tensor:
    """Return a constant tensor with the shape and the type of `values`."""
    data = np.asarray(values)
    return Tensor(data.shape, quantisation, data, data.dtype.name, name)


def indices(values: Sequence[int] | int) -> Tensor:
    """Return a constant of int32: sizes, axes, positions. One int makes a scalar."""
    return constant(np.array(values, np.int32), name="indices")


@dataclass
class Graph:
    """A model in the making."""

    tensors: list[Any] = field(default_factory=list)
    operators: list[Any] = field(default_factory=list)
    buffers: list[Any] = field(default_factory=lambda: [schema.BufferT()])
    codes: dict[str, int] = field(default_factory=dict)

    def tensor(self, tensor: Tensor, name: str = "tensor") -> int:
        """Add a tensor, called `name` if it has no name of its own, and return its index."""
        buffer = 0
        if tensor.data is not None:
            buffer = len(self.buffers)
            values = np.frombuffer(tensor.data.tobytes(), np.uint8)
            self.buffers.append(schema.BufferT(data=values))
        table = schema.TensorT(
            shape=np.array(tensor.shape, np.int32),
            type=getattr(schema.TensorType, tensor.dtype.upper()),
            buffer=buffer,
            name=tensor.name or name,
            isVariable=tensor.variable,
        )
        if quantisation := tensor.quantisation:
            table.quantization = schema.QuantizationParametersT(
                scale=np.array(quantisation.scales, np.float32),
                zeroPoint=np.full(len(quantisation.scales), quantisation.zero_point, np.int64),
                quantizedDimension=quantisation.dimension,
            )
        self.tensors.append(table)
        return len(self.tensors) - 1

    def operator(
        self, name: str, inputs: Sequence[int], outputs: Sequence[int], **options: Any
    ) -> None:
        """Add an operator: its tensors' indices, -1 for one that is left out, and its options."""
        operator = schema.OperatorT(
            opcodeIndex=self.codes.setdefault(name, len(self.codes)),
            inputs=np.array(inputs, np.int32),
            outputs=np.array(outputs, np.int32),
        )
        table = _OPTIONS.get(name, name.title().replace("_", "") + "Options")
        if hasattr(schema, table):
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, table)
            operator.builtinOptions = getattr(schema, f"{table}T")(**options)
        self.operators.append(operator)

    def model(self, name: str, inputs: Sequence[int], outputs: Sequence[int]) -> Model:
        """Return the model, with these tensors' indices as its inputs and outputs."""
        graph = schema.SubGraphT(
            tensors=self.tensors,
            inputs=np.array(inputs, np.int32),
            outputs=np.array(outputs, np.int32),
            operators=self.operators,
        )
        model = schema.ModelT(
            version=3,
            operatorCodes=[_code(operator) for operator in self.codes],
            subgraphs=[graph],
            buffers=self.buffers,
        )
        return Model(_packed(model), name)


def one_operator(
    name: str, inputs: Sequence[Tensor | None], outputs: Sequence[Tensor], **options: Any
) -> Model:
    """Make a model of one operator; what has no data and is no variable is the model's input.

    Parameters
    ----------
    name
        The operator's, as in ``"CONV_2D"``.
    inputs, outputs
        In the operator's order; None for an input that is left out.
    options
        The schema's, by their names there in Python.
    """
    graph = Graph()
    places = [-1 if tensor is None else graph.tensor(tensor, "input") for tensor in inputs]
    results = [graph.tensor(tensor, "output") for tensor in outputs]
    graph.operator(name, places, results, **options)
    given = [
        place
        for place, tensor in zip(places, inputs, strict=True)
        if tensor and tensor.data is None and not tensor.variable
    ]
    return graph.model(name.lower(), given, results)


def changed(data: bytes, change: Callable[[Any], object]) -> bytes:
    """Return a model's file after `change` of its ``schema.ModelT``."""
    tables = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(data, 0))
    change(tables)
    return _packed(tables)


def project(model: Any) -> None:
    """Make SOFTMAX an operator that nobody has, LSH_PROJECTION."""
    for code in model.operatorCodes:
        if code.builtinCode == schema.BuiltinOperator.SOFTMAX:
            code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.LSH_PROJECTION


def planned(data: bytes, offsets: Sequence[int], count: int | None = None) -> bytes:
    """Return a model's file with an offline plan of its arena in the metadata.

    Parameters
    ----------
    offsets
        Of each tensor; -1 for one that is left to the runtime.
    count
        What the plan says of how many there are; None for the truth.
    """
    words = np.array([1, 0, len(offsets) if count is None else count, *offsets], np.int32)

    def plan(model: Any) -> None:
        metadata = schema.MetadataT(name="OfflineMemoryAllocation", buffer=len(model.buffers))
        model.buffers.append(schema.BufferT(data=np.frombuffer(words.tobytes(), np.uint8)))
        model.metadata = [*(model.metadata or []), metadata]

    return changed(data, plan)


def _packed(model: Any) -> bytes:
    builder = _Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _code(name: str) -> Any:
    builtin = getattr(schema.BuiltinOperator, name)
    return schema.OperatorCodeT(
        deprecatedBuiltinCode=min(builtin, 127), builtinCode=builtin, version=1
    )


class _Builder(flatbuffers.Builder):
    """Aligns all vectors to 16 bytes, as TensorFlow's converter does with tensors."""

    def StartVector(self, elemSize: int, numElems: int, alignment: int) -> Any:  # noqa: N802, N803
        return super().StartVector(elemSize, numElems, max(alignment, 16))
