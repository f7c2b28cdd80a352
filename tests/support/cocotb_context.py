"""Amaranth's testbenches in cocotb: the same ``ctx.set``, ``ctx.get`` and ``ctx.tick``."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import cocotb
from amaranth.hdl import Const, Shape, Value
from amaranth.lib import data
from amaranth.lib.wiring import In
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, ReadOnly, with_timeout

__all__ = ["Context", "pack", "rng_of", "simulate", "unpack"]

PERIOD = 10  # ns
PATIENCE = 200_000  # cycles


def rng_of(name: str) -> random.Random:
    """Return the source of a bench's random choices."""
    return random.Random(f"{json.loads(os.environ['CFUFORGE_BENCH'])['seed']} {name}")


def pack(shape: Any, value: Any) -> int:
    """Return the bits of a payload."""
    if isinstance(shape, data.Layout):
        return int(Value.cast(shape.const(value)).value)
    return int(Const(value, Shape.cast(shape)).value) & (1 << Shape.cast(shape).width) - 1


def unpack(shape: Any, bits: int) -> Any:
    """Return the value of a payload: its fields, or a number."""
    if isinstance(shape, data.Layout):
        return shape.from_bits(bits)
    number = Shape.cast(shape)
    return bits - (bits >> number.width - 1 << number.width) * number.signed


class Context:
    """The ports of a component as an Amaranth testbench sees them.

    Parameters
    ----------
    dut
        The module, which has the ports of `component` as its member `name`, and a clock of that
        name for it.
    component
        The component that it was made from, or one like it.
    name
        The member's name.
    """

    def __init__(self, dut: Any, component: Any, name: str) -> None:
        self.clock, self.reset = (getattr(dut, f"{name}_{wire}") for wire in ("clk", "rst"))
        self._ports: dict[int, tuple[Any, Any]] = {}
        self._fixed: dict[int, Any] = {}
        for path, member, port in component.signature.flatten(component):
            value = port if isinstance(port, Value) else port.as_value()
            if isinstance(value, Const):
                self._fixed[id(port)] = value.value
                continue
            handle = getattr(dut, "__".join(map(str, (name, *path))))
            self._ports[id(port)] = handle, port.shape()
            if member.flow == In:
                handle.value = 0

    def set(self, port: Any, value: Any) -> None:
        """Set an input, for the cycle that begins."""
        handle, shape = self._ports[id(port)]
        handle.value = pack(shape, value)

    def get(self, port: Any) -> Any:
        """Return the value of a port; an input's is the one before this cycle's."""
        if id(port) in self._fixed:
            return self._fixed[id(port)]
        handle, shape = self._ports[id(port)]
        return unpack(shape, int(handle.value))

    def tick(self) -> Tick:
        """Return the end of the cycle, to be awaited."""
        return Tick(self, self.clock, ())


class Tick:
    """The end of a cycle, with the values that ports have just before it."""

    def __init__(self, context: Context, clock: Any, ports: tuple[Any, ...]) -> None:
        self._context, self._clock, self._ports = context, clock, ports

    def sample(self, *ports: Any) -> Tick:
        """Also return the values of `ports`."""
        return Tick(self._context, self._clock, ports)

    def __await__(self) -> Generator[Any, Any, tuple[Any, ...]]:
        """Return the values."""
        return self._wait().__await__()

    async def _wait(self) -> tuple[Any, ...]:
        values: tuple[Any, ...] = ()
        if self._ports:
            await ReadOnly()
            values = tuple(map(self._context.get, self._ports))
        await FallingEdge(self._clock)  # inputs change in the middle of the clock's cycle
        return values


async def simulate(
    dut: Any, component: Any, name: str, *benches: Callable[[Context], Awaitable[None]]
) -> None:
    """Reset the module and run testbenches beside each other until all have ended.

    See `Context` for the parameters.
    """
    context = Context(dut, component, name)
    clock = Clock(context.clock, PERIOD, "ns")
    clock.start()
    context.reset.value = 1
    for _ in range(3):
        await FallingEdge(context.clock)
    context.reset.value = 0
    tasks = [cocotb.start_soon(bench(context)) for bench in benches]
    for task in tasks:
        await with_timeout(task, PATIENCE * PERIOD, "ns")
    clock.stop()
