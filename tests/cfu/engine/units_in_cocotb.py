"""What the cocotb benches of the engine's units share."""

from __future__ import annotations

from functools import cache
from typing import Any

from engine_units import make_units

from support.cocotb_context import simulate


@cache
def units() -> dict[str, Any]:
    """Return the units again, for the names and shapes of their ports."""
    return dict(make_units())


async def run(dut: Any, unit: Any, *benches: Any) -> None:
    """Run testbenches on one of `units`."""
    (name,) = (name for name, each in units().items() if each is unit)
    await simulate(dut, unit, name, *benches)
