"""Check that the runtime accepts a model before anything is built for it."""

from __future__ import annotations

from cfuforge.base.errors import InputError
from cfuforge.sw.explained import explained, quantising
from cfuforge.sw.host_runtime import HostRuntime
from cfuforge.sw.tflite_model import Model

__all__ = ["ARENA", "accept", "refusal"]

ARENA = 1 << 28
"""Size in bytes of the arena in which a model is prepared; untouched pages take no memory."""

_LARGEST = 1 << 30  # bytes of all tensors together: `check` keeps them all


def accept(model: Model) -> None:
    """Raise unless the runtime accepts the model.

    Raises
    ------
    InputError
        When the runtime refuses the model.
    EnvironmentLacksError
        When there is no compiler for the runtime.
    """
    if reason := refusal(model):
        error = InputError(f"{model.name}: {reason}")
        error.lines = quantising(reason)
        raise error


def refusal(model: Model) -> str:
    """Return the reason why the runtime refuses the model; empty if it accepts it.

    Raises
    ------
    EnvironmentLacksError
        When there is no compiler for the runtime.
    """
    for what in ("inputs", "outputs", "operators"):
        if not getattr(model, what):
            return f"the model has no {what}: there is nothing to run"
    try:
        HostRuntime(model, arena_size=ARENA)
        total = sum(tensor.nbytes for tensor in model.tensors)
    except InputError as error:
        return f"{explained(model, str(error))}{model.advice}"
    if total > _LARGEST:
        return f"its tensors have {total:,} bytes together; at most {_LARGEST:,} are taken"
    return ""
