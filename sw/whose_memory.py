"""The owners of memory that a kernel must not touch, in words."""

from __future__ import annotations

from collections.abc import Callable

from cfuforge.base.shown import shown
from cfuforge.sw.tflite_model import Model, Operator, Tensor

__all__ = ["MAY_WRITE", "whose"]

MAY_WRITE = "a kernel may write its outputs, its scratch memory, its own variables and the stack"

_NAME = 40  # characters of a tensor's
_BEHIND, _BEFORE = 1 << 20, 1 << 10  # bytes from a tensor that may be meant for it


def whose(
    address: int,
    model: Model,
    operator: Operator,
    place: Callable[[Tensor], range],
    read: bool = False,
) -> list[str]:
    """Say of an address that `operator` must not touch what is there, and what is before it.

    Parameters
    ----------
    address
        As `place` has it.
    model, operator
        Who did.
    place
        Returns where a tensor is; nothing for one that is nowhere.
    read
        Whether it has read there; else it has written.
    """
    found, lifetimes = [], model.lifetimes()
    for tensor in model.tensors:
        lasts = tensor.constant is not None or tensor.variable
        in_use = lasts or operator.index in lifetimes.get(tensor.index, ())
        if in_use and address in (there := place(tensor)):  # else its memory may be another's
            kind = "input" if tensor.constant is None else "constant"
            role = f"its {kind}, " if tensor in operator.inputs else ""
            name = f"tensor {tensor.index} {shown(tensor.name, _NAME)!r}"
            found.append(f"byte {address - there.start:,} of {role}{name}")
    near: list[tuple[int, str]] = []
    for own in operator.inputs if read else operator.outputs:
        if not (there := place(own) if own else range(0)):
            continue
        what = "input" if read else "output"
        behind, before = address - there.stop, there.start - address
        if 0 <= behind < _BEHIND:
            near.append((behind, f"byte {behind:,} behind its {what}"))
        if 0 < before <= _BEFORE:
            near.append((before, f"byte {before:,} before its {what}"))
    return [*found, *(text for _, text in sorted(near)[:1])]
