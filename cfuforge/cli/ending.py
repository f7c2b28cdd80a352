"""End the command line cleanly: after a signal, at any moment, nothing stays behind."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import Any

__all__ = ["end_well", "leave", "watch"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_codes: dict[int, int] = {}


def watch() -> None:
    """Exit with 128 plus the signal number on Ctrl-C, SIGTERM and SIGHUP, unless ignored."""
    for number in _SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _end)


def end_well(*numbers: int) -> None:
    """Make these signals exit with code 0 from now on."""
    _codes.update(dict.fromkeys(numbers, 0))


def leave(code: int) -> None:
    """End this process and its tools now, and remove unfinished work; no code runs afterwards.

    A module that was not imported has nothing to clean up, so none is imported here.
    """
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    for module, function in (
        ("cfuforge.base.tools", "end_all"),
        ("cfuforge.base.cache_users", "end"),
        ("cfuforge.cli.terminal", "restore"),
        ("cfuforge.cli.keys", "restore"),
    ):
        with suppress(Exception):
            _of(module, function)()
    os._exit(code)


def _of(module: str, function: str) -> Any:
    return getattr(sys.modules[module], function)


def _end(number: int, _: FrameType | None) -> None:
    leave(_codes.get(number, 128 + number))
