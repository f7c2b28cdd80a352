"""The same firmware at other places in memory: its objects linked in another order, behind gaps."""

from __future__ import annotations

import random
from collections.abc import Sequence

from cfuforge.sw.toolchain import Source

__all__ = ["CACHE", "GAP", "SMALL_GAP", "gap_text", "in_order"]

GAP = "gap_fully_connected_s8.S"
"""A source whose sections the linker script places among the first, by its name."""

CACHE = 4096  # bytes
SMALL_GAP = 256  # for boards with little memory
_LINE = 32  # of a cache


def in_order(sources: Sequence[Source], number: int) -> list[Source]:
    """Return `sources` in order `number`: 0 is the usual one, any other one's own, always."""
    ordered = list(sources)
    if number:
        random.Random(number).shuffle(ordered)
    return ordered


def gap_text(number: int, most: int) -> str:
    """Return the text of `GAP`: gaps of less than `most` bytes before code, constants and data."""
    sizes = random.Random(f"gaps {number}")
    code, constants = (4 * sizes.randrange(most // 4) for _ in range(2))
    data = _LINE * sizes.randrange(most // _LINE)
    sections = (
        ("text", '"axR",@progbits', code),
        ("rodata", '"aR",@progbits', constants),
        ("data", '"awR",@progbits', data),
    )
    return "".join(
        f".section .{name}.gap,{flags}\n.zero {size}\n" for name, flags, size in sections
    )
