"""Read a ``.tflite`` file: the model's tensors and operators, and their multiply-accumulates."""

from __future__ import annotations

import hashlib
import math
import struct
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from numpy.typing import NDArray
from typing_extensions import TypedDict

from cfuforge.base.document import Count
from cfuforge.base.errors import InputError
from cfuforge.base.files import read_bytes
from cfuforge.sw.flatbuffer import DamagedError, File, Table
from cfuforge.sw.schema import schema
from cfuforge.sw.tflite_fields import (
    BufferField,
    CodeField,
    GraphField,
    ModelField,
    OperatorField,
    QuantizationField,
    TensorField,
)

__all__ = ["LARGEST_FILE", "Model", "ModelFacts", "Operator", "Tensor"]

LARGEST_FILE = 1 << 27
"""The largest accepted file in bytes; no board has so much memory."""

IDENTIFIER = b"TFL3"
_MOST = 1 << 14  # tensors or operators: planning memory takes quadratic time
_OPERANDS = 8 * _MOST  # inputs and outputs of all operators
_RANK = 32  # dimensions, as in numpy
_BUILTIN_NAMES = {
    value: name for name, value in vars(schema.BuiltinOperator).items() if name.isupper()
}
_TYPES = {value: name.lower() for name, value in vars(schema.TensorType).items() if name.isupper()}
# Operators that a converter adds if it does not know a size.
_COMPUTED = ("SHAPE", "SPACE_TO_BATCH_ND")
# Errors of the schema's reader in a damaged file.
_NONSENSE = (struct.error, ValueError, TypeError, IndexError, AttributeError, ArithmeticError)


@dataclass(frozen=True)
class Tensor:
    """A tensor of a model.

    Parameters
    ----------
    index
        Its number in the subgraph.
    name
        The name that the converter gave it.
    shape
        Its shape; NHWC if it has four dimensions.
    dtype
        The schema's name in lower case, which is also numpy's if numpy has the type (``"int8"``);
        ``"type N"`` if it has no name.
    scales, zero_points
        Quantisation, float32 and integer: empty if there is none, one value, or one per channel.
    constant
        The data of a constant; otherwise None.
    variable
        Whether it keeps its values between inferences.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: str
    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    constant: bytes | None
    variable: bool = False

    @property
    def nbytes(self) -> int:
        """Size in bytes.

        Raises
        ------
        InputError
            When numpy has no such type.
        """
        try:
            return math.prod(self.shape) * np.dtype(self.dtype).itemsize
        except TypeError as error:
            raise InputError(
                f"tensor {self.index} ({self.name}) is {self.dtype}, which is not supported"
            ) from error

    @property
    def scale(self) -> float | None:
        """The scale of all values, or None if there is none or more than one."""
        return self.scales[0] if len(self.scales) == 1 else None

    @property
    def zero_point(self) -> int | None:
        """The zero point of all values, or None if there is none or more than one."""
        return self.zero_points[0] if len(self.zero_points) == 1 else None

    def data(self) -> NDArray[Any]:
        """Return a constant's values in the tensor's shape.

        Raises
        ------
        ValueError
            When the tensor is not a constant, or its data do not match its shape.
        """
        if self.constant is None:
            raise ValueError(f"tensor {self.index} ({self.name}) is not a constant")
        return np.frombuffer(self.constant, self.dtype).reshape(self.shape)


@dataclass(frozen=True)
class Operator:
    """An operator of a model.

    Parameters
    ----------
    index
        Its position in the order of execution, from 0.
    builtin
        The number of its ``BuiltinOperator``.
    name
        The name of that, such as ``"CONV_2D"``, or of a custom operator.
    options
        Its options by the schema's names, such as ``strideW``.
    inputs
        Its inputs; None for one that is omitted.
    outputs
        Its outputs.
    macs
        Multiply-accumulates with weights, including those on padding; 0 for an operator without
        weights.
    """

    index: int
    builtin: int
    name: str
    options: dict[str, Any]
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor, ...]
    macs: int

    @property
    def written(self) -> list[Tensor]:
        """The tensors that it may write: its outputs, and variables among its inputs."""
        return [*self.outputs, *(each for each in self.inputs if each and each.variable)]


class ModelFacts(TypedDict):
    """The identity of a model."""

    name: str
    """Name of the file without the suffix."""
    sha256: str
    """SHA-256 of the file, in hexadecimal."""
    bytes: Count
    """Size of the file in bytes."""
    macs: Count
    """Multiply-accumulates of one inference."""


class Model:
    """A model, read from the bytes of a ``.tflite`` file.

    Parameters
    ----------
    data
        The file's content.
    name
        The model's name.

    Members
    -------
    operators, tensors, inputs, outputs
        Those of the first subgraph.
    subgraphs
        The number of subgraphs.
    description
        What the converter wrote.

    Raises
    ------
    InputError
        When `data` is not a complete ``.tflite`` file.
    """

    def __init__(self, data: bytes, name: str = "model") -> None:
        self.data = data
        self.name = name
        if not data:
            raise InputError("the model is an empty file")
        if data[4:8] != IDENTIFIER:
            raise InputError(
                f"the model is not a .tflite file: it must have {IDENTIFIER.decode()} at byte 4, "
                f"not {data[4:8].decode('latin-1')!r}"
            )
        try:
            self._read(File(data))
        except _NONSENSE as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            if isinstance(error, struct.error):
                reason = f"it leads behind its end at byte {len(data):,}"
            raise InputError(f"the model {name} is truncated or damaged ({reason})") from error

    @classmethod
    def read(cls, path: str | Path) -> Model:
        """Read the model from a file; its name is the file name without the suffix.

        Raises
        ------
        InputError
            When there is no such file, or it is too large or not a ``.tflite`` file.
        """
        path = Path(path)
        data = read_bytes(path, LARGEST_FILE, "the model")
        try:
            return cls(data, path.stem)
        except InputError as error:
            raise InputError(f"{path}: {error}") from error

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the file, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def facts(self) -> ModelFacts:
        """The model's identity, for JSON documents."""
        size = len(self.data)
        return {"name": self.name, "sha256": self.sha256, "bytes": size, "macs": self.macs}

    @property
    def stateful(self) -> bool:
        """Whether an inference depends on earlier ones."""
        return any(tensor.variable for tensor in self.tensors)

    @property
    def plans_arena(self) -> bool:
        """Whether the file seems to bring an arena plan of its own; the runtime looks closer."""
        return b"OfflineMemoryAllocation" in self.data

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return sum(operator.macs for operator in self.operators)

    def lifetimes(self) -> dict[int, range]:
        """Return the range of operators during which each tensor is in use, by tensor index.

        The range is from the operator that writes it to the last that reads it; inputs are in use
        from the first operator on, outputs until the last.
        """
        ends = {tensor.index: [0, 0] for tensor in self.inputs}
        for operator in self.operators:
            for tensor in (*operator.outputs, *operator.inputs):
                if tensor is not None:
                    ends.setdefault(tensor.index, [operator.index, 0])[1] = operator.index
        for tensor in self.outputs:
            ends.setdefault(tensor.index, [0, 0])[1] = len(self.operators) - 1
        return {index: range(first, last + 1) for index, (first, last) in ends.items()}

    @property
    def advice(self) -> str:
        """Advice to append to the runtime's reason for refusing the model; often empty."""
        if not self._open or all(operator.name not in _COMPUTED for operator in self.operators):
            return ""
        return (
            "; the model computes sizes that were not known when it was converted: convert it with "
            "a fixed batch size, in Keras Input(shape, batch_size=1)"
        )

    def _read(self, file: File) -> None:
        root = file.root()
        self.subgraphs = root.size(ModelField.GRAPHS)
        graph = root.table_at(ModelField.GRAPHS, 0)
        for field in (GraphField.TENSORS, GraphField.OPERATORS):
            if (count := graph.size(field)) > _MOST:
                raise InputError(
                    f"the model {self.name} has {count:,} {field.name.lower()}: at most {_MOST:,} "
                    "are read"
                )
        tables = list(graph.tables(GraphField.TENSORS))
        self._open = any(-1 in table.numbers(TensorField.SIGNATURE, "<i4") for table in tables)
        self.tensors = tuple(_tensor(root, table, index) for index, table in enumerate(tables))
        self._operands = 0
        self.inputs = self._present(graph, GraphField.INPUTS)
        self.outputs = self._present(graph, GraphField.OUTPUTS)
        options: dict[tuple[int, int], dict[str, Any]] = {}
        self.operators = tuple(
            self._operator(file, root, table, index, options)
            for index, table in enumerate(graph.tables(GraphField.OPERATORS))
        )

    def _named(self, table: Table, field: int) -> tuple[Tensor | None, ...]:
        """Return the tensors whose indices are in a list; None for -1."""
        indices = table.numbers(field, "<i4")
        self._operands += len(indices)
        if self._operands > _OPERANDS:
            raise InputError(
                f"the model {self.name} has operators with more than {_OPERANDS:,} inputs and "
                "outputs together, which is too many"
            )
        return tuple(None if index == -1 else self._tensor(index) for index in indices)

    def _present(self, table: Table, field: int) -> tuple[Tensor, ...]:
        tensors = self._named(table, field)
        if None in tensors:
            raise DamagedError("there is no tensor -1")
        return tuple(tensor for tensor in tensors if tensor is not None)

    def _tensor(self, index: int) -> Tensor:
        if not 0 <= index < len(self.tensors):
            raise DamagedError(f"there is no tensor {index} of {len(self.tensors):,}")
        return self.tensors[index]

    def _operator(
        self,
        file: File,
        root: Table,
        table: Table,
        index: int,
        options: dict[tuple[int, int], dict[str, Any]],
    ) -> Operator:
        code = root.table_at(ModelField.CODES, table.number(OperatorField.CODE, "I"))
        builtin = max(
            code.number(CodeField.BUILTIN, "i"), code.number(CodeField.DEPRECATED_BUILTIN, "b")
        )
        inputs = self._named(table, OperatorField.INPUTS)
        outputs = self._present(table, OperatorField.OUTPUTS)
        name = _BUILTIN_NAMES.get(builtin, f"BUILTIN_{builtin}")
        if builtin == schema.BuiltinOperator.CUSTOM:
            name = code.text(CodeField.CUSTOM) or name
        kind, given = (
            table.number(OperatorField.OPTIONS_TYPE, "B"),
            table.table(OperatorField.OPTIONS),
        )
        key = kind, given.position if given else 0
        if key not in options:
            options[key] = _options(file, *key)
        return Operator(
            index, builtin, name, options[key], inputs, outputs, _macs(name, inputs, outputs)
        )


def _options(file: File, kind: int, position: int) -> dict[str, Any]:
    """Return an operator's options; vectors are views of the file."""
    found = schema.BuiltinOptionsCreator(kind, flatbuffers.table.Table(file.data, position))
    values = dict(vars(found)) if position and found else {}
    file.count(sum(len(value) for value in values.values() if isinstance(value, bytes)))
    return values


def _tensor(root: Table, table: Table, index: int) -> Tensor:
    shape = table.numbers(TensorField.SHAPE, "<i4")
    if len(shape) > _RANK:
        raise DamagedError(f"tensor {index} has {len(shape):,} dimensions, more than {_RANK}")
    quantisation = table.table(TensorField.QUANTIZATION)
    buffer = root.table_at(ModelField.BUFFERS, table.number(TensorField.BUFFER, "I"))
    kind = table.number(TensorField.TYPE, "b")
    return Tensor(
        index,
        table.text(TensorField.NAME),
        shape,
        _TYPES.get(kind, f"type {kind}"),
        quantisation.numbers(QuantizationField.SCALES, "<f4") if quantisation else (),
        quantisation.numbers(QuantizationField.ZERO_POINTS, "<i8") if quantisation else (),
        buffer.bytes(BufferField.DATA) or None,
        table.number(TensorField.VARIABLE, "?") != 0,
    )


def _macs(name: str, inputs: tuple[Tensor | None, ...], outputs: tuple[Tensor, ...]) -> int:
    """Return the number of weights times the uses of each."""
    shapes = [() if tensor is None else tensor.shape for tensor in inputs]
    uses = {
        "CONV_2D": lambda: math.prod(outputs[0].shape[:3]),
        "DEPTHWISE_CONV_2D": lambda: math.prod(outputs[0].shape[:3]),
        "FULLY_CONNECTED": lambda: math.prod(outputs[0].shape) // shapes[1][0],
        "TRANSPOSE_CONV": lambda: math.prod(shapes[2][:3]),
        "SVDF": lambda: shapes[0][0],
        "UNIDIRECTIONAL_SEQUENCE_LSTM": lambda: math.prod(shapes[0][:2]),
    }
    weights = {"SVDF": (1, 2), "UNIDIRECTIONAL_SEQUENCE_LSTM": range(1, 9)}.get(name, (1,))
    if name not in uses:
        return 0
    if inputs[weights[0]] is None:
        raise ValueError(f"{name} has no filter")
    return uses[name]() * sum(math.prod(shapes[i]) for i in weights if inputs[i] is not None)
