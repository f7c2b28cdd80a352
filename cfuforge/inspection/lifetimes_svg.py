"""Draw the lifetimes of activations as an SVG file in the colours of the pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from math import ceil, cos, log10, radians, sin

from cfuforge.base.page_style import page_colours
from cfuforge.base.shown import shown
from cfuforge.inspection.lifetimes import glyphs
from cfuforge.sw.memory_plan import Buffer, planned_bytes

__all__ = ["lifetimes_svg"]

_LINE = 14  # pixels
_BOLD = 1.5  # width of the title's letters, relative to the text's
_HEIGHT, _TOP = 400, 64
_LONGEST = 28  # characters of an operator's name and of a title line
_TILT = 60  # degrees
_TONES = {"█": "heat-1", "▓": "access", "▒": "cfu", "░": "scratch"}
_STYLE = """
text { font: 11px system-ui, sans-serif; fill: var(--ink) }
.title { font-size: 15px; font-weight: 600 }
.faint { fill: var(--faint) }
.page { fill: var(--page) }
.grid { stroke: var(--line); fill: none }
.peak { stroke: var(--ink); stroke-dasharray: 4 3; fill: none }
rect { stroke: var(--page); stroke-width: .7 }
"""


def lifetimes_svg(
    buffers: Sequence[Buffer], operators: Sequence[str], title: str = "Tensor arena"
) -> str:
    """Return the picture as SVG; each rectangle has a tooltip that names the tensor.

    Parameters
    ----------
    buffers
        The contents of the arena.
    operators
        Names of the operators.
    title
        Text above the picture.
    """
    size = max(planned_bytes(buffers), 1)
    step = max(26, ceil(560 / max(len(operators), 1)))
    ticks = _ticks(size)
    labels = [_cut(f"{index} {shown(name)}") for index, name in enumerate(operators)]
    long = max(map(_wide, labels), default=0)
    left = 36 + max(_wide(f"{tick:,}") for tick in (*ticks, size))
    right = max(16, ceil(long * cos(radians(_TILT))) + _LINE - step // 2)
    end, floor = left + max(step * len(operators), 560), _TOP + _HEIGHT
    whole = shown(title)
    room = (end + right - left) / _BOLD
    fits = (n for n in range(len(whole), 0, -1) if _wide(_cut(whole, n)) < room)
    heading = _cut(whole, next(fits, 1))
    width = end + right
    height = floor + 24 + ceil(long * sin(radians(_TILT))) + 2 * _LINE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="title">',
        f'<title id="title">{escape(shown(title))}</title>',
        f"<style>{page_colours()}{_STYLE}</style>",
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path d="M0 0V6" style="stroke: var(--faint)"/></pattern>'
        "</defs>",
        f'<path class="page" d="M0 0H{width}V{height}H0Z"/>',
        f'<text class="title" x="{left}" y="22">{escape(heading)}</text>',
        f'<text class="faint" x="{left}" y="40">{size:,} bytes at the most; hatched: scratch'
        "</text>",
        f'<text class="faint" transform="translate(14 {_TOP + _HEIGHT // 2}) rotate(-90)" '
        'text-anchor="middle">bytes from the start of the arena</text>',
    ]
    for tick in ticks:
        y = floor - _HEIGHT * tick / size
        parts += [
            f'<path class="grid" d="M{left} {y:.1f}H{end}"/>',
            f'<text class="tick" x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:,}</text>',
        ]
    for each, glyph in zip(buffers, glyphs(buffers), strict=True):
        parts += _box(each, _TONES[glyph], left, step, _HEIGHT / size)
    parts.append(f'<path class="peak" d="M{left} {_TOP}H{end}"/>')
    for index, label in enumerate(labels):
        x, y = left + step * index + step // 2 - 3, floor + 16
        attributes = f'x="{x}" y="{y}" transform="rotate({_TILT} {x} {y})"'
        parts.append(f'<text class="operator" {attributes}>{escape(label)}</text>')
    middle = f'x="{(left + end) // 2}" y="{height - 8}"'
    parts.append(f'<text class="faint" {middle} text-anchor="middle">operators in order</text>')
    return "\n".join([*parts, "</svg>", ""])


def _box(buffer: Buffer, tone: str, left: int, step: int, scale: float) -> Iterator[str]:
    """Yield a buffer's rectangle, and as much of its name as fits into it."""
    wide = step * (buffer.last - buffer.first + 1) - 1
    high = max(scale * buffer.size, 2)
    x = left + step * buffer.first
    y = _TOP + _HEIGHT - scale * (buffer.offset + buffer.size)
    fill = "url(#hatch)" if tone == "scratch" else f"var(--{tone})"
    told = f"{shown(buffer.name)}: {buffer.size:,} bytes at {buffer.offset:,}"
    attributes = f'x="{x}" y="{y:.1f}" width="{wide}" height="{high:.1f}"'
    yield f'<rect {attributes} style="fill: {fill}"><title>{escape(told)}</title></rect>'
    # TFLite joins the paths of fused operators with semicolons.
    path = shown(buffer.name).split(";")[0].split("/")
    names = ("/".join(path[start:]) for start in range(len(path)))
    name = next((each for each in names if _wide(each) < wide - 6), "")
    texts = [text for text in (name, f"{buffer.size:,}") if text and _wide(text) < wide - 6]
    texts = texts[: max(int(high - 4) // _LINE, 0)]
    for row, text in enumerate(texts):
        at = y + high / 2 + 4 + _LINE * (row - (len(texts) - 1) / 2)
        yield (
            f'<text class="name" x="{x + wide / 2}" y="{at:.1f}" text-anchor="middle">'
            f"{escape(text)}</text>"
        )


def _ticks(size: int) -> list[int]:
    """Return about five round numbers from 0 to below `size`."""
    decade = 10 ** int(log10(size / 5)) if size >= 5 else 1
    step = next(each * decade for each in (1, 2, 5, 10) if each * decade * 6 >= size)
    return list(range(0, size, step))


def _wide(text: str) -> int:
    """Return the most pixels that a text can take."""
    return sum(12 if each in "MWmw@%" or ord(each) > 0x2000 else 8 for each in text)


def _cut(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
