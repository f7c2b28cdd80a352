"""Read a ``.tflite`` file: what the model is made of, and what it costs."""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from cfuforge.cfu.errors import InputError

__all__ = ["Model", "Operator", "Tensor"]

IDENTIFIER = b"TFL3"
_BUILTIN_NAMES = {
    value: name for name, value in vars(schema.BuiltinOperator).items() if name.isupper()
}
_TYPES = {
    schema.TensorType.FLOAT32: "float32",
    schema.TensorType.INT8: "int8",
    schema.TensorType.UINT8: "uint8",
    schema.TensorType.INT16: "int16",
    schema.TensorType.INT32: "int32",
    schema.TensorType.INT64: "int64",
    schema.TensorType.BOOL: "bool",
}
# What a converter adds where it does not know a size.
_COMPUTED = ("SHAPE", "SPACE_TO_BATCH_ND")
# What the schema's reader raises where the file says something that cannot be.
_NONSENSE = (struct.error, ValueError, TypeError, IndexError, AttributeError, ArithmeticError)


@dataclass(frozen=True)
class Tensor:
    """A tensor of a model.

    Parameters
    ----------
    index
        Its number in the subgraph.
    name
        As the converter called it.
    shape
        NHWC where it has four dimensions.
    dtype
        A numpy name (``"int8"``), or ``"type N"`` for one that numpy does not have.
    scales, zero_points
        Quantisation, float32 and integer: empty for none, one value, or one for each channel.
    constant
        The data of a constant, else None.
    variable
        Whether it keeps its values from one inference to the next.
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
        """The bytes that its elements take."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize

    @property
    def scale(self) -> float | None:
        """The scale of all values, or None where there is none or more than one."""
        return self.scales[0] if len(self.scales) == 1 else None

    @property
    def zero_point(self) -> int | None:
        """The zero point of all values, or None where there is none or more than one."""
        return self.zero_points[0] if len(self.zero_points) == 1 else None

    def data(self) -> NDArray[Any]:
        """Return a constant's values, shaped.

        Raises
        ------
        ValueError
            When the tensor is no constant, or its data do not fill its shape.
        """
        if self.constant is None:
            raise ValueError(f"tensor {self.index} ({self.name}) is no constant")
        return np.frombuffer(self.constant, self.dtype).reshape(self.shape)


@dataclass(frozen=True)
class Operator:
    """An operator of a model, in the order of execution.

    Parameters
    ----------
    index
        0 for the first.
    builtin
        The number of its ``BuiltinOperator``.
    name
        Its name there, ``"CONV_2D"``, or that of a custom operator.
    options
        Its options by the schema's names, for example ``strideW``.
    inputs
        With None for an input that is left out.
    outputs
        Its results.
    macs
        Multiply-accumulates of weights, with those that padding would leave out; 0 for an operator
        without weights.
    """

    index: int
    builtin: int
    name: str
    options: dict[str, Any]
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor, ...]
    macs: int


class Model:
    """A model, from the bytes of a ``.tflite`` file.

    Parameters
    ----------
    data
        The file's content.
    name
        What to call it.

    Members
    -------
    operators, tensors, inputs, outputs
        Of the first subgraph.
    description
        What the converter wrote.

    Raises
    ------
    InputError
        When `data` are not those of a whole ``.tflite`` file.
    """

    def __init__(self, data: bytes, name: str = "model") -> None:
        self.data = data
        self.name = name
        parsed = _parse(data, name)
        try:
            graph = parsed.subgraphs[0]
            self._open = any(-1 in _indices(tensor.shapeSignature) for tensor in graph.tensors)
            self.tensors = tuple(
                _tensor(parsed, tensor, index) for index, tensor in enumerate(graph.tensors)
            )
            self.inputs = tuple(self.tensors[index] for index in graph.inputs)
            self.outputs = tuple(self.tensors[index] for index in graph.outputs)
            self.operators = tuple(
                self._operator(parsed, operator, index)
                for index, operator in enumerate(graph.operators)
            )
        except _NONSENSE as error:
            raise _broken(name, error) from error

    @classmethod
    def read(cls, path: str | Path) -> Model:
        """Read the model from a file; its name is the file's without the suffix.

        Raises
        ------
        InputError
            When there is no such file, or it is no ``.tflite``.
        """
        path = Path(path)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise InputError(f"the model {path} cannot be read: {error.strerror}") from error
        try:
            return cls(data, path.stem)
        except InputError as error:
            raise InputError(f"{path}: {error}") from error

    @cached_property
    def sha256(self) -> str:
        """The file's hash, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def stateful(self) -> bool:
        """Whether an inference depends on the ones before it."""
        return any(tensor.variable for tensor in self.tensors)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return sum(operator.macs for operator in self.operators)

    @property
    def advice(self) -> str:
        """What to do when the runtime refuses the model, to follow its reason; often nothing."""
        if not self._open or all(operator.name not in _COMPUTED for operator in self.operators):
            return ""
        return (
            "; the model computes sizes that were not known when it was converted: convert it with "
            "a fixed batch size, in Keras Input(shape, batch_size=1)"
        )

    def _operator(self, parsed: Any, operator: Any, index: int) -> Operator:
        code = parsed.operatorCodes[operator.opcodeIndex]
        builtin = max(code.builtinCode, code.deprecatedBuiltinCode)
        inputs = _indices(operator.inputs)
        outputs = tuple(self.tensors[i] for i in _indices(operator.outputs))
        tensors = tuple(None if i == -1 else self.tensors[i] for i in inputs)
        name = _BUILTIN_NAMES.get(builtin, f"BUILTIN_{builtin}")
        if builtin == schema.BuiltinOperator.CUSTOM and code.customCode:
            name = code.customCode.decode(errors="replace")
        options = dict(vars(operator.builtinOptions)) if operator.builtinOptions else {}
        return Operator(
            index, builtin, name, options, tensors, outputs, _macs(name, tensors, outputs)
        )


def _parse(data: bytes, name: str) -> Any:
    if not data:
        raise InputError("the model is an empty file")
    if data[4:8] != IDENTIFIER:
        raise InputError(
            f"the model is no .tflite file: bytes 4 to 8 must be {IDENTIFIER!r}, not {data[4:8]!r}"
        )
    try:
        return schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(data, 0))
    except _NONSENSE as error:
        raise _broken(name, error) from error


def _broken(name: str, error: Exception) -> InputError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return InputError(f"the model {name} is truncated or damaged ({reason})")


def _indices(values: Sequence[int] | None) -> list[int]:
    return [] if values is None else [int(value) for value in values]


def _tensor(parsed: Any, tensor: Any, index: int) -> Tensor:
    quantization = tensor.quantization
    scales = zero_points = None
    if quantization is not None:
        scales, zero_points = quantization.scale, quantization.zeroPoint
    data = parsed.buffers[tensor.buffer].data
    return Tensor(
        index,
        tensor.name.decode(errors="replace") if tensor.name else "",
        tuple(_indices(tensor.shape)),
        _TYPES.get(tensor.type, f"type {tensor.type}"),
        () if scales is None else tuple(float(scale) for scale in scales),
        tuple(_indices(zero_points)),
        None if data is None or len(data) == 0 else bytes(bytearray(data)),
        bool(tensor.isVariable),
    )


def _macs(name: str, inputs: tuple[Tensor | None, ...], outputs: tuple[Tensor, ...]) -> int:
    """Return how often each weight is used, times the weights."""
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
