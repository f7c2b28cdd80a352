"""What the stores hold after a load, in Python: loader, placer and memories."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

from cfuforge.cfu.designs.engine.commands import (
    ACTIVATIONS,
    CHANNELS,
    WORDS,
    Kind,
    Record,
    unpacked,
)
from cfuforge.cfu.port_memory import PortMemory

__all__ = ["Stores", "pieces", "placed"]

Ints = npt.NDArray[np.int64]
BANKS = 8
UNITS = {Kind.ACTIVATIONS: 1, Kind.FILTERS: 4, Kind.TABLE: 4, Kind.TAPS: 8, Kind.RECORDS: 8}
"""The bytes that a store writes at once: around a piece, they become 0."""


def pieces(load: Any, base: int) -> Iterator[tuple[int, int, int]]:
    """Yield source, place and banks of each piece of a load, in the loader's order."""
    source, place = load.source + base, load.place
    to_banks = Kind(load.kind) == Kind.FILTERS
    for row in range(load.rows):
        banks = 1 << row % BANKS if to_banks else load.banks
        for i in range(load.count):
            yield (
                (source + i * load.step) & 0xFFFF_FFFF,
                (place + i * load.place_step) & 0xFFFF,
                banks,
            )
        source += load.row_step
        if not to_banks or row % BANKS == BANKS - 1:
            place += load.row_place


def placed(place: int, data: bytes, unit: int) -> tuple[Ints, npt.NDArray[np.uint8]]:
    """Return the numbers of the units that a piece at byte `place` touches, and their bytes."""
    before = place % unit
    whole = bytes(before) + data + bytes(-(before + len(data)) % unit)
    rows = np.frombuffer(whole, np.uint8).reshape(-1, unit)
    return place // unit + np.arange(len(rows)), rows


class Stores:
    """Activations, filters and records; their addresses wrap."""

    def __init__(self) -> None:
        self._activations = np.zeros(ACTIVATIONS, np.uint8)
        self._filters = np.zeros((BANKS, WORDS, 4), np.uint8)
        self._records = np.zeros((CHANNELS, 8), np.uint8)

    def load(self, load: Any, bases: list[int], memory: PortMemory) -> None:
        """Carry out a load."""
        for source, place, banks in pieces(load, bases[load.base]):
            self.place(Kind(load.kind), place, banks, memory.read(source, load.length))

    def place(self, kind: Kind, place: int, banks: int, data: bytes) -> None:
        """Write a piece."""
        units, rows = placed(place, data, UNITS[kind])
        if kind == Kind.ACTIVATIONS:
            self._activations[units % ACTIVATIONS] = rows[:, 0]
        elif kind == Kind.RECORDS:
            self._records[units % CHANNELS] = rows
        elif kind == Kind.TAPS:
            self._filters[0, units % WORDS] = rows[:, :4]
            self._filters[4, units % WORDS] = rows[:, 4:]
        else:
            for bank in range(BANKS):
                if banks >> bank & 1:
                    self._filters[bank, units % WORDS] = rows

    def activations(self, at: Ints) -> Ints:
        """Return four bytes from `at` on, and bytes 4 to 7 from the aligned word below."""
        byte = np.arange(8)
        places = np.where(byte < 4, at[..., None], (at & -4)[..., None]) + byte
        found: Ints = self._activations.view(np.int8)[places % ACTIVATIONS].astype(np.int64)
        return found

    def filters(self, words: Ints) -> Ints:
        """Return the weights in those words of each bank."""
        return self._filters.view(np.int8)[:, words % WORDS].astype(np.int64)

    def tables(self) -> Ints:
        """Return the first 256 words of each bank as numbers."""
        return self._filters.view("<i4")[:, :256, 0].astype(np.int64)

    def records(self, channels: Ints) -> SimpleNamespace:
        """Return bias, multiplier and shift of those channels."""
        bits = self._records.view("<u8")[channels % CHANNELS, 0].tolist()
        found = [unpacked(Record, each) for each in bits]
        return SimpleNamespace(
            **{name: np.array([getattr(r, name) for r in found]) for name, _ in Record}
        )
