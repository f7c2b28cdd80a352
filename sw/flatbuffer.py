"""Read an untrusted FlatBuffers file; work and memory are bounded by its size."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["DamagedError", "File", "Table"]

_OFFSET = struct.Struct("<I")
_BACK = struct.Struct("<i")
_SLOT = struct.Struct("<H")
_NUMBERS = 1 << 21  # converted to Python integers at most
_TEXT = 1000  # characters; a longer text is truncated


class DamagedError(ValueError):
    """A file that contradicts itself."""


class File:
    """A file's bytes, with a budget of how much may still be read.

    In a hostile file many offsets may lead to the same place, and vectors may overlap. Whatever is
    read twice counts twice, and no more may be read than the file has.

    Parameters
    ----------
    data
        The file's bytes.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._numbers = min(len(data), _NUMBERS)
        self._bytes = len(data)
        self._read: dict[tuple[int, str], Any] = {}

    def root(self) -> Table:
        """Return the root table."""
        return Table(self, self.follow(0))

    def follow(self, place: int) -> int:
        """Return the position that the offset at `place` refers to."""
        target: int = place + _OFFSET.unpack_from(self.data, place)[0]
        return target

    def size_at(self, place: int, width: int) -> int:
        """Return the length of the vector at `place`, whose elements have `width` bytes."""
        size: int = _OFFSET.unpack_from(self.data, place)[0]
        if place + 4 + size * width > len(self.data):
            raise DamagedError(f"a list of {size:,} reaches beyond the file")
        return size

    def numbers_at(self, place: int, kind: str) -> tuple[Any, ...]:
        """Return the vector at `place`, whose elements have the numpy type `kind`."""
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
        """Return the string at `place`, truncated if it is long."""
        if (place, "text") not in self._read:
            size = self.size_at(place, 1)
            text = self.data[place + 4 : place + 4 + min(size, 4 * _TEXT)].decode(errors="replace")
            cut = len(text) > _TEXT or size > 4 * _TEXT
            self._read[place, "text"] = text[:_TEXT] + "…" if cut else text
        found: str = self._read[place, "text"]
        return found

    def count(self, numbers: int) -> None:
        """Count numbers that were read; raise if there are more than the file can have."""
        self._numbers -= numbers
        if self._numbers < 0:
            raise DamagedError(f"its lists overlap, or have more than {_NUMBERS:,} numbers")


class Table:
    """A table of a file; fields are identified by their number in the schema.

    Parameters
    ----------
    file
        The file.
    place
        The table's position.

    Raises
    ------
    DamagedError, struct.error
        When the table is outside the file; all methods raise them too.
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
        """Return the position of a field; 0 if it is absent."""
        slot = 4 + 2 * number
        if slot + 2 > self._slots:
            return 0
        offset: int = _SLOT.unpack_from(self._file.data, self._vtable + slot)[0]
        return self.place + offset if offset else 0

    def target(self, number: int) -> int:
        """Return the position that the offset in a field refers to; 0 if it is absent."""
        field = self.field(number)
        return self._file.follow(field) if field else 0

    def number(self, field: int, kind: str) -> int:
        """Return an integer of the `struct` type `kind`; 0 if absent."""
        place = self.field(field)
        return int(struct.unpack_from(f"<{kind}", self._file.data, place)[0]) if place else 0

    def numbers(self, field: int, kind: str) -> tuple[Any, ...]:
        """Return a vector of the numpy type `kind`; empty if absent."""
        place = self.target(field)
        return self._file.numbers_at(place, kind) if place else ()

    def bytes(self, field: int) -> bytes:
        """Return a vector of bytes; empty if absent."""
        place = self.target(field)
        return self._file.bytes_at(place) if place else b""

    def text(self, field: int) -> str:
        """Return a string, truncated if it is long; empty if absent."""
        place = self.target(field)
        return self._file.text_at(place) if place else ""

    def table(self, field: int) -> Table | None:
        """Return a table; None if absent."""
        place = self.target(field)
        return Table(self._file, place) if place else None

    def size(self, field: int) -> int:
        """Return the length of a vector of tables."""
        place = self.target(field)
        return self._file.size_at(place, 4) if place else 0

    def table_at(self, field: int, index: int) -> Table:
        """Return one table of a vector.

        Raises
        ------
        IndexError
            When the vector is shorter.
        """
        if not 0 <= index < self.size(field):
            raise IndexError(f"there is no number {index:,} of {self.size(field):,}")
        return Table(self._file, self._file.follow(self.target(field) + 4 + 4 * index))

    def tables(self, field: int) -> Iterator[Table]:
        """Yield every table of a vector."""
        for index in range(self.size(field)):
            yield self.table_at(field, index)
