"""Activations over the run of a model, as a picture: memory upwards, operators to the right."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from cfuforge.cfu.shown import shown
from cfuforge.sw.memory_plan import Buffer, planned_bytes

__all__ = ["lifetimes_svg", "lifetimes_text"]

_GLYPHS = "█▓▒"  # in turn, so that neighbours differ
_SCRATCH = "░"
_ROWS = 16
_LABEL = 10  # characters to the left of the picture
_COLOURS = ("#4477aa", "#66ccee", "#228833", "#ccbb44", "#ee6677", "#aa3377")


def lifetimes_text(buffers: Sequence[Buffer], operators: int, width: int = 80) -> list[str]:
    """Return the picture as lines of block characters.

    Parameters
    ----------
    buffers
        What lies in the arena, in the order in which it comes into use.
    operators
        How many the model has; with more of them than columns, some share one.
    width
        Characters of a line.
    """
    columns = min(operators, width - _LABEL - 1)
    wide = max(1, min(6, (width - _LABEL - 1) // columns))
    height = -(-planned_bytes(buffers) // _ROWS)
    glyphs = _glyphs(buffers)
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
            cells.append((glyphs[number] if most > 0 else " ") * wide)
        lines.append(f"{high:>{_LABEL - 1},} {''.join(cells)}".rstrip())
    return [*lines, " " * _LABEL + _axis(operators, columns, wide)]


def _glyphs(buffers: Sequence[Buffer]) -> list[str]:
    """Return each buffer's character: another than those of what lies there before and beside."""
    glyphs: list[str] = []
    last_use = dict.fromkeys(_GLYPHS, -2)
    for buffer in buffers:
        free = [glyph for glyph in _GLYPHS if last_use[glyph] + 1 < buffer.first]
        turn = _GLYPHS[len(glyphs) % len(_GLYPHS)]
        glyph = _SCRATCH if buffer.scratch else free[0] if free else turn
        last_use[glyph] = max(last_use.get(glyph, 0), buffer.last)
        glyphs.append(glyph)
    return glyphs


def _axis(operators: int, columns: int, wide: int) -> str:
    """Return the numbers of some operators below their columns."""
    text = [" "] * (columns * wide + 4)
    end = 0
    for column in range(columns):
        number = str(column * operators // columns)
        if column * wide >= end and (column % 5 == 0 or wide >= 3):
            text[column * wide : column * wide + len(number)] = number
            end = column * wide + len(number) + 1
    return "".join(text).rstrip()


def lifetimes_svg(buffers: Sequence[Buffer], operators: Sequence[str]) -> str:
    """Return the picture as an SVG file; a rectangle's tooltip names the tensor.

    Parameters
    ----------
    buffers
        What lies in the arena.
    operators
        The operators' names.
    """
    left, bottom, step, height = 80, 130, 24, 400
    size = max(planned_bytes(buffers), 1)
    scale = height / size
    width = left + step * len(operators) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height + bottom + 10}" '
        'font-family="sans-serif" font-size="11">'
    ]
    for number, each in enumerate(buffers):
        x, y = left + step * each.first, 10 + height - scale * (each.offset + each.size)
        colour = "#bbbbbb" if each.scratch else _COLOURS[number % len(_COLOURS)]
        title = f"{shown(each.name)}: {each.size:,} bytes at {each.offset:,}"
        parts.append(
            f'<rect x="{x}" y="{y:.1f}" width="{step * (each.last - each.first + 1) - 1}" '
            f'height="{max(scale * each.size, 1):.1f}" fill="{colour}">'
            f"<title>{escape(title)}</title></rect>"
        )
    for quarter in range(5):
        y = 14 + height - height * quarter / 4
        parts.append(
            f'<text x="{left - 6}" y="{y:.0f}" text-anchor="end">{size * quarter // 4:,}</text>'
        )
    for index, name in enumerate(operators):
        x, y = left + step * index + step // 2, height + 18
        place = f'x="{x}" y="{y}" transform="rotate(60 {x} {y})"'
        parts.append(f"<text {place}>{index} {escape(shown(name))}</text>")
    return "\n".join([*parts, "</svg>", ""])
