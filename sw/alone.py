"""One operator of a model as a model of its own, and why the runtime refuses it."""

from __future__ import annotations

import flatbuffers
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from cfuforge.cfu.errors import InputError
from cfuforge.sw.host_runtime import HostRuntime
from cfuforge.sw.tflite_model import IDENTIFIER, Model, Operator

__all__ = ["operator_alone", "refusal"]


def operator_alone(model: Model, operator: Operator) -> bytes:
    """Return a ``.tflite`` file with this operator only, whose inputs are the file's."""
    parsed = schema.ModelT.InitFromPackedBuf(model.data)
    parsed.subgraphs = parsed.subgraphs[:1]
    parsed.metadata = parsed.signatureDefs = None
    graph = parsed.subgraphs[0]
    graph.operators = [graph.operators[operator.index]]
    free = [tensor for tensor in operator.inputs if tensor and tensor.constant is None]
    graph.inputs = list(dict.fromkeys(each.index for each in free if not each.variable))
    graph.outputs = [tensor.index for tensor in operator.outputs]
    builder = flatbuffers.Builder(len(model.data))
    builder.Finish(parsed.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())


def refusal(model: Model, operator: Operator, arena_size: int) -> str:
    """Return why the runtime refuses an operator, or nothing when it takes it."""
    try:
        HostRuntime(operator_alone(model, operator), arena_size=arena_size)
    except InputError as error:
        return str(error).replace(" (operator 0)", "", 1)
    return ""
