"""Load a shared library with variables of its own."""

from __future__ import annotations

import ctypes
import itertools
import os
from pathlib import Path

__all__ = ["load_private"]

_number = itertools.count(1)


def load_private(path: Path) -> ctypes.CDLL:
    """Load an in-memory copy of a library, so that each call returns one with separate state.

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
    """Return a detour path to the same file, because the loader identifies equal paths."""
    return "".join("./" if bit == "1" else "/" for bit in f"{number:b}")
