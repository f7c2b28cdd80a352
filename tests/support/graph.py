"""Build models tensor by tensor and operator by operator."""

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

# Options tables that are not named after their operators.
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
    """How a tensor's integers represent real numbers.

    Parameters
    ----------
    scales
        Non-negative scales: one, or one per channel.
    zero_point
        The integer that represents 0.
    dimension
        The channel dimension, if there is more than one scale.
    """

    scales: tuple[float, ...]
    zero_point: int = 0
    dimension: int = 0


PLAIN = Quantisation((0.5,), 3)


@dataclass(frozen=True)
class Tensor:
    """A tensor of a model being built.

    Parameters
    ----------
    shape
        Shape of any rank.
    quantisation
        Quantisation of its values; None for plain integers and floats.
    data
        The values of a constant; None for inputs and computed tensors.
    dtype
        Numpy's name of its type.
    name
        Its name in the model.
    variable
        Whether it keeps its values between inferences.
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
    """Return an int32 constant, for sizes, axes or positions; a single int makes a scalar."""
    return constant(np.array(values, np.int32), name="indices")


@dataclass
class Graph:
    """A model being built."""

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
        """Add an operator, given its tensors' indices (-1 for an omitted one) and its options."""
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
        """Return the model, given the tensor indices of its inputs and outputs."""
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
    """Make a model of one operator; tensors that are neither constant nor variable are inputs.

    Parameters
    ----------
    name
        The operator's name, such as ``"CONV_2D"``.
    inputs, outputs
        Tensors in the operator's order; None for an omitted input.
    options
        The options, by the names of the Python schema.
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
    """Return a model's file after applying `change` to its ``schema.ModelT``."""
    tables = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(data, 0))
    change(tables)
    return _packed(tables)


def project(model: Any) -> None:
    """Turn SOFTMAX into LSH_PROJECTION, an operator that no runtime has."""
    for code in model.operatorCodes:
        if code.builtinCode == schema.BuiltinOperator.SOFTMAX:
            code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.LSH_PROJECTION


def planned(data: bytes, offsets: Sequence[int], count: int | None = None) -> bytes:
    """Return a model's file with an offline plan of its arena in the metadata.

    Parameters
    ----------
    offsets
        Offset of each tensor; -1 to leave it to the runtime.
    count
        The number of tensors that the plan claims; None for the right one.
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
    """A builder that aligns all vectors to 16 bytes, as TensorFlow's converter aligns tensors."""

    def StartVector(self, elemSize: int, numElems: int, alignment: int) -> Any:  # noqa: N802, N803
        return super().StartVector(elemSize, numElems, max(alignment, 16))
