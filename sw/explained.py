"""Explain in a user's words why a model is refused; the runtime sees one operator at a time."""

from __future__ import annotations

import re

from cfuforge.sw.schema import schema
from cfuforge.sw.tflite_model import Model, Operator

__all__ = ["explained", "in_words", "quantising"]

_QUANTISE = (
    "converter.optimizations = [tf.lite.Optimize.DEFAULT]",
    "converter.representative_dataset = lambda: ([sample] for sample in samples)",
    "converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]",
    "converter.inference_input_type = converter.inference_output_type = tf.int8",
)
_FLOAT_MODEL = "this is a float model"
_FLOATS = ("float16", "bfloat16", "float32", "float64")
_CALLERS = ("IF", "WHILE", "CALL", "CALL_ONCE")
_DAMAGED = "the model is damaged"
_HERE = "; cfuforge model inspect says how many"
_ACTIVATIONS = {
    number: name for name, number in vars(schema.ActivationFunctionType).items() if name.isupper()
}
_ACTIVATION = re.compile(r"(activation function )(?:must be \d+, (\w+), not )?(\d+)\b")
_TYPE = re.compile(r"(\w+) with (\d+) dimensions is not supported")


def explained(model: Model, reason: str) -> str:
    """Return an explanation why the model is refused, from the runtime's `reason`."""
    if model.subgraphs != 1 and not reason.startswith(_DAMAGED):
        return _subgraphs(model)
    if not _TYPE.search(reason) and (floats := _float(model, reason)):
        return floats
    return in_words(reason)


def in_words(reason: str) -> str:
    """Return the runtime's reason with names in place of the schema's numbers."""
    reason = _ACTIVATION.sub(_with_name, reason.replace(_HERE, ""))
    return _TYPE.sub(_with_type, reason)


def quantising(reason: str) -> tuple[str, ...]:
    """Return the converter code that makes an int8 model, if `reason` says it is a float one.

    In it, ``converter`` is a ``tf.lite.TFLiteConverter``, and ``samples`` are real inputs.
    """
    return _QUANTISE if _FLOAT_MODEL in reason else ()


def _float(model: Model, reason: str) -> str:
    """Return what is float in the model, if that is why it is refused; else an empty string.

    A model in which only some operators compute with floats may be refused for another reason.
    """
    computing = [each for each in model.operators if each.name not in ("QUANTIZE", "DEQUANTIZE")]
    floats = [each for each in computing if _kind(each)]
    whole = len(floats) == len(computing) == len(model.operators)
    floats = [each for each in floats if each.name != "NEG"]  # its kernel takes floats
    if not floats or not (whole or re.search(r"FLOAT\d", reason)):
        return ""
    first, kind = floats[0], _kind(floats[0]).upper()
    if not whole:
        what = (
            f" in part: {len(floats)} of {len(model.operators)} operators compute with {kind}, "
            f"first {first.name} (operator {first.index})"
        )
    elif any(_has_int8_weights(each) for each in floats):
        what = f" with int8 weights (dynamic range): its operators compute with {kind}"
    else:
        what = f": its operators compute with {kind}"
    return (
        f"{_FLOAT_MODEL}{what}, and the kernels with int8; quantise it when it is "
        "converted, with a representative data set"
    )


def _kind(operator: Operator) -> str:
    """Return the float type that an operator computes with, or an empty string."""
    first = [tensor for tensor in (*operator.inputs[:1], *operator.outputs[:1]) if tensor]
    return next((each.dtype for each in first if each.dtype in _FLOATS), "")


def _has_int8_weights(operator: Operator) -> bool:
    return any(each and each.constant and each.dtype == "int8" for each in operator.inputs)


def _subgraphs(model: Model) -> str:
    text = f"the model has {model.subgraphs} subgraphs, and only one can run"
    callers = [each for each in model.operators if each.name in _CALLERS]
    if callers:
        return (
            f"{text}: {callers[0].name} (operator {callers[0].index}) calls another; convert it "
            "without control flow and resource variables"
        )
    return f"{text}: convert it with one signature"


def _with_name(found: re.Match[str]) -> str:
    name = _ACTIVATIONS.get(int(found[3]), f"number {found[3]}")
    return f"{found[1]}must be {found[2]}, not {name}" if found[2] else f"{found[1]}{name}"


def _with_type(found: re.Match[str]) -> str:
    if found[1].lower() in ("int4", "int2"):
        return f"values of type {found[1]} are not supported: quantise weights to int8"
    if int(found[2]) > 8:
        return f"{found[2]} dimensions are not supported, at most 8 are"
    return f"values of type {found[1]} are not supported"
