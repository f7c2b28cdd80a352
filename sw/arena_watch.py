"""Watch what the kernels do with the tensor arena on this machine."""

from __future__ import annotations

import numpy as np

from cfuforge.base.errors import RunError
from cfuforge.sw.host_runtime import HostRuntime
from cfuforge.sw.sanitizer import Fence
from cfuforge.sw.tflite_model import Tensor
from cfuforge.sw.whose_memory import MAY_WRITE, kept_by, whose

__all__ = ["ArenaWatch"]


class ArenaWatch:
    """A watch for writes outside an operator's own part of a `HostRuntime`'s arena.

    Parameters
    ----------
    runtime
        A prepared runtime whose arena has exactly the size needed.
    sanitize
        Also let AddressSanitizer find bad reads and writes, of the arena and the model's constants,
        as they happen.
    """

    def __init__(self, runtime: HostRuntime, sanitize: bool = False) -> None:
        self._model = runtime.model
        self._arena = runtime.arena
        self._before = self._arena.copy()
        self._ranges = {
            tensor.index: range(at, at + tensor.nbytes)
            for tensor in self._model.tensors
            if (at := runtime.offset(tensor)) is not None
        }
        self._lasting = slice(runtime.lasting, None)
        self._keeps = {index: range(at, at + size) for index, size, at in runtime.persistent()}
        self._kept = [each for each in self._ranges.values() if each.start >= runtime.lasting]
        self._kept += self._keeps.values()
        self._own = [
            [self._range_of(tensor) for tensor in operator.written]
            for operator in self._model.operators
        ]
        for operator, size, at in runtime.scratch():
            self._own[operator].append(range(at, at + size))
        self._fence = _OperatorFence(runtime) if sanitize else None

    def begin(self) -> None:
        """Remember the arena's content; call it once the inputs are in place."""
        self._before[:] = self._arena
        if self._fence:
            self._fence.fence_off(0)

    def end(self) -> None:
        """Stop watching."""
        if self._fence:
            self._fence.open()

    def check(self, index: int) -> None:
        """Raise unless operator `index`, which has just run, wrote only to memory of its own.

        Raises
        ------
        RunError
            Naming the first byte outside it.
        """
        if self._fence:
            self._fence.open()
        changed = self._arena != self._before
        kept = [changed[each.start : each.stop].copy() for each in self._kept]
        # The runtime's own data, except for tensors there and what kernels keep.
        changed[self._lasting] = False
        for each, values in zip(self._kept, kept, strict=True):
            changed[each.start : each.stop] = values
        for each in self._own[index]:
            changed[each.start : each.stop] = False
        if not changed.any():
            self._before[:] = self._arena
            if self._fence:
                self._fence.fence_off(index + 1)
            return
        address = int(np.flatnonzero(changed)[0])
        operator = self._model.operators[index]
        found = kept_by(address, self._model, self._keeps)
        found = found or whose(address, self._model, operator, self._range_of)
        what = ", ".join([f"byte {address:,} of the arena", *found])
        raise RunError(f"operator {index} {operator.name} wrote {what}; {MAY_WRITE}")

    def _range_of(self, tensor: Tensor) -> range:
        return self._ranges.get(tensor.index, range(0))


class _OperatorFence(Fence):
    """A fence around all planned memory but an operator's inputs, outputs and scratch memory.

    It also covers the weights of the other operators.
    """

    def __init__(self, runtime: HostRuntime) -> None:
        model, start = runtime.model, runtime.arena_address
        weights = [runtime.addresses(each) for each in model.tensors if each.constant is not None]
        super().__init__([*weights, range(start, start + runtime.lasting)])
        self._own = [
            [runtime.addresses(each) for each in (*operator.inputs, *operator.outputs) if each]
            for operator in model.operators
        ]
        for operator, size, at in runtime.scratch():
            self._own[operator].append(range(start + at, start + at + size))

    def fence_off(self, index: int) -> None:
        """Fence off what operator `index` must not touch; nothing after the last operator."""
        if index < len(self._own):
            self.leave(self._own[index])
        else:
            self.open()
