"""An object to put into another process."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from typing import Any

from cfuforge.base.errors import InputError


class Thing:
    """An object whose methods return, raise, or end the process."""

    def __init__(self, value: Any) -> None:
        if not isinstance(value, int):
            raise InputError(f"the value must be a number, not {value!r}")
        self._value = value

    def add(self, more: int) -> int:
        self._value += more
        return self._value

    def same(self, value: Any) -> Any:
        return value

    def refuse(self, value: int) -> None:
        raise InputError(f"no such thing as {value}")

    def unsendable(self) -> object:
        return lambda: self

    def fail(self) -> None:
        raise KeyError("gone")

    def say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def crash(self) -> None:
        self.say("about to crash")
        ctypes.string_at(1)

    def abort(self) -> None:
        os.abort()

    def leave(self) -> None:
        os._exit(3)

    def sleep(self) -> None:
        time.sleep(100)

    def spin(self) -> None:
        """Block in native code while holding Python's GIL."""
        ctypes.PyDLL(None).sleep(100)
