"""The lean engine's commands as they lie in memory: the same as the large one's, made ready.

The loops of a run, and of a load, move five numbers by a step that depends on which loop goes on.
The kernels subtract what the inner loops have added, so that each step is one addition::

    S  an address in memory          X  a byte of the input row, or of a store
    R  the row's place in the store  Y  an input row        W  a word of the filter banks

Words are of 32 bits. `DS` is added to S, or its parts to R, Y and W; `DX` to X.

====  ==============================  ==============================
word  LOAD                            RUN
====  ==============================  ==============================
0     next command, operation         next command, operation
1     X; words - 1, end               X; words - 1, channels, last
2     S                               R, Y, W
3     DX of a group; pieces - 1,      step of the output to the next
      kind, base                      pixel; columns - 1
4     DS of a piece                   S: offset of the output
5     DX of a piece; rows - 1, banks  rows - 1
6     DS of a row                     blocks - 1, width - 1, pixels - 1
7     DX of a row                     record in the upper half
====  ==============================  ==============================

SET has DS in words 0, 2, ... and DX in the lower halves of words 1, 3, ... of the steps to the next
word, column, row, block, pixel and line; and in the upper halves of words 1, 3, ... `row_bytes`,
`height`, limits, padding with modes, and `offset`. END has seven words more, which are
read with it.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from cfuforge.cfu.designs.engine.commands import Kind, Operation

__all__ = ["BITS", "BLOCK", "OWN", "WORDS", "Encoder", "decode_load", "decode_run", "packed"]

BITS = {"x": 14, "r": 12, "y": 10, "w": 8}
BLOCK, OWN = 3, 4  # channels of a block; of one whose channels have sums of their own
SET: Any = Operation.SET
WORDS = {Operation.END: 8, Operation.LOAD: 8, Operation.RUN: 8, Operation.SET: 12}
M32 = 0xFFFF_FFFF


def packed(r: int, y: int, w: int) -> int:
    """Return a word with steps of R, Y and W."""
    return (r & 0xFFF) << 2 | (y & 0x3FF) << 14 | (w & 0xFF) << 24


def _unpacked(word: int) -> tuple[int, int, int]:
    return word >> 2 & 0xFFF, word >> 14 & 0x3FF, word >> 24 & 0xFF


def _signed(value: int, bits: int) -> int:
    half = 1 << bits - 1
    return (value + half) % (2 * half) - half


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


def decode_load(w: list[int]) -> SimpleNamespace:
    """Return the fields of a load as the large engine's commands have them."""
    words, count, rows = ((w[i] >> 16 & 0x3FF) + 1 for i in (1, 3, 5))
    kind = Kind(w[3] >> 26 & 7)
    step, place_step = w[4] + 4 * words & M32, w[5] + 4 * words & 0x3FFF
    group = w[3] & 0x3FFF
    row = w[7] + place_step * (count - 1) + 4 * words & 0x3FFF
    return SimpleNamespace(
        kind=kind,
        base=w[3] >> 29 & 3,
        banks=w[5] >> 26 & 7,
        source=w[2],
        length=4 * words - 3 + (w[1] >> 26 & 3),
        count=count,
        step=step,
        place=w[1] & 0x3FFF,
        place_step=place_step,
        rows=rows,
        row_place=group if kind == Kind.FILTERS else row,
        row_step=w[6] + step * (count - 1) + 4 * words & M32,
    )


def decode_run(s: list[int], w: list[int]) -> tuple[SimpleNamespace, SimpleNamespace]:
    """Return a run and its settings as the large engine's commands have them."""
    words, columns, rows = ((w[i] >> 16 & 0x3FF) + 1 for i in (1, 3, 5))
    blocks, width, pixels = (w[6] & 0xFF) + 1, (w[6] >> 8 & 0xFFF) + 1, (w[6] >> 20) + 1
    x = [word & 0x3FFF for word in s[1::2]]
    r, y, weight = zip(*(_unpacked(word) for word in s[::2]), strict=True)
    elementwise, channelwise = s[7] >> 24 & 1, s[7] >> 25 & 1
    size = OWN if channelwise else BLOCK
    channels = (blocks - 1) * size + (w[1] >> 26 & 3) + 1
    row, top, weights = _unpacked(w[2])
    group_place = x[3] - x[2]
    left = _signed(w[1], 14)
    column_step, pixel_step = x[1] + 4 * (words - 1), x[4] - x[2] + (blocks - 1) * group_place
    single = int(columns == 1)
    if elementwise:
        words, rows, columns, pixels, width, pixel_step = rows, 1, 1, 2, 2, x[1]
    steps = rows * columns * words
    settings = SimpleNamespace(
        channelwise=channelwise, elementwise=elementwise, single=single, maximum=0, constant=0,
        weight=0, padding=_signed(s[7] >> 16, 8), low=_signed(s[5] >> 16, 8),
        high=_signed(s[5] >> 24, 8), offset=_signed(s[9] >> 16, 9), rows=rows, columns=columns,
        row_step=r[2], column_step=column_step, row_reach=y[2], width=width,
        line_rows=y[5] - y[3], pixel_step=pixel_step, line_step=r[5] - r[3], left=left,
        row_bytes=s[1] >> 16 & 0x3FFF, height=s[3] >> 16 & 0x3FF,
        pitch=(w[3] & 0xFFFF) + channels - 1, weight_step=weight[0],
        group_weights=weight[3] + (steps - 1) * weight[0], group_place=group_place,
    )  # fmt: skip
    run = SimpleNamespace(
        last=w[1] >> 28 & 1, pixels=pixels, position=row + left, top=_signed(top, 10),
        output=w[4], weights=weights, record=w[7] >> 16 & 0x7F, channels=channels, words=words,
    )  # fmt: skip
    return run, settings
