"""Delay lines, for values that accompany a pipeline."""

from typing import Any

from amaranth.hdl import Module, ShapeLike, Signal, Value

__all__ = ["delay"]


def delay(m: Module, value: Any, shape: ShapeLike, cycles: int, name: str) -> list[Any]:
    """Return `value` delayed by 0, 1, ... `cycles` clock cycles, adding the registers to `m`."""
    stages = [value]
    for cycle in range(1, cycles + 1):
        stage: Any = Signal(shape, name=f"{name}_{cycle}")
        m.d.sync += Value.cast(stage).eq(Value.cast(stages[-1]))
        stages.append(stage)
    return stages
