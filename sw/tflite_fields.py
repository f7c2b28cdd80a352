"""The numbers of the ``.tflite`` fields that are read, as in schema_generated.h."""

from enum import IntEnum

__all__ = [
    "BufferField",
    "CodeField",
    "GraphField",
    "ModelField",
    "OperatorField",
    "QuantizationField",
    "TensorField",
]


class ModelField(IntEnum):
    """Fields of the root table."""

    CODES = 1
    GRAPHS = 2
    BUFFERS = 4
    METADATA = 6


class CodeField(IntEnum):
    """Fields of an operator code."""

    DEPRECATED_BUILTIN = 0
    CUSTOM = 1
    BUILTIN = 3


class GraphField(IntEnum):
    """Fields of a subgraph."""

    TENSORS = 0
    INPUTS = 1
    OUTPUTS = 2
    OPERATORS = 3


class TensorField(IntEnum):
    """Fields of a tensor."""

    SHAPE = 0
    TYPE = 1
    BUFFER = 2
    NAME = 3
    QUANTIZATION = 4
    VARIABLE = 5
    SIGNATURE = 7


class QuantizationField(IntEnum):
    """Fields of a tensor's quantisation."""

    SCALES = 2
    ZERO_POINTS = 3


class BufferField(IntEnum):
    """Fields of a buffer."""

    DATA = 0


class OperatorField(IntEnum):
    """Fields of an operator."""

    CODE = 0
    INPUTS = 1
    OUTPUTS = 2
    OPTIONS_TYPE = 3
    OPTIONS = 4
