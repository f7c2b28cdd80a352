"""Memory for native code, between stretches that nobody may touch."""

from __future__ import annotations

import ctypes
import mmap
import os
import weakref

import numpy as np
from numpy.typing import NDArray

__all__ = ["STRETCH", "GuardedMemory"]

STRETCH = 4 << 20
"""Bytes before and behind that no access may reach: what does is a fault."""

_ALIGNMENT = 16
_FAILED = ctypes.c_void_p(-1).value
_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
_libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
_libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]


class GuardedMemory:
    """Zeros at an address that is a multiple of 16; they take memory where they are touched.

    They end where the stretch behind them begins, but for up to 15 bytes.

    Parameters
    ----------
    size
        In bytes.
    data
        What is in it, from the beginning on.
    constant
        Whether a write is a fault as well.

    Members
    -------
    address
        Of the first byte.

    Raises
    ------
    MemoryError
        When there is not so much.
    """

    def __init__(self, size: int, data: bytes = b"", *, constant: bool = False) -> None:
        self.size = size
        pages = -(-max(size, 1) // mmap.PAGESIZE) * mmap.PAGESIZE
        whole = STRETCH + pages + STRETCH
        kind = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_NORESERVE", 0)
        start = _libc.mmap(None, whole, 0, kind, -1, 0)
        if start == _FAILED:
            raise MemoryError(os.strerror(ctypes.get_errno()))
        weakref.finalize(self, _libc.munmap, start, whole)
        inner = start + STRETCH
        self._protect(inner, pages, mmap.PROT_READ | mmap.PROT_WRITE)
        self.address: int = inner + (pages - size) // _ALIGNMENT * _ALIGNMENT
        ctypes.memmove(self.address, data, len(data))
        if constant:
            self._protect(inner, pages, mmap.PROT_READ)

    def _protect(self, start: int, size: int, how: int) -> None:
        if _libc.mprotect(start, size, how):
            raise MemoryError(os.strerror(ctypes.get_errno()))

    def view(self) -> NDArray[np.uint8]:
        """Return the bytes themselves; they go when this object does."""
        pointer = ctypes.cast(self.address, ctypes.POINTER(ctypes.c_uint8))
        return np.ctypeslib.as_array(pointer, (self.size,))
