"""Draw the lifetimes of activations as text: memory upwards, operators to the right."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from cfuforge.sw.memory_plan import Buffer, planned_bytes

__all__ = ["glyphs", "lifetimes_text"]

_GLYPHS = "█▓▒"  # used in turn, so that neighbours differ
_SCRATCH = "░"
_ROWS = 16
_LABEL = 10  # characters to the left of the picture


def lifetimes_text(buffers: Sequence[Buffer], operators: int, width: int = 80) -> list[str]:
    """Return the picture as lines of block characters.

    Parameters
    ----------
    buffers
        The contents of the arena, in the order in which they come into use.
    operators
        Number of operators in the model; if there are more than columns, some share one.
    width
        Characters per line.
    """
    columns = min(operators, width - _LABEL - 1)
    wide = max(1, min(6, (width - _LABEL - 1) // columns))
    height = -(-planned_bytes(buffers) // _ROWS)
    drawn = glyphs(buffers)
    begins = [column * operators // columns for column in range(columns + 1)]
    live = [
        [number for number, each in enumerate(buffers) if each.first < end and each.last >= begin]
        for begin, end in pairwise(begins)
    ]
    lines = []
    for row in reversed(range(_ROWS)):
        low, high = row * height, (row + 1) * height
        cells = []
        for numbers in live:
            parts = [
                (min(high, each.offset + each.size) - max(low, each.offset), number)
                for number in numbers
                if (each := buffers[number]).offset < high
            ]
            most, number = max(parts, default=(0, 0))
            cells.append((drawn[number] if most > 0 else " ") * wide)
        lines.append(f"{high:>{_LABEL - 1},} {''.join(cells)}".rstrip())
    return [*lines, " " * _LABEL + _axis(operators, columns, wide)]


def glyphs(buffers: Sequence[Buffer]) -> list[str]:
    """Return each buffer's character, which differs from those of its neighbours."""
    found: list[str] = []
    last_use = dict.fromkeys(_GLYPHS, -2)
    for buffer in buffers:
        free = [glyph for glyph in _GLYPHS if last_use[glyph] + 1 < buffer.first]
        turn = _GLYPHS[len(found) % len(_GLYPHS)]
        glyph = _SCRATCH if buffer.scratch else free[0] if free else turn
        last_use[glyph] = max(last_use.get(glyph, 0), buffer.last)
        found.append(glyph)
    return found


def _axis(operators: int, columns: int, wide: int) -> str:
    """Return a line with the numbers of some operators below their columns."""
    text = [" "] * (columns * wide + 4)
    end = 0
    for column in range(columns):
        number = str(column * operators // columns)
        if column * wide >= end and (column % 5 == 0 or wide >= 3):
            text[column * wide : column * wide + len(number)] = number
            end = column * wide + len(number) + 1
    return "".join(text).rstrip()
