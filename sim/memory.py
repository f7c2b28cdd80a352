"""The bytes of a simulated memory, whose banks may be interleaved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

__all__ = ["BankedMemory"]


class BankedMemory:
    """A memory, as the CPU addresses it.

    Parameters
    ----------
    name
        The name of its region.
    base, size
        Its first address and its size in bytes.
    stripe
        Number of consecutive bytes in a bank before the next bank follows.
    banks
        A ctypes pointer to the first byte of each bank.
    """

    def __init__(self, name: str, base: int, size: int, stripe: int, banks: Sequence[Any]) -> None:
        self.name, self.base, self.size = name, base, size
        self._stripe = stripe
        each = size // len(banks)
        self._banks = [np.ctypeslib.as_array(bank, (each,)) for bank in banks]

    def read(self, address: int, size: int) -> bytes:
        """Return `size` bytes from `address` on, all inside the memory."""
        parts = self._parts(address, size)
        return b"".join(self._banks[bank][part].tobytes() for bank, part in parts)

    def write(self, address: int, data: bytes) -> None:
        """Write `data` to `address`, all inside the memory."""
        source, done = np.frombuffer(data, np.uint8), 0
        for bank, part in self._parts(address, len(data)):
            count = part.stop - part.start
            self._banks[bank][part] = source[done : done + count]
            done += count

    def _parts(self, address: int, size: int) -> Iterator[tuple[int, slice]]:
        """Yield the bank of each piece of some consecutive bytes, and the piece's place in it."""
        offset, end = address - self.base, address - self.base + size
        while offset < end:
            stripe, within = divmod(offset, self._stripe)
            count = min(end - offset, self._stripe - within)
            row, bank = divmod(stripe, len(self._banks))
            begin = row * self._stripe + within
            yield bank, slice(begin, begin + count)
            offset += count
