"""Make the names and order in LiteX's Verilog depend only on the sources."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from migen.fhdl import tracer
from migen.fhdl.structure import DUID

from cfuforge.cfu.naming import assigned_name

__all__ = ["own_names"]

INLINED = ("<listcomp>", "<setcomp>", "<dictcomp>")  # without frames of their own since Python 3.12


@contextmanager
def own_names() -> Iterator[None]:
    """Have migen name the signals made in this block from the sources, and number them from 0.

    Without this, migen names signals from the bytecode, which differs between versions of Python,
    and from the functions that call the SoC's generator. Signals are hashed by number, so that the
    order of a set of them, which decides which of two equal names gets a suffix, would depend on
    what was made before.
    """
    base = sys._getframe(2)  # above contextlib's
    kept = tracer.get_var_name, tracer.trace_back
    DUID._DUID__next_uid = 0
    tracer.get_var_name, tracer.trace_back = assigned_name, _Backtraces(base)
    try:
        yield
    finally:
        tracer.get_var_name, tracer.trace_back = kept


class _Backtraces:
    """Trace where a signal is made, in place of migen's ``trace_back``.

    Parameters
    ----------
    base
        The frame at which a trace ends.
    """

    def __init__(self, base: FrameType) -> None:
        self._base = base
        self._used: Counter[str] = Counter()
        self._objects: dict[str, list[Any]] = {}  # by class

    def __call__(self, name: str | None = None) -> list[tuple[str, int]]:
        """Return the steps to a signal, from the outside: names of objects, functions, variables.

        Each step has a number that distinguishes it from others of the same name.
        """
        steps = []
        frame: FrameType | None = sys._getframe(2)  # above Signal's constructor
        while frame and frame is not self._base:
            if frame.f_code.co_name not in INLINED:
                name = name or assigned_name(frame)
                maker = frame.f_locals.get("self")
                if name:
                    steps.append(self._next(name))
                if maker is not None:
                    steps.append(self._object(maker))
                elif name:
                    steps.append(self._next(frame.f_code.co_name))
                name = None
            frame = frame.f_back
        return steps[::-1]

    def _next(self, name: str) -> tuple[str, int]:
        name = _without_underscore(name)
        self._used[name] += 1
        return name, self._used[name] - 1

    def _object(self, maker: Any) -> tuple[str, int]:
        kind = type(maker).__name__.lower()
        known = self._objects.setdefault(kind, [])
        number = next((n for n, each in enumerate(known) if each is maker), len(known))
        if number == len(known):
            known.append(maker)
        return _without_underscore(kind), number


def _without_underscore(name: str) -> str:
    return name[1:] if len(name) > 2 and name[0] == "_" != name[1] else name
