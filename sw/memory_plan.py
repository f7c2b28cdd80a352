"""The arena plan: offsets and lifetimes of activations and scratch memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from cfuforge.base.document import Count
from cfuforge.sw.host_runtime import HostRuntime
from cfuforge.sw.tflite_model import Model

__all__ = ["Buffer", "memory_plan", "peak", "planned_bytes"]

_ALIGNMENT = 16


@dataclass(frozen=True)
class Buffer:
    """A part of the arena that is in use while some operators run.

    Parameters
    ----------
    name
        The tensor's name, or ``scratch`` for memory that a kernel asked for.
    scratch
        Whether it is a kernel's scratch memory.
    offset
        Distance from the arena's start in bytes.
    size
        In bytes.
    first, last
        The first and the last operator during which it is in use.
    """

    name: str
    scratch: bool
    offset: Count
    size: Count
    first: Count
    last: Count


def memory_plan(model: Model, runtime: HostRuntime) -> list[Buffer]:
    """Return the arena plan of a prepared model, which is the same on the SoC as on the host.

    Parameters
    ----------
    model
        The model.
    runtime
        Its runtime, prepared without ``preserve_all_tensors``.
    """
    buffers = []
    for index, life in model.lifetimes().items():
        tensor = model.tensors[index]
        offset = None if tensor.constant or tensor.variable else runtime.offset(tensor)
        if offset is not None:
            buffers.append(Buffer(tensor.name, False, offset, tensor.nbytes, life[0], life[-1]))
    for layer, size, offset in runtime.scratch():
        buffers.append(Buffer("scratch", True, offset, size, layer, layer))
    return sorted(buffers, key=lambda each: (each.first, each.offset))


def planned_bytes(buffers: Sequence[Buffer]) -> int:
    """Return the size of the planned part of the arena in bytes."""
    end = max((each.offset + each.size for each in buffers), default=0)
    return -(-end // _ALIGNMENT) * _ALIGNMENT


def peak(buffers: Sequence[Buffer]) -> tuple[int, int]:
    """Return the most bytes in use at the same time, and the first operator at which they are."""
    changes = [0] * (max((each.last for each in buffers), default=0) + 2)
    for each in buffers:
        changes[each.first] += each.size
        changes[each.last + 1] -= each.size
    used = list(accumulate(changes))
    return max(used), used.index(max(used))
