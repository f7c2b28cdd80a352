"""Make models, tensor by tensor and operator by operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import flatbuffers
import numpy as np
from numpy.typing import NDArray

from cfuforge.sw.schema import schema
from cfuforge.sw.tflite_model import Model

__all__ = ["Graph", "Place", "Quantisation", "one_operator_model"]

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


@dataclass(frozen=True)
class Place:
    """A tensor.

    Parameters
    ----------
    name
        What to call it.
    shape
        Of any rank.
    quantisation
        Of its values; None for none.
    dtype
        numpy's name of its type.
    data
        The values of a constant.
    variable
        Whether it keeps its values from one inference to the next.
    """

    name: str
    shape: Sequence[int]
    quantisation: Quantisation | None = None
    dtype: str = "int8"
    data: NDArray[Any] | None = None
    variable: bool = False


@dataclass
class Graph:
    """A model in the making."""

    tensors: list[Any] = field(default_factory=list)
    operators: list[Any] = field(default_factory=list)
    buffers: list[Any] = field(default_factory=lambda: [schema.BufferT()])
    codes: dict[str, int] = field(default_factory=dict)

    def tensor(self, place: Place) -> int:
        """Add a tensor and return its index."""
        buffer = 0
        if place.data is not None:
            buffer = len(self.buffers)
            self.buffers.append(schema.BufferT(data=np.frombuffer(place.data.tobytes(), np.uint8)))
        tensor = schema.TensorT(
            shape=np.array(place.shape, np.int32),
            type=getattr(schema.TensorType, place.dtype.upper()),
            buffer=buffer,
            name=place.name,
            isVariable=place.variable,
        )
        if quantisation := place.quantisation:
            tensor.quantization = schema.QuantizationParametersT(
                scale=np.array(quantisation.scales, np.float32),
                zeroPoint=np.full(len(quantisation.scales), quantisation.zero_point, np.int64),
                quantizedDimension=quantisation.dimension,
            )
        self.tensors.append(tensor)
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
        builder = _Builder(1024)
        builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
        return Model(bytes(builder.Output()), name)


def one_operator_model(
    name: str, inputs: Sequence[Place | None], outputs: Sequence[Place], **options: Any
) -> Model:
    """Make a model of one operator; what has no data and is no variable is the model's input."""
    graph = Graph()
    indices = [-1 if place is None else graph.tensor(place) for place in inputs]
    results = [graph.tensor(place) for place in outputs]
    graph.operator(name, indices, results, **options)
    given = [
        index
        for index, place in zip(indices, inputs, strict=True)
        if place and place.data is None and not place.variable
    ]
    return graph.model(name.lower(), given, results)


def _code(name: str) -> Any:
    builtin = getattr(schema.BuiltinOperator, name)
    return schema.OperatorCodeT(
        deprecatedBuiltinCode=min(builtin, 127), builtinCode=builtin, version=1
    )


class _Builder(flatbuffers.Builder):
    """Aligns all vectors to 16 bytes, as TensorFlow's converter does with tensors."""

    def StartVector(self, elemSize: int, numElems: int, alignment: int) -> Any:  # noqa: N802, N803
        return super().StartVector(elemSize, numElems, max(alignment, 16))
