"""Carry out programs in Python, byte for byte as the hardware does."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

from cfuforge.base.errors import InputError
from cfuforge.cfu.arithmetic import requantise
from cfuforge.cfu.designs.engine.commands import (
    BEATS,
    Load,
    Operation,
    Run,
    Settings,
    unpacked,
)
from cfuforge.cfu.designs.engine.configuration import LANES, Configuration
from cfuforge.cfu.designs.engine.lean.wire import BITS
from cfuforge.cfu.designs.engine.reference_stores import Stores
from cfuforge.cfu.port_memory import PortMemory

__all__ = ["EngineReference"]

Ints = npt.NDArray[np.int64]
LAYOUTS = {Operation.LOAD: Load, Operation.RUN: Run, Operation.SET: Settings}


class EngineReference:
    """The engine without its timing: each command ends before the next one begins.

    So it agrees with the hardware on programs that do not depend on timing. In these, a load's
    ``after`` lets every run end that reads what it overwrites; nothing is loaded that the same
    program writes; no output is written twice; settings change between complete sums; no products
    meet when packed (see `Array`); an elementwise layer has no other mode.

    Parameters
    ----------
    configuration
        The engine's.

    Attributes
    ----------
    stores : Stores
        What has been loaded. It stays from program to program.
    """

    def __init__(self, configuration: Configuration) -> None:
        self.stores = Stores(configuration)
        self._configuration = configuration
        self._pixels, self._filters = configuration.pixels, configuration.filters
        self._settings: Any = unpacked(Settings, 0)
        most = max(configuration.filters, configuration.own)
        self._sums = np.zeros((self._pixels, most), np.int64)

    def execute(self, memory: PortMemory, bases: list[int], program: int, beats: int) -> None:
        """Carry out the commands in `beats` times 8 bytes at `program`.

        Raises
        ------
        InputError
            When they do not end with END: the hardware would wait for ever.
        """
        text = memory.read(program & -8, 8 * beats)
        at = 0
        while at < len(text):
            operation = Operation(text[at] & 3)
            if operation == Operation.END:
                return
            size = 8 * BEATS[operation]
            bits = int.from_bytes(text[at : at + size], "little")
            at += size
            self.carry_out(unpacked(LAYOUTS[operation], bits), bases, memory)
        raise InputError(f"the program at {program:#x} must end with END within {beats} beats")

    def carry_out(self, command: Any, bases: list[int], memory: PortMemory) -> None:
        """Carry out a command other than END."""
        operation = Operation(command.operation)
        if operation == Operation.LOAD:
            self.stores.load(command, [0, *bases[1:]], memory)
        elif operation == Operation.SET:
            self._settings = command
        else:
            self._run(command, bases[0], memory)

    def _run(self, run: Any, base: int, memory: PortMemory) -> None:
        """Compute a run's pixels in groups, and write them."""
        line, column = np.divmod(np.arange(run.pixels), self._settings.width)
        together = max(2, self._pixels) if self._settings.elementwise else self._pixels
        for begin in range(0, run.pixels, together):
            group = slice(begin, begin + together)
            output = base + run.output + begin * self._settings.pitch
            if self._settings.elementwise:
                self._look_up(run, line[group], column[group], memory, output)
                continue
            for block in range(-(-run.channels // self._size)):
                self._sum(run, line[group], column[group], block)
                if run.last:
                    self._write_block(run, len(line[group]), block, memory, output)

    @property
    def _size(self) -> int:
        """The channels of a block."""
        c = self._configuration
        return c.own if self._settings.channelwise else c.filters

    def _steps(self, run: Any, block: int) -> SimpleNamespace:
        """Return the offsets of a block's steps: in the store, across, down; and their weights."""
        s = self._settings
        size = self._configuration.elements if s.elementwise else LANES
        row, column, word = (
            each.ravel()
            for each in np.meshgrid(
                np.arange(s.rows), np.arange(s.columns), np.arange(run.words), indexing="ij"
            )
        )
        across = block * s.group_place + column * s.column_step + size * word
        weights = run.weights + block * s.group_weights + np.arange(len(row)) * s.weight_step
        return SimpleNamespace(
            offset=across + row * s.row_step,
            across=across & 0xFFFF,
            down=row * s.row_reach & 0xFFFF,
            weights=weights,
        )

    def _pixels_of(self, run: Any, line: Ints, column: Ints, steps: SimpleNamespace) -> Ints:
        """Return eight bytes for each pixel and step; those outside of the input are padding."""
        s = self._settings
        position = run.position + line * s.line_step + column * s.pixel_step
        left = _signed(s.left + column * s.pixel_step, 16)
        top = _signed(run.top + line * s.line_rows, 16)
        found = self.stores.activations(position[:, None] + steps.offset)
        first, down = left[:, None] + steps.across, top[:, None] + steps.down
        if self._configuration.lean:
            first, down = _signed(first, BITS["x"]), _signed(down, BITS["y"])
        byte, row = first[..., None] + np.arange(8), down[..., None]
        inside = (byte >= 0) & (byte < s.row_bytes) & (row >= 0) & (row < s.height)
        return np.where(inside, found, s.padding)

    def _weights(self, places: Ints) -> Ints:
        """Return the four weights of each filter and step."""
        s, channels = self._settings, np.arange(self._filters)
        if self._configuration.lean and s.channelwise:
            found = self.stores.filters(places)[[0, 1, 2, 0]]
            found[0, :, 2:] = found[3, :, :2] = 0
            return found
        lanes = channels % LANES
        blocks = max(1, LANES // self._filters) if s.channelwise else 1  # of a word's weights
        found = self.stores.filters(places // blocks)
        if s.channelwise:
            shared = np.zeros_like(found)
            bytes_ = lanes[:, None] + places % blocks * self._filters
            steps = np.arange(len(places))
            banks = channels // LANES * LANES
            shared[channels, :, lanes] = found[banks[:, None], steps, bytes_]
            found = shared
        if s.constant:
            found[channels, :, lanes] = s.weight
        return found

    def _sum(self, run: Any, line: Ints, column: Ints, block: int) -> None:
        """Sum the products of a block, or keep the largest."""
        s, steps = self._settings, self._steps(run, block)
        pixels, weights = self._pixels_of(run, line, column, steps), self._weights(steps.weights)
        first = np.arange(self._size) // LANES * LANES * s.channelwise
        chosen = pixels[..., first[:, None] + np.arange(LANES)]
        values = np.einsum("pskl,ksl->pks", chosen, weights[: self._size])
        before = self._sums[: len(line), : self._size, None]
        if not run.first:
            values = np.concatenate([before, values], axis=2)
        total = values.max(axis=2) if s.maximum else values.sum(axis=2)
        self._sums[: len(line), : self._size] = _signed(total, 27)

    def _write_block(
        self, run: Any, pixels: int, block: int, memory: PortMemory, output: int
    ) -> None:
        """Requantise a block's sums, and write them pixel by pixel."""
        done = self._size * block
        count = min(self._size, run.channels - done)
        first = self._configuration.requantisers * run.record + done
        records = self.stores.records(first + np.arange(count))
        values = self._scale(self._sums[:pixels, :count] + records.bias, records)
        for pixel in range(pixels):
            memory.write(output + pixel * self._settings.pitch + done, values[pixel].tobytes())

    def _look_up(self, run: Any, line: Ints, column: Ints, memory: PortMemory, output: int) -> None:
        """Add the tables' values for each byte of two inputs, requantise and write the sums."""
        s, steps = self._settings, self._steps(run, 0)
        size = self._configuration.elements
        inputs = self._pixels_of(run, line, column, steps)[:, :, :size]
        tables = self.stores.tables()
        lanes = np.arange(size)
        values = tables[lanes, inputs[0] + 128]
        if not s.single:
            values = values + tables[self._configuration.banks // 2 + lanes, inputs[1] + 128]
        records = self.stores.records(self._configuration.requantisers * run.record + lanes)
        if self._configuration.lean:
            values = values + records.bias
        result = self._scale(_signed(values, 32), records)
        used = size * (len(result) - 1) + min(size, run.channels)
        memory.write(output, result.tobytes()[:used])

    def _scale(self, values: Ints, records: Any) -> npt.NDArray[np.int8]:
        s = self._settings
        low, high, last = s.low, s.high, (1 << 15) - 1
        wide = not self._configuration.lean and s.wide
        limits = (-last - 1, last) if wide else (low, high)
        scaled = requantise(values, records.multiplier, records.shift, s.offset, *limits)
        if wide:
            channel = np.arange(scaled.shape[-1]) % self._configuration.requantisers
            scaled = _signed(scaled >> 8 * (channel & 1), 8)
            scaled = np.minimum(np.maximum(scaled, low), high)
        return scaled.astype(np.int8)


def _signed(values: Ints, bits: int) -> Ints:
    """Return `values` as they are kept in signed `bits`."""
    half = 1 << bits - 1
    return (values + half) % (2 * half) - half
