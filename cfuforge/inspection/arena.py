"""`Arena`: the contents of the tensor arena."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Arena"]


@dataclass(frozen=True)
class Arena:
    """The contents of the tensor arena on RV32, in bytes.

    Parameters
    ----------
    design
        The design whose kernels run.
    activations
        Bytes of the plan with activations alone.
    peak, peak_operator
        The most bytes in use at one time, scratch included, and the operator with that peak.
    scratch
        Bytes that scratch memory of the kernels adds to the plan.
    largest_scratch
        The most scratch bytes that an operator asked for.
    persistent
        Bytes that kernels keep from the model's preparation on.
    largest_persistent
        The most that an operator's kernel keeps.
    tables
        Bytes of the runtime's table of tensors and operators.
    prepared
        Bytes of data that operators keep, such as multipliers, and of the rest.
    total
        Total bytes, as reported by the firmware; None if it could not be simulated.
    lack
        Why it could not; otherwise empty.
    """

    design: str
    activations: int
    peak: int
    peak_operator: int
    scratch: int
    largest_scratch: int
    persistent: int
    largest_persistent: int
    tables: int
    prepared: int | None
    total: int | None
    lack: str = ""
