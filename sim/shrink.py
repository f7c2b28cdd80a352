"""Shrink a program that fails, by leaving out commands and bits of operands."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from cfuforge.cfu.commands import Command

__all__ = ["shrink"]

Fails = Callable[[Sequence[Command]], bool]
SECONDS = 10.0


def shrink(program: Sequence[Command], fails: Fails, seconds: float = SECONDS) -> list[Command]:
    """Return a program that fails and cannot be made smaller, or the smallest found in time.

    Parameters
    ----------
    program
        A program that fails at its last command.
    fails
        Returns whether a program fails.
    seconds
        How long to search.
    """
    left = time.monotonic() + seconds

    def still_fails(candidate: list[Command]) -> bool:
        return time.monotonic() < left and fails(candidate)

    smallest = _suffix(list(program), still_fails)
    while True:
        candidates = (*_without(smallest), *_simpler(smallest))
        better = next((each for each in candidates if still_fails(each)), None)
        if better is None:
            return smallest
        smallest = better


def _suffix(program: list[Command], fails: Callable[[list[Command]], bool]) -> list[Command]:
    """Return the shortest end of the program that fails, of 1, 2, 4, ... commands."""
    length = 1
    while length < len(program):
        if fails(program[-length:]):
            return program[-length:]
        length *= 2
    return program


def _without(program: list[Command]) -> Iterator[list[Command]]:
    """Yield programs without a run of commands, long runs first; the last command stays."""
    size = len(program) // 2
    while size:
        for first in range(0, len(program) - 1, size):
            yield program[:first] + program[min(first + size, len(program) - 1) :]
        size //= 2


def _simpler(program: list[Command]) -> Iterator[list[Command]]:
    """Yield programs in which one operand is 0 or has fewer bits set."""
    for index, command in enumerate(program):
        for name in ("rs1", "rs2"):
            word = getattr(command, name)
            masks = (0, *(~(0xFF << bit) for bit in range(0, 32, 8)))
            singles = (~(1 << bit) for bit in range(31, -1, -1))
            for mask in (*masks, *singles):
                if word & mask != word:
                    simpler = command._replace(**{name: word & mask})
                    yield [*program[:index], simpler, *program[index + 1 :]]
