"""Make a model of a single operator, and ask the runtime why it refuses it."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cfuforge.base.errors import InputError
from cfuforge.sw.explained import in_words
from cfuforge.sw.flatbuffer import File, Table
from cfuforge.sw.host_runtime import HostRuntime, build_host_runtime
from cfuforge.sw.model_firmware import operator_names
from cfuforge.sw.tflite_fields import GraphField, ModelField
from cfuforge.sw.tflite_model import Model, Operator

__all__ = ["operator_alone", "refusals"]

_BYTES = 1 << 30  # bytes of all the one-operator models together
_MOST = 300  # operators to look at


def operator_alone(model: Model, operator: Operator) -> bytes:
    """Return a ``.tflite`` file with this operator only; the model's inputs are the operator's.

    The file is a copy with changed lists: the list of operators has this one alone, and new lists
    of inputs and outputs are appended, because FlatBuffers offsets only point forward.
    """
    file = File(model.data)
    root = file.root()
    graph = root.table_at(ModelField.GRAPHS, 0)
    data = bytearray(model.data)
    for table, field, size in (
        (root, ModelField.GRAPHS, 1),
        (root, ModelField.METADATA, 0),
        (graph, GraphField.OPERATORS, 1),
    ):
        if position := table.target(field):
            struct.pack_into("<I", data, position, min(size, table.size(field)))
    first = graph.target(GraphField.OPERATORS) + 4
    chosen = graph.table_at(GraphField.OPERATORS, operator.index).position
    struct.pack_into("<I", data, first, chosen - first)
    free = [tensor for tensor in operator.inputs if tensor and tensor.constant is None]
    inputs = list(dict.fromkeys(each.index for each in free if not each.variable))
    _append(data, graph, GraphField.INPUTS, inputs)
    _append(data, graph, GraphField.OUTPUTS, [tensor.index for tensor in operator.outputs])
    own = [tensor.index for tensor in (*operator.inputs, *operator.outputs) if tensor]
    if own:
        _stand_in(data, graph, own)
    return bytes(data)


def refusals(model: Model, arena_size: int) -> dict[int, str]:
    """Return the reason for each operator that the runtime refuses on its own, by index.

    In a model with very many operators, the later ones are not tried; their reason says so.
    """
    most = min(_MOST, _BYTES // len(model.data) + 1)
    built, known = build_host_runtime(), operator_names()

    def reason(operator: Operator) -> str:
        if operator.name not in known:
            return f"{operator.name} is not supported"
        return _refusal(operator_alone(model, operator), arena_size, built)

    reasons = {each.index: reason(each) for each in model.operators[:most]}
    for operator in model.operators[most:]:
        reasons[operator.index] = f"not looked at: only the first {most:,} operators are"
    return {index: reason for index, reason in reasons.items() if reason}


def _refusal(data: bytes, arena_size: int, built: Path) -> str:
    try:
        HostRuntime(data, arena_size=arena_size, built=built)
    except InputError as error:
        return in_words(str(error).replace(" (operator 0)", "", 1))
    return ""


def _stand_in(data: bytearray, graph: Table, own: Sequence[int]) -> None:
    """Replace all tensors that the operator does not use by its first one.

    The runtime then checks none of them. A tensor stays where an offset would point backward.
    """
    position = graph.target(GraphField.TENSORS) + 4
    slots = position + 4 * np.arange(graph.size(GraphField.TENSORS))
    offsets = np.frombuffer(data, "<u4", len(slots), position).astype(np.int64)
    to_first = slots[own[0]] + offsets[own[0]] - slots
    others = to_first > 0
    others[list(own)] = False
    offsets[others] = to_first[others]
    data[position : position + 4 * len(slots)] = offsets.astype("<u4").tobytes()


def _append(data: bytearray, table: Table, field: int, numbers: Sequence[int]) -> None:
    """Append a list of numbers and let the field refer to it."""
    data += bytes(-len(data) % 4)
    if position := table.field(field):
        struct.pack_into("<I", data, position, len(data) - position)
    data += struct.pack(f"<{1 + len(numbers)}i", len(numbers), *numbers)
