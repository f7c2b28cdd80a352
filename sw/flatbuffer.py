"""Read a FlatBuffers file that nobody vouches for: work and memory are bounded by its size."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["DamagedError", "File", "Table"]

_OFFSET = struct.Struct("<I")
_BACK = struct.Struct("<i")
_SLOT = struct.Struct("<H")
_NUMBERS = 1 << 21  # that become Python's
_TEXT = 1000  # characters of a text; of a longer one the rest is left out


class DamagedError(ValueError):
    """A file that says what cannot be."""


class File:
    """A file's bytes, and how much of them may still be read.

    Offsets may lead to the same place again and again, and what lies there may overlap. What is
    read twice counts twice, and no more may be read than the file has.

    Parameters
    ----------
    data
        Its bytes.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._numbers = min(len(data), _NUMBERS)
        self._bytes = len(data)
        self._read: dict[tuple[int, str], Any] = {}

    def root(self) -> Table:
        """Return the table with which the file begins."""
        return Table(self, self.follow(0))

    def follow(self, place: int) -> int:
        """Return where the offset at `place` leads."""
        target: int = place + _OFFSET.unpack_from(self.data, place)[0]
        return target

    def size_at(self, place: int, width: int) -> int:
        """Return how many elements of `width` bytes the vector at `place` has."""
        size: int = _OFFSET.unpack_from(self.data, place)[0]
        if place + 4 + size * width > len(self.data):
            raise DamagedError(f"a list of {size:,} reaches beyond the file")
        return size

    def numbers_at(self, place: int, kind: str) -> tuple[Any, ...]:
        """Return the vector at `place`, whose elements have numpy's type `kind`."""
        size = self.size_at(place, np.dtype(kind).itemsize)
        self.count(size)
        if (place, kind) not in self._read:
            values = np.frombuffer(self.data, kind, size, place + 4)
            self._read[place, kind] = tuple(values.tolist())
        found: tuple[Any, ...] = self._read[place, kind]
        return found

    def bytes_at(self, place: int) -> bytes:
        """Return the vector of bytes at `place`."""
        if (place, "bytes") not in self._read:
            size = self.size_at(place, 1)
            self._bytes -= size
            if self._bytes < 0:
                raise DamagedError("its constants overlap")
            self._read[place, "bytes"] = self.data[place + 4 : place + 4 + size]
        found: bytes = self._read[place, "bytes"]
        return found

    def text_at(self, place: int) -> str:
        """Return the text at `place`, which is cut where it is long."""
        if (place, "text") not in self._read:
            size = self.size_at(place, 1)
            text = self.data[place + 4 : place + 4 + min(size, 4 * _TEXT)].decode(errors="replace")
            cut = len(text) > _TEXT or size > 4 * _TEXT
            self._read[place, "text"] = text[:_TEXT] + "…" if cut else text
        found: str = self._read[place, "text"]
        return found

    def count(self, numbers: int) -> None:
        """Count what was read; raise when it is more than the file can have."""
        self._numbers -= numbers
        if self._numbers < 0:
            raise DamagedError(f"its lists overlap, or have more than {_NUMBERS:,} numbers")


class Table:
    """A table of a file; fields have the schema's numbers.

    Parameters
    ----------
    file
        The file.
    place
        Where it is.

    Raises
    ------
    DamagedError, struct.error
        When it is outside the file; so do all methods.
    """

    __slots__ = ("_file", "_slots", "_vtable", "place")

    def __init__(self, file: File, place: int) -> None:
        self._file = file
        self.place = place
        self._vtable: int = place - _BACK.unpack_from(file.data, place)[0]
        if self._vtable < 0:
            raise DamagedError("a table is outside the file")
        self._slots: int = _SLOT.unpack_from(file.data, self._vtable)[0]

    def field(self, number: int) -> int:
        """Return where a field is; 0 where it is left out."""
        slot = 4 + 2 * number
        if slot + 2 > self._slots:
            return 0
        offset: int = _SLOT.unpack_from(self._file.data, self._vtable + slot)[0]
        return self.place + offset if offset else 0

    def target(self, number: int) -> int:
        """Return where the offset in a field leads; 0 where it is left out."""
        field = self.field(number)
        return self._file.follow(field) if field else 0

    def number(self, field: int, kind: str) -> int:
        """Return an integer of struct's type `kind`, 0 by default."""
        place = self.field(field)
        return int(struct.unpack_from(f"<{kind}", self._file.data, place)[0]) if place else 0

    def numbers(self, field: int, kind: str) -> tuple[Any, ...]:
        """Return a vector of numpy's type `kind`, empty by default."""
        place = self.target(field)
        return self._file.numbers_at(place, kind) if place else ()

    def bytes(self, field: int) -> bytes:
        """Return a vector of bytes, empty by default."""
        place = self.target(field)
        return self._file.bytes_at(place) if place else b""

    def text(self, field: int) -> str:
        """Return a text, empty by default; a long one is cut."""
        place = self.target(field)
        return self._file.text_at(place) if place else ""

    def table(self, field: int) -> Table | None:
        """Return a table, None by default."""
        place = self.target(field)
        return Table(self._file, place) if place else None

    def size(self, field: int) -> int:
        """Return how many tables a vector has."""
        place = self.target(field)
        return self._file.size_at(place, 4) if place else 0

    def table_at(self, field: int, index: int) -> Table:
        """Return a table of a vector.

        Raises
        ------
        IndexError
            When it has not as many.
        """
        if not 0 <= index < self.size(field):
            raise IndexError(f"there is no number {index:,} of {self.size(field):,}")
        return Table(self._file, self._file.follow(self.target(field) + 4 + 4 * index))

    def tables(self, field: int) -> Iterator[Table]:
        """Yield all tables of a vector."""
        for index in range(self.size(field)):
            yield self.table_at(field, index)
