"""Move the same firmware in memory: link its objects in another order, with gaps before them."""

from __future__ import annotations

import random
from collections.abc import Sequence

from cfuforge.sw.toolchain import Source

__all__ = ["CACHE", "GAP", "SMALL_GAP", "gap_text", "in_order"]

GAP = "gap_fully_connected_s8.S"
"""Name of a source whose sections the linker script places among the first."""

CACHE = 4096  # bytes of a board's cache
SMALL_GAP = 256  # bytes, for slim programs
_LINE = 32  # bytes of a cache line


def in_order(sources: Sequence[Source], number: int) -> list[Source]:
    """Return `sources` in order `number`: 0 is the usual one, others are fixed shuffles."""
    ordered = list(sources)
    if number:
        random.Random(number).shuffle(ordered)
    return ordered


def gap_text(number: int, most: int) -> str:
    """Return the text of `GAP`: gaps below `most` bytes before code, constants and data."""
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
