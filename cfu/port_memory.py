"""The memory that a CFU's own port reaches in tests of its hardware against its reference."""

from __future__ import annotations

import random

from cfuforge.base.errors import InputError

__all__ = ["PortMemory"]


class PortMemory:
    """`SIZE` random bytes, which follow each other again and again in the whole address space.

    So any address can be read and written. The references of a CFU with a memory port find it as
    ``state.memory``.

    Members
    -------
    data : bytearray
        The bytes from address 0 on.
    """

    SIZE = 1 << 16

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Return to the content after reset, which is always the same."""
        self.data = bytearray(random.Random("port memory").randbytes(self.SIZE))

    def read(self, address: int, size: int) -> bytes:
        """Return `size` bytes from `address` on."""
        self._check(size)
        start = address % self.SIZE
        first = self.data[start : start + size]
        return bytes(first + self.data[: size - len(first)])

    def write(self, address: int, data: bytes) -> None:
        """Write `data` to `address` and the addresses after it."""
        self._check(len(data))
        start = address % self.SIZE
        first = min(len(data), self.SIZE - start)
        self.data[start : start + first] = data[:first]
        self.data[: len(data) - first] = data[first:]

    def _check(self, size: int) -> None:
        if not 0 <= size <= self.SIZE:
            raise InputError(f"the size must be 0 to {self.SIZE:,} bytes, not {size:,}")
