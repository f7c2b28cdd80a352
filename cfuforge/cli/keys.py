"""The standard input, for a program on a board, simulated or real."""

from __future__ import annotations

import os
import select
import termios
from types import TracebackType
from typing import Any

from cfuforge.sw.application import END_OF_INPUT

__all__ = ["Keys", "restore"]

_STDIN = 0
_MOST = 4096
_changed: list[Any] = []  # the terminal's attributes before it was changed


def restore() -> None:
    """Make the terminal what it was, also in the middle of a command that ends."""
    while _changed:
        termios.tcsetattr(_STDIN, termios.TCSADRAIN, _changed.pop())


class Keys:
    """The standard input; a terminal passes on each key at once, until the context is left.

    Members
    -------
    typed : bool
        Whether it is a terminal.
    ended : bool
        Whether there is nothing more to come.
    """

    def __init__(self) -> None:
        self.typed = os.isatty(_STDIN)
        self.ended = False

    def __enter__(self) -> Keys:
        if self.typed:
            _changed.append(termios.tcgetattr(_STDIN))
            changed = termios.tcgetattr(_STDIN)
            changed[3] &= ~termios.ICANON  # the local flags
            termios.tcsetattr(_STDIN, termios.TCSADRAIN, changed)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        restore()

    def read(self, seconds: float | None = 0) -> bytes:
        """Return what there is within `seconds`, None for any time; at the end, `END_OF_INPUT`."""
        if self.ended or not select.select([_STDIN], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(_STDIN, _MOST)
        except OSError:  # there is no standard input
            data = b""
        self.ended = not data
        return data or END_OF_INPUT

    def for_simulation(self, wait: bool) -> bytes:
        """Return what a simulated program may read now: of a file or pipe, all, at its first call.

        So a program's cycles do not depend on when its input comes.
        """
        if self.typed:
            return self.read(None if wait else 0)
        data = b""
        while not self.ended:
            data += self.read(None)
        return data
