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

    In a hostile file many offsets may lead to the same position, and vectors may overlap. Whatever
    is read twice counts twice, and no more may be read than the file has.

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

    def follow(self, position: int) -> int:
        """Return the position that the offset at `position` refers to."""
        target: int = position + _OFFSET.unpack_from(self.data, position)[0]
        return target

    def size_at(self, position: int, width: int) -> int:
        """Return the length of the vector at `position`, whose elements have `width` bytes."""
        size: int = _OFFSET.unpack_from(self.data, position)[0]
        if position + 4 + size * width > len(self.data):
            raise DamagedError(f"a list of {size:,} reaches beyond the file")
        return size

    def numbers_at(self, position: int, kind: str) -> tuple[Any, ...]:
        """Return the vector at `position`, whose elements have the numpy type `kind`."""
        size = self.size_at(position, np.dtype(kind).itemsize)
        self.count(size)
        if (position, kind) not in self._read:
            values = np.frombuffer(self.data, kind, size, position + 4)
            self._read[position, kind] = tuple(values.tolist())
        found: tuple[Any, ...] = self._read[position, kind]
        return found

    def bytes_at(self, position: int) -> bytes:
        """Return the vector of bytes at `position`."""
        if (position, "bytes") not in self._read:
            size = self.size_at(position, 1)
            self._bytes -= size
            if self._bytes < 0:
                raise DamagedError("its constants overlap")
            self._read[position, "bytes"] = self.data[position + 4 : position + 4 + size]
        found: bytes = self._read[position, "bytes"]
        return found

    def text_at(self, position: int) -> str:
        """Return the string at `position`, truncated if it is long."""
        if (position, "text") not in self._read:
            size = self.size_at(position, 1)
            some = self.data[position + 4 : position + 4 + min(size, 4 * _TEXT)]
            text = some.decode(errors="replace")
            cut = len(text) > _TEXT or size > 4 * _TEXT
            self._read[position, "text"] = text[:_TEXT] + "…" if cut else text
        found: str = self._read[position, "text"]
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
    position
        The table's position.

    Raises
    ------
    DamagedError, struct.error
        When the table is outside the file; all methods raise them too.
    """

    __slots__ = ("_file", "_slots", "_vtable", "position")

    def __init__(self, file: File, position: int) -> None:
        self._file = file
        self.position = position
        self._vtable: int = position - _BACK.unpack_from(file.data, position)[0]
        if self._vtable < 0:
            raise DamagedError("a table is outside the file")
        self._slots: int = _SLOT.unpack_from(file.data, self._vtable)[0]

    def field(self, number: int) -> int:
        """Return the position of a field; 0 if it is absent."""
        slot = 4 + 2 * number
        if slot + 2 > self._slots:
            return 0
        offset: int = _SLOT.unpack_from(self._file.data, self._vtable + slot)[0]
        return self.position + offset if offset else 0

    def target(self, number: int) -> int:
        """Return the position that the offset in a field refers to; 0 if it is absent."""
        field = self.field(number)
        return self._file.follow(field) if field else 0

    def number(self, field: int, kind: str) -> int:
        """Return an integer of the `struct` type `kind`; 0 if absent."""
        position = self.field(field)
        return int(struct.unpack_from(f"<{kind}", self._file.data, position)[0]) if position else 0

    def numbers(self, field: int, kind: str) -> tuple[Any, ...]:
        """Return a vector of the numpy type `kind`; empty if absent."""
        position = self.target(field)
        return self._file.numbers_at(position, kind) if position else ()

    def bytes(self, field: int) -> bytes:
        """Return a vector of bytes; empty if absent."""
        position = self.target(field)
        return self._file.bytes_at(position) if position else b""

    def text(self, field: int) -> str:
        """Return a string, truncated if it is long; empty if absent."""
        position = self.target(field)
        return self._file.text_at(position) if position else ""

    def table(self, field: int) -> Table | None:
        """Return a table; None if absent."""
        position = self.target(field)
        return Table(self._file, position) if position else None

    def size(self, field: int) -> int:
        """Return the length of a vector of tables."""
        position = self.target(field)
        return self._file.size_at(position, 4) if position else 0

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
