"""The shortest program that still fails, by leaving out commands and bits of operands."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from cfuforge.cfu.commands import Command

__all__ = ["shrink"]

Fails = Callable[[Sequence[Command]], bool]
SECONDS = 10.0


def shrink(program: Sequence[Command], fails: Fails, seconds: float = SECONDS) -> list[Command]:
    """Return a program that fails, from which nothing can be left out, or none smaller in time.

    Parameters
    ----------
    program
        One that fails, with its last command.
    fails
        Whether a program does.
    seconds
        How long to look.
    """
    left = time.monotonic() + seconds

    def tried(candidate: list[Command]) -> bool:
        return time.monotonic() < left and fails(candidate)

    smallest = _suffix(list(program), tried)
    while True:
        candidates = (*_without(smallest), *_simpler(smallest))
        better = next((each for each in candidates if tried(each)), None)
        if better is None:
            return smallest
        smallest = better


def _suffix(program: list[Command], fails: Callable[[list[Command]], bool]) -> list[Command]:
    """Return the end of the program, as short as it fails in doublings."""
    length = 1
    while length < len(program):
        if fails(program[-length:]):
            return program[-length:]
        length *= 2
    return program


def _without(program: list[Command]) -> Iterator[list[Command]]:
    """Return programs without some commands in a row, first without many; the last one stays."""
    size = len(program) // 2
    while size:
        for first in range(0, len(program) - 1, size):
            yield program[:first] + program[min(first + size, len(program) - 1) :]
        size //= 2


def _simpler(program: list[Command]) -> Iterator[list[Command]]:
    """Return programs in which an operand of a command is 0, or has fewer bits."""
    for index, command in enumerate(program):
        for name in ("rs1", "rs2"):
            word = getattr(command, name)
            masks = (0, *(~(0xFF << place) for place in range(0, 32, 8)))
            singles = (~(1 << place) for place in range(31, -1, -1))
            for mask in (*masks, *singles):
                if word & mask != word:
                    simpler = command._replace(**{name: word & mask})
                    yield [*program[:index], simpler, *program[index + 1 :]]
