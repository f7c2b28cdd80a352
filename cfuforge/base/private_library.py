"""Load a shared library so that no other instance shares its variables."""

from __future__ import annotations

import ctypes
import itertools
import os
from pathlib import Path

__all__ = ["load_private"]

_number = itertools.count(1)


def load_private(path: Path) -> ctypes.CDLL:
    """Load a copy of a library that is in memory alone; each call gives one with state of its own.

    Raises
    ------
    OSError
        When it cannot be loaded.
    """
    handle = os.memfd_create(path.name)
    try:
        with os.fdopen(handle, "wb", closefd=False) as copy:
            copy.write(path.read_bytes())
        return ctypes.CDLL(f"/proc/self/fd/{_unlike_any(next(_number))}{handle}")
    finally:
        os.close(handle)


def _unlike_any(number: int) -> str:
    """Return a way round to the same file, for the loader takes two of one name as one."""
    return "".join("./" if bit == "1" else "/" for bit in f"{number:b}")
