"""Make models of a single elementwise operator, of any number of inputs and of any type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from cfuforge.sw.one_operator import Quantisation, _Builder, _tensor
from cfuforge.sw.tflite_model import Model

__all__ = ["Operand", "elementwise"]

_OPTIONS = {
    "ADD": "AddOptions",
    "SUB": "SubOptions",
    "MUL": "MulOptions",
    "MINIMUM": "MaximumMinimumOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "ABS": "AbsOptions",
    "LEAKY_RELU": "LeakyReluOptions",
    "HARD_SWISH": "HardSwishOptions",
    "QUANTIZE": "QuantizeOptions",
    "DEQUANTIZE": "DequantizeOptions",
}  # RELU, RELU6, PRELU, LOGISTIC and TANH have none


@dataclass(frozen=True)
class Operand:
    """A tensor of the operator.

    Parameters
    ----------
    shape
        Of any rank.
    quantisation
        One scale and one zero point.
    data
        Of a constant, of `shape`; None for an input or output of the model.
    dtype
        ``"int8"``, ``"uint8"``, ``"int16"``, ``"int32"`` or ``"float32"``.
    """

    shape: tuple[int, ...]
    quantisation: Quantisation
    data: NDArray[Any] | None = None
    dtype: str = "int8"


def elementwise(name: str, inputs: Sequence[Operand], output: Operand, **options: Any) -> Model:
    """Make a model of the operator `name`; inputs without data are the model's, in their order.

    Parameters
    ----------
    options
        The schema's: fusedActivationFunction, alpha.
    """
    buffers, tensors = [schema.BufferT()], []
    for number, operand in enumerate([*inputs, output]):
        if operand.data is not None:
            buffers.append(schema.BufferT(data=np.frombuffer(operand.data.tobytes(), np.uint8)))
        buffer = 0 if operand.data is None else len(buffers) - 1
        label = f"input{number}" if number < len(inputs) else "output"
        type_ = getattr(schema.TensorType, operand.dtype.upper())
        tensors.append(_tensor(label, operand.shape, type_, operand.quantisation, buffer))
    operator = schema.OperatorT(
        opcodeIndex=0,
        inputs=np.arange(len(inputs), dtype=np.int32),
        outputs=np.array([len(inputs)], np.int32),
    )
    if name in _OPTIONS:
        operator.builtinOptionsType = getattr(schema.BuiltinOptions, _OPTIONS[name])
        operator.builtinOptions = getattr(schema, f"{_OPTIONS[name]}T")(**options)
    variable = [number for number, operand in enumerate(inputs) if operand.data is None]
    graph = schema.SubGraphT(
        tensors=tensors,
        inputs=np.array(variable, np.int32),
        outputs=np.array([len(inputs)], np.int32),
        operators=[operator],
    )
    builtin = getattr(schema.BuiltinOperator, name)
    code = schema.OperatorCodeT(
        deprecatedBuiltinCode=min(builtin, 127), builtinCode=builtin, version=2
    )
    model = schema.ModelT(version=3, operatorCodes=[code], subgraphs=[graph], buffers=buffers)
    builder = _Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return Model(bytes(builder.Output()), name.lower())
