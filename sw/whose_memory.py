"""Say in words whose memory a kernel has wrongly touched."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cfuforge.base.shown import shown
from cfuforge.sw.tflite_model import Model, Operator, Tensor

__all__ = ["MAY_WRITE", "kept_by", "whose"]

MAY_WRITE = "a kernel may write its outputs, its scratch memory, its own variables and the stack"

_NAME = 40  # characters of a tensor's name
_BEHIND, _BEFORE = 1 << 20, 1 << 10  # bytes around a tensor at which it is likely the one meant


def kept_by(address: int, model: Model, kept: Mapping[int, range]) -> list[str]:
    """Say which operator's kernel keeps what is at a forbidden address.

    Parameters
    ----------
    kept
        What each kernel keeps from the model's preparation on, by operator, in the units of
        `address`.
    """
    return [
        f"byte {address - memory.start:,} of what the kernel of operator {index} "
        f"{model.operators[index].name} keeps and must not change"
        for index, memory in kept.items()
        if address in memory
    ]


def whose(
    address: int,
    model: Model,
    operator: Operator,
    range_of: Callable[[Tensor], range],
    read: bool = False,
) -> list[str]:
    """Say which tensor is at a forbidden address, and which of the operator's own is near it.

    Parameters
    ----------
    address
        In the units of `range_of`.
    model, operator
        The model, and the operator that made the access.
    range_of
        Returns the range of a tensor; an empty one if it has no memory.
    read
        Whether the access was a read rather than a write.
    """
    found, lifetimes = [], model.lifetimes()
    for tensor in model.tensors:
        lasts = tensor.constant is not None or tensor.variable
        in_use = lasts or operator.index in lifetimes.get(tensor.index, ())
        if in_use and address in (there := range_of(tensor)):  # otherwise its memory may be reused
            kind = "input" if tensor.constant is None else "constant"
            role = f"its {kind}, " if tensor in operator.inputs else ""
            name = f"tensor {tensor.index} {shown(tensor.name, _NAME)!r}"
            found.append(f"byte {address - there.start:,} of {role}{name}")
    near: list[tuple[int, str]] = []
    for own in operator.inputs if read else operator.outputs:
        if not (there := range_of(own) if own else range(0)):
            continue
        what = "input" if read else "output"
        behind, before = address - there.stop, there.start - address
        if 0 <= behind < _BEHIND:
            near.append((behind, f"byte {behind:,} behind its {what}"))
        if 0 < before <= _BEFORE:
            near.append((before, f"byte {before:,} before its {what}"))
    return [*found, *(text for _, text in sorted(near)[:1])]
