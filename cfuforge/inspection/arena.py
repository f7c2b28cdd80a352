"""`Arena`: what the tensor arena holds."""

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
        Bytes that the activations alone take as they are planned.
    peak, peak_operator
        The most bytes that are in use at one time, scratch included, and at which operator.
    scratch
        Bytes that the kernels' scratch memory adds to the plan.
    largest_scratch
        The most bytes that an operator asked for.
    tables
        Bytes of the runtime's table of tensors and operators.
    prepared
        Bytes of what operators keep, such as multipliers, and of the rest.
    total
        Bytes of everything, as the firmware reports it; None when it could not be simulated.
    lack
        Why it could not; else empty.
    """

    design: str
    activations: int
    peak: int
    peak_operator: int
    scratch: int
    largest_scratch: int
    tables: int
    prepared: int | None
    total: int | None
    lack: str = ""
