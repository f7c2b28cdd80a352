"""The contents of the stores after a load, in Python: loader, placer and memories."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

from cfuforge.cfu.designs.engine.commands import Kind, LeanRecord, Record, unpacked
from cfuforge.cfu.designs.engine.configuration import LANES, TABLE, Configuration
from cfuforge.cfu.port_memory import PortMemory

__all__ = ["Stores", "pieces", "placed", "unit_of"]

Ints = npt.NDArray[np.int64]


def unit_of(kind: Kind, configuration: Configuration) -> int:
    """Return the bytes that a store writes at once: around a piece, they become 0."""
    width = configuration.width
    sizes = {Kind.ACTIVATIONS: 1, Kind.TAPS: min(configuration.reach, width), Kind.RECORDS: width}
    return sizes.get(kind, LANES)


def pieces(load: Any, base: int, filters: int) -> Iterator[tuple[int, int, int]]:
    """Yield source, place and banks of each piece of a load, in the loader's order."""
    source, place = load.source + base, load.place
    to_banks = Kind(load.kind) == Kind.FILTERS
    for row in range(load.rows):
        banks = 1 << row % filters if to_banks else load.banks
        for i in range(load.count):
            yield (
                (source + i * load.step) & 0xFFFF_FFFF,
                (place + i * load.place_step) & 0xFFFF,
                banks,
            )
        source += load.row_step
        if not to_banks or row % filters == filters - 1:
            place += load.row_place


def placed(place: int, data: bytes, unit: int) -> tuple[Ints, npt.NDArray[np.uint8]]:
    """Return the numbers of the units that a piece at byte `place` touches, and their bytes."""
    before = place % unit
    whole = bytes(before) + data + bytes(-(before + len(data)) % unit)
    rows = np.frombuffer(whole, np.uint8).reshape(-1, unit)
    return place // unit + np.arange(len(rows)), rows


class Stores:
    """Activations, filters and records; their addresses wrap."""

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._activations = np.zeros(configuration.activations, np.uint8)
        self._filters = np.zeros((configuration.banks, configuration.words, LANES), np.uint8)
        self._records = np.zeros((configuration.records, 8), np.uint8)
        self._words = configuration.words

    def load(self, load: Any, bases: list[int], memory: PortMemory) -> None:
        """Carry out a load."""
        for source, place, banks in pieces(load, bases[load.base], self._configuration.filters):
            self.place(Kind(load.kind), place, banks, memory.read(source, load.length))

    def place(self, kind: Kind, place: int, banks: int, data: bytes) -> None:
        """Write a piece."""
        units, rows = placed(place, data, unit_of(kind, self._configuration))
        if kind == Kind.ACTIVATIONS:
            self._activations[units % len(self._activations)] = rows[:, 0]
        elif kind == Kind.RECORDS:
            beats = self._records.reshape(-1, rows.shape[1])
            beats[units % len(beats)] = rows
        elif kind == Kind.TAPS and self._configuration.lean:
            for bank, lanes in enumerate(([0, 3], [1], [2])):
                word = np.zeros_like(rows)
                word[:, lanes] = rows[:, lanes]
                self._filters[bank, units % self._words] = word
        elif kind == Kind.TAPS:
            banks, of_unit = self._configuration.reach // LANES, rows.shape[1] // LANES
            word = (units[:, None] * of_unit + np.arange(of_unit)).ravel()
            self._filters[word % banks * LANES, word // banks % self._words] = rows.reshape(
                -1, LANES
            )
        else:
            for bank in range(len(self._filters)):
                words = self._words if bank < self._configuration.filters else TABLE
                if banks >> bank & 1:
                    self._filters[bank, units % words] = rows

    def activations(self, at: Ints) -> Ints:
        """Return four bytes from `at` on, and bytes 4 to 7 from the aligned word below."""
        byte = np.arange(8)
        places = np.where(byte < 4, at[..., None], (at & -4)[..., None]) + byte
        found: Ints = self._activations.view(np.int8)[places % len(self._activations)].astype(
            np.int64
        )
        return found

    def filters(self, words: Ints) -> Ints:
        """Return the weights in those words of each bank."""
        return self._filters.view(np.int8)[:, words % self._words].astype(np.int64)

    def tables(self) -> Ints:
        """Return the first 256 words of each bank as numbers."""
        return self._filters.view("<i4")[:, :TABLE, 0].astype(np.int64)

    def records(self, channels: Ints) -> SimpleNamespace:
        """Return bias, multiplier and shift of those channels."""
        bits = self._records.view("<u8")[channels % len(self._records), 0].tolist()
        layout = LeanRecord if self._configuration.lean else Record
        found = [unpacked(layout, each) for each in bits]
        return SimpleNamespace(
            bias=np.array([r.bias for r in found]),
            multiplier=np.array([r.multiplier for r in found]),
            shift=np.array([-r.right if self._configuration.lean else r.shift for r in found]),
        )
