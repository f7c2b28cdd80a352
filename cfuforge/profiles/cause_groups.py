"""Groups of related causes of cycles, for narrow tables and charts."""

from __future__ import annotations

from cfuforge.sim.account.counting import Cause

__all__ = ["GROUPS", "SHORT"]

GROUPS = {
    "loads and stores": (Cause.LOAD, Cause.STORE),
    "CFU instructions": (Cause.CFU,),
    "other instructions": (Cause.MULTIPLY, Cause.BRANCH, Cause.OTHER_INSTRUCTION),
    "waiting for memory": (
        Cause.INSTRUCTION_MISS,
        Cause.DATA_MISS,
        Cause.STORE_WAIT,
        Cause.LOAD_USE,
    ),
    "waiting for the CFU": (Cause.CFU_BUSY, Cause.CFU_HAZARD),
    "other waiting": (Cause.BRANCH_BUBBLE, Cause.MULTIPLY_WAIT, Cause.SHIFT_USE, Cause.OTHER),
}
SHORT = dict(
    zip(
        ("loads,\nstores", "\nCFU", "other\nwork", "memory\nwaits", "CFU\nwaits", "other\nwaits"),
        GROUPS.values(),
        strict=True,
    )
)
"""The same, with heads for narrow columns."""
