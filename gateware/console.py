"""The console of a program that runs on a board."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from cfuforge.base.errors import RunError
from cfuforge.gateware.wire import Wire

__all__ = ["Console", "Stopped"]

_BREAK = b"\x03"
_RESTARTED = b"m-timestamp-mode-performance\r\n"  # the device's first line
_END = re.compile(rb"(?:returned (-?\d+)|trapped (\d+) ([0-9a-f]{8}) ([0-9a-f]{8})|(stopped))\r\n")
_LONGEST = 60  # bytes that the end takes


@dataclass(frozen=True)
class Stopped:
    """The end of a program.

    Parameters
    ----------
    returned
        What its main returned; None if it trapped, or was stopped by `Console.stop`.
    trap
        mcause, mepc and mtval, if it trapped.
    """

    returned: int | None = None
    trap: tuple[int, int, int] | None = None


class Console:
    """A program on a board: what it reads and writes, until it ends.

    Parameters
    ----------
    wire
        The line to a device that has the program in memory; it is started.
    token
        A number of 32 bits, by which the end of the program's output is told from its output.

    Raises
    ------
    RunError
        From here and from all methods: as in `Wire`.
    """

    def __init__(self, wire: Wire, token: int) -> None:
        self._wire = wire
        self._kept = b""  # the end may begin here
        self._mark = f"m-program-{token:08x}-".encode()
        wire.begin(f"start {token:08x}", f"m-program-{token:08x}-started")

    def type(self, keys: bytes) -> None:
        """Send what the program reads."""
        if keys:
            self._wire.write(keys)

    def stop(self) -> None:
        """Have the program end when it next reads or writes."""
        self._wire.write(_BREAK)

    def read(self, write: Callable[[bytes], None]) -> Stopped | None:
        """Pass on what the program has written, and return its end once it is there.

        Raises
        ------
        RunError
            When the board has been reset.
        """
        self._kept += self._wire.read()
        said, mark, rest = self._kept.partition(self._mark)
        if mark:
            write(said)
            self._kept = mark + rest
            return self._end(rest) if b"\n" in rest or len(rest) > _LONGEST else None
        if _RESTARTED in self._kept:
            write(self._kept.partition(_RESTARTED)[0])
            raise RunError(f"{self._wire.port}: the board has been reset while the program ran")
        kept = max(_unfinished(said, each) for each in (self._mark, _RESTARTED))
        write(said[: len(said) - kept])
        self._kept = said[len(said) - kept :]
        return None

    def _end(self, rest: bytes) -> Stopped:
        match = _END.match(rest)
        if not match:
            raise RunError(
                f"{self._wire.port}: the program ended with {rest[:_LONGEST]!r}: does the board "
                "run another version of the device firmware?"
            )
        if match[2]:
            return Stopped(trap=(int(match[2]), int(match[3], 16), int(match[4], 16)))
        return Stopped(None if match[5] else int(match[1]))


def _unfinished(text: bytes, mark: bytes) -> int:
    """Return how many bytes at the end of `text` are the beginning of `mark`."""
    return next((n for n in range(len(mark) - 1, 0, -1) if text.endswith(mark[:n])), 0)
