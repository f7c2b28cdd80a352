"""Small ``.tflite`` files whose offsets lead to the same places again and again."""

from __future__ import annotations

from collections.abc import Sequence

import flatbuffers
import numpy as np
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

__all__ = ["hostile_models", "shared_tables"]

SCALES = 20_000


def shared_tables(
    *,
    tensors: int = 2,
    operators: int = 1,
    subgraphs: int = 1,
    codes: int = 1,
    shape: Sequence[int] = (1, 8),
    scales: int = 1,
    operands: int = 1,
    name: str = "x",
    code: int = schema.BuiltinOperator.RELU,
    kind: int = schema.TensorType.INT8,
    data: int = 0,
) -> bytes:
    """Return a file with so many entries of each list, which are the same table or two.

    Parameters
    ----------
    tensors, operators, subgraphs, codes
        Entries of these lists.
    shape, scales, name, kind
        Of every tensor.
    operands
        How often every operator has its input.
    code
        Of the operators.
    data
        Bytes of all tensors' buffer but the first two's.
    """
    builder = flatbuffers.Builder(1024)

    def table(name: str, **fields: int) -> int:
        getattr(schema, f"{name}Start")(builder)
        for field, value in fields.items():
            getattr(schema, f"{name}Add{field}")(builder, value)
        return int(getattr(schema, f"{name}End")(builder))

    def tables(offsets: Sequence[int]) -> int:
        builder.StartVector(4, len(offsets), 16)
        for offset in reversed(offsets):
            builder.PrependUOffsetTRelative(offset)
        return int(builder.EndVector())

    def numbers(values: Sequence[float], kind: type) -> int:
        return int(builder.CreateNumpyVector(np.array(values, kind)))

    empty = table("Buffer")
    filled = table("Buffer", Data=numbers([0] * data, np.uint8)) if data else empty
    quantisation = table(
        "QuantizationParameters",
        Scale=numbers([0.5] * scales, np.float32),
        ZeroPoint=numbers([0] * scales, np.int64),
    )
    common = {
        "Shape": numbers(shape, np.int32),
        "Name": builder.CreateString(name),
        "Quantization": quantisation,
        "Type": kind,
    }
    free = table("Tensor", **common)
    constant = table("Tensor", **common, Buffer=1)
    operator = table(
        "Operator", Inputs=numbers([0] * operands, np.int32), Outputs=numbers([1], np.int32)
    )
    graph = table(
        "SubGraph",
        Tensors=tables([free, free] + [constant] * (tensors - 2)),
        Inputs=numbers([0], np.int32),
        Outputs=numbers([1], np.int32),
        Operators=tables([operator] * operators),
    )
    operator_code = table(
        "OperatorCode", DeprecatedBuiltinCode=min(code, 127), BuiltinCode=code, Version=1
    )
    root = table(
        "Model",
        Version=3,
        OperatorCodes=tables([operator_code] * codes),
        Subgraphs=tables([graph] * subgraphs),
        Buffers=tables([empty, filled]),
    )
    builder.Finish(root, b"TFL3")
    return bytes(builder.Output())


def overlapping_lists() -> bytes:
    """Return a file whose tensors' shapes are lists that overlap: each begins a word later."""
    data = bytearray(shared_tables(tensors=2, shape=[3] * SCALES))
    length = data.index(SCALES.to_bytes(4, "little"))
    words = np.frombuffer(data, "<u4", SCALES, length + 4)
    words[: SCALES // 2] = 30  # a list's length, or what is in it
    return bytes(data)


def hostile_models() -> dict[str, bytes]:
    """Return files that cost a reader much, by what they have much of."""
    largest = 2**31 - 1
    return {
        "tensors": shared_tables(tensors=20_000),
        "operators": shared_tables(operators=100_000),
        "subgraphs": shared_tables(subgraphs=10_000, tensors=10_000),
        "scales": shared_tables(tensors=16_000, scales=SCALES),
        "operands": shared_tables(operators=16_000, operands=20_000),
        "dimensions": shared_tables(shape=[largest] * 100_000),
        "elements": shared_tables(shape=[largest] * 4),
        "bytes": shared_tables(shape=[1, largest]),
        "eight gigabytes": shared_tables(shape=[1 << 16, 1 << 17]),
        "names": shared_tables(tensors=10_000, name="n" * 10_000_000),
        "codes": shared_tables(codes=20_000, operators=16_000),
        "constants": shared_tables(tensors=16_000, data=1_000_000, shape=[1, 1_000_000]),
        "shapes that overlap": overlapping_lists(),
    }
