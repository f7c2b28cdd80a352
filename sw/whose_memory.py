"""What a kernel may write in the tensor arena, and whose it is that it must not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cfuforge.cfu.errors import RunError
from cfuforge.cfu.shown import shown
from cfuforge.sw.host_runtime import HostRuntime
from cfuforge.sw.tflite_model import Model, Operator, Tensor

__all__ = ["MAY_WRITE", "ArenaWatch", "own_tensors", "whose"]

MAY_WRITE = "a kernel may write its outputs, its scratch memory, its own variables and the stack"

_NEAR = 1 << 20  # bytes behind an output that may be meant for it


def own_tensors(operator: Operator) -> list[Tensor]:
    """Return the tensors that an operator may write: its outputs, and variables that it reads."""
    variables = [tensor for tensor in operator.inputs if tensor and tensor.variable]
    return [*operator.outputs, *variables]


def whose(
    address: int, model: Model, operator: Operator, place: Callable[[Tensor], range]
) -> list[str]:
    """Say of an address that `operator` must not write what is there, and what is before it.

    Parameters
    ----------
    address
        As `place` has it.
    model, operator
        Who wrote there.
    place
        Returns where a tensor is; nothing for one that is nowhere.
    """
    found = []
    for tensor in model.tensors:
        if address in (there := place(tensor)):
            name = f"{tensor.index} {shown(tensor.name)!r}"
            found.append(f"byte {address - there.start:,} of tensor {name}")
    for output in operator.outputs:
        behind = address - place(output).stop
        if 0 <= behind < _NEAR:
            found.append(f"byte {behind:,} behind its output")
    return found


class ArenaWatch:
    """Finds writes to the arena of a `HostRuntime` that are not the operator's.

    Parameters
    ----------
    runtime
        Prepared, in an arena that fits.
    """

    def __init__(self, runtime: HostRuntime) -> None:
        self._model = runtime.model
        self._arena = runtime.arena
        self._before = self._arena.copy()
        self._places = {
            tensor.index: range(at, at + tensor.nbytes)
            for tensor in self._model.tensors
            if (at := runtime.place(tensor)) is not None
        }
        self._lasting = slice(runtime.lasting, None)
        self._kept = [each for each in self._places.values() if each.start >= runtime.lasting]
        self._own = [
            [self._place(tensor) for tensor in own_tensors(operator)]
            for operator in self._model.operators
        ]
        for operator, size, at in runtime.scratch():
            self._own[operator].append(range(at, at + size))

    def begin(self) -> None:
        """Take the arena as it is; the inputs are there."""
        self._before[:] = self._arena

    def check(self, index: int) -> None:
        """Raise unless operator `index`, which has just run, has written what is its own.

        Raises
        ------
        RunError
            Naming the first byte that is not.
        """
        changed = self._arena != self._before
        kept = [changed[each.start : each.stop].copy() for each in self._kept]
        changed[self._lasting] = False  # the runtime's own, but for tensors there
        for each, values in zip(self._kept, kept, strict=True):
            changed[each.start : each.stop] = values
        for each in self._own[index]:
            changed[each.start : each.stop] = False
        if not changed.any():
            self._before[:] = self._arena
            return
        address = int(np.flatnonzero(changed)[0])
        operator = self._model.operators[index]
        found = whose(address, self._model, operator, self._place)
        what = ", ".join([f"byte {address:,} of the arena", *found])
        raise RunError(f"operator {index} {operator.name} wrote {what}; {MAY_WRITE}")

    def _place(self, tensor: Tensor) -> range:
        return self._places.get(tensor.index, range(0))
