"""The lean engine's commands, as its kernels write them: see `cfu/designs/engine/lean/wire.py`."""

from __future__ import annotations

from typing import Any

from cfuforge.cfu.designs.engine.commands import Kind, Operation
from cfuforge.cfu.designs.engine.lean.wire import BLOCK, M32, OWN, WORDS

__all__ = ["Encoder"]

SET: Any = Operation.SET


def packed(r: int, y: int, w: int) -> int:
    """Return a word with steps of R, Y and W."""
    return (r & 0xFFF) << 2 | (y & 0x3FF) << 14 | (w & 0xFF) << 24


class Encoder:
    """Write commands one after another, the first of them at an address."""

    def __init__(self, address: int) -> None:
        self._address, self.text = address, bytearray()
        self._settings: Any = None
        self._written: Any = None  # what the last SET depends on

    def _put(self, words: list[int]) -> None:
        for word in words:
            self.text += (word & M32).to_bytes(4, "little")

    def _next(self, operation: Any) -> int:
        return self._address + len(self.text) + 4 * WORDS[operation] | int(operation.value)

    def end(self) -> None:
        """Write END, and as many words as are read with it."""
        self._put([0] * 8)

    def load(self, load: Any) -> None:
        """Write a load."""
        words = -(-load.length // 4)
        to_banks = Kind(load.kind) == Kind.FILTERS
        back = load.step * (load.count - 1) + 4 * words
        back_place = load.place_step * (load.count - 1) + 4 * words
        banks = {Kind.FILTERS: 1, Kind.TAPS: 7}.get(Kind(load.kind), load.banks)
        self._put(
            [
                self._next(Operation.LOAD),
                load.place & 0x3FFF | (words - 1) << 16 | (load.length - 1 & 3) << 26,
                load.source,
                load.row_place & 0x3FFF | (load.count - 1) << 16 | Kind(load.kind).value << 26
                | load.base << 29,
                load.step - 4 * words,
                (load.place_step - 4 * words) & 0x3FFF | (load.rows - 1) << 16 | (banks & 7) << 26,
                load.row_step - back,
                (load.row_place * (not to_banks) - back_place) & 0x3FFF,
            ]
        )  # fmt: skip

    def set(self, settings: Any) -> None:
        """Let the next runs have these settings."""
        self._settings, self._written = settings, None

    def run(self, run: Any) -> None:
        """Write a run and, if they have changed, its settings."""
        s = self._settings
        words, columns, rows, pixels = run.words, s.columns, s.rows, run.pixels
        size = OWN if s.channelwise else BLOCK
        blocks, channels = -(-run.channels // size), run.channels
        column_step, pitch = s.column_step, s.pitch
        if s.elementwise:
            words, columns, rows, pixels, blocks, channels = 1, 2 - s.single, run.words, 1, 1, 1
            column_step, pitch = s.pixel_step, 1
        self._put_settings(words, columns, rows, blocks, column_step)
        width = min(s.width, pixels)
        few = channels - (blocks - 1) * size - 1
        self._put(
            [
                self._next(Operation.RUN),
                s.left & 0x3FFF | (words - 1) << 16 | few << 26 | run.last << 28,
                packed(run.position - s.left, run.top, run.weights),
                (pitch - channels + 1) & 0xFFFF | (columns - 1) << 16,
                run.output,
                (rows - 1) << 16,
                blocks - 1 | (width - 1) << 8 | (pixels - 1) << 20,
                (run.record & 0x7F) << 16,
            ]
        )

    def _put_settings(self, words: int, columns: int, rows: int, blocks: int, step: int) -> None:
        s = self._settings
        if self._written == (words, blocks):
            return
        self._written = (words, blocks)
        row = -(columns - 1) * step - 4 * (words - 1)
        pixel = row - (blocks - 1) * s.group_place
        width = s.width
        x = [4, step - 4 * (words - 1), row + s.elementwise, row + s.group_place,
             pixel + s.pixel_step, pixel - (width - 1) * s.pixel_step]  # fmt: skip
        weights = -(rows * columns * words - 1) * s.weight_step
        restart = weights - (blocks - 1) * s.group_weights
        r, y = -(rows - 1) * s.row_step, -(rows - 1) * s.row_reach
        d = [
            packed(0, 0, s.weight_step) | SET.value,
            packed(0, 0, s.weight_step),
            packed(s.row_step, s.row_reach, s.weight_step),
            packed(r, y, weights + s.group_weights),
            packed(r, y, restart),
            packed(r + s.line_step, y + s.line_rows, restart),
        ]
        if s.elementwise:
            d = [SET.value, 0, 0, 0, 0, 0]
        high = [
            s.row_bytes & 0x3FFF,
            s.height & 0x3FF,
            s.low & 0xFF | (s.high & 0xFF) << 8,
            s.padding & 0xFF | s.elementwise << 8 | s.channelwise << 9,
            s.offset & 0x1FF,
            0,
        ]
        for delta, step_x, more in zip(d, x, high, strict=True):
            self._put([delta, step_x & 0x3FFF | more << 16])
