"""What a kernel may touch in the tensor arena, and whose it is that it must not."""

from __future__ import annotations

from collections.abc import Callable

from cfuforge.cfu.shown import shown
from cfuforge.sw.tflite_model import Model, Operator, Tensor

__all__ = ["MAY_WRITE", "whose"]

MAY_WRITE = "a kernel may write its outputs, its scratch memory, its own variables and the stack"

_NEAR = 1 << 20  # bytes from a tensor that may be meant for it


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
    found = []
    for tensor in model.tensors:
        if address in (there := place(tensor)):
            name = f"{tensor.index} {shown(tensor.name)!r}"
            found.append(f"byte {address - there.start:,} of tensor {name}")
    near: list[tuple[int, str]] = []
    for own in operator.inputs if read else operator.outputs:
        if not (there := place(own) if own else range(0)):
            continue
        what = "input" if read else "output"
        near.append((address - there.stop, f"byte {address - there.stop:,} behind its {what}"))
        near.append((there.start - address, f"byte {there.start - address:,} before its {what}"))
    near = [each for each in near if 0 <= each[0] < _NEAR]
    return [*found, *(text for _, text in sorted(near)[:1])]
