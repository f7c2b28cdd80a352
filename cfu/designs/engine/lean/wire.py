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

from cfuforge.cfu.designs.engine.commands import Kind, Operation

__all__ = ["BITS", "BLOCK", "M32", "OWN", "WORDS", "decode_load", "decode_run"]

BITS = {"x": 14, "r": 12, "y": 10, "w": 8}
BLOCK, OWN = 3, 4  # channels of a block; of one whose channels have sums of their own
WORDS = {Operation.END: 8, Operation.LOAD: 8, Operation.RUN: 8, Operation.SET: 12}
M32 = 0xFFFF_FFFF


def _unpacked(word: int) -> tuple[int, int, int]:
    return word >> 2 & 0xFFF, word >> 14 & 0x3FF, word >> 24 & 0xFF


def _signed(value: int, bits: int) -> int:
    half = 1 << bits - 1
    return (value + half) % (2 * half) - half


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
