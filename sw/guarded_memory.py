"""Memory for native code between guard regions."""

from __future__ import annotations

import ctypes
import mmap
import os
import weakref

import numpy as np
from numpy.typing import NDArray

__all__ = ["STRETCH", "GuardedMemory"]

STRETCH = 4 << 20
"""Size in bytes of the guard regions before and behind; any access to them is a fault."""

_ALIGNMENT = 16
_MAP_32BIT = 0x40  # of Linux on x86-64
_FAILED = ctypes.c_void_p(-1).value
_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
_libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
_libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]


class GuardedMemory:
    """Zeroed, 16-byte aligned memory between guard regions, allocated page by page when touched.

    At most 15 bytes lie between its end and the guard region behind it.

    Parameters
    ----------
    size
        In bytes.
    data
        The initial content, from the beginning; zeros follow.
    constant
        Whether a write is a fault too.
    low
        Have all of it below 2 GB, so that its addresses fit into 32 bits; needs Linux on x86-64.

    Members
    -------
    address
        The address of the first byte.

    Raises
    ------
    MemoryError
        When there is not enough memory.
    """

    def __init__(
        self, size: int, data: bytes = b"", *, constant: bool = False, low: bool = False
    ) -> None:
        self.size = size
        pages = -(-max(size, 1) // mmap.PAGESIZE) * mmap.PAGESIZE
        whole = STRETCH + pages + STRETCH
        kind = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_NORESERVE", 0)
        kind |= _MAP_32BIT if low else 0
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
        """Return the bytes without a copy; they are unmapped with this object."""
        pointer = ctypes.cast(self.address, ctypes.POINTER(ctypes.c_uint8))
        return np.ctypeslib.as_array(pointer, (self.size,))
