"""List the commands that kernels give their CFU, without a CFU."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from cfuforge.cfu.commands import Command
from cfuforge.sw.host_runtime import HostRuntime
from cfuforge.sw.kernels import KernelSet
from cfuforge.sw.tflite_model import Model

__all__ = ["CommandTrace", "trace_commands"]

_OP = ctypes.CFUNCTYPE(ctypes.c_uint32, *[ctypes.c_uint32] * 3)


@dataclass(frozen=True)
class CommandTrace:
    """The commands of an inference, and what their addresses reach.

    Parameters
    ----------
    commands
        Of each operator.
    kernels
        The kernel of each operator.
    prepared
        Whether the runtime computes it without its kernel.
    address, arena
        The tensor arena: where it is, and its bytes.
    """

    commands: tuple[tuple[Command, ...], ...]
    kernels: tuple[str, ...]
    prepared: tuple[bool, ...]
    address: int
    arena: bytes

    def read(self, address: int, size: int) -> bytes:
        """Return so many bytes of the arena, fewer at its end, and none of anything else."""
        at = address - self.address
        return self.arena[at : at + size] if at >= 0 else b""


def trace_commands(model: Model, kernels: KernelSet, arena_size: int) -> CommandTrace:
    """Run an inference of zeros in which a CFU with a memory port answers 0 and does nothing."""
    given: list[Command] = []

    def answer(function_id: int, rs1: int, rs2: int) -> int:
        given.append(Command(function_id, rs1, rs2))
        return 0

    entry = _OP(answer)
    runtime = HostRuntime(
        model,
        arena_size=arena_size,
        kernels=kernels,
        cfu_op=ctypes.cast(entry, ctypes.c_void_p).value,
        low=True,
    )
    runtime.fit()
    ends = [0]
    inputs = [np.zeros(tensor.shape, tensor.dtype) for tensor in model.inputs]
    runtime(*inputs, ended=lambda _: ends.append(len(given)))
    return CommandTrace(
        tuple(tuple(given[begin:end]) for begin, end in pairwise(ends)),
        tuple(layer.ran for layer in runtime.layers),
        tuple(runtime.prepared),
        runtime.arena_address,
        runtime.arena.tobytes(),
    )
