"""The cost of a load: beats that it reads, cycles in which they are placed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cfuforge.cfu.designs.engine.commands import Kind
from cfuforge.cfu.designs.engine.configuration import Configuration

__all__ = ["LoadCost", "cost_of_load"]


@dataclass(frozen=True)
class LoadCost:
    """What a load takes.

    Parameters
    ----------
    pieces
        Their number.
    beats
        Reads of the port.
    last_beats
        Those of the last pieces, which the loader lists before they are asked for.
    placing
        Cycles of the placer.
    bytes
        That are loaded.
    """

    pieces: int
    beats: int
    last_beats: int
    placing: int
    bytes: int


_LISTED = 3  # pieces: one that is asked for, two in the FIFO behind it


def cost_of_load(load: Any, base: int, configuration: Configuration) -> LoadCost:
    """Return the cost of a load whose source is added to `base`.

    A piece takes the beats that it lies in, and as many cycles of the placer as it lies in words of
    the store, and one more if its first bytes lie further back in a beat than in such a word.
    """
    width = configuration.width
    row = np.arange(load.rows)
    piece = np.arange(load.count)
    turns = row // configuration.filters if Kind(load.kind) == Kind.FILTERS else row
    source = base + load.source + (row * load.row_step)[:, None] + piece * load.step
    place = load.place + (turns * load.row_place)[:, None] + piece * load.place_step
    first, there = source % width, place % width
    beats = (first + load.length + width - 1) // width
    placing = (there + load.length + width - 1) // width + (there < first)
    return LoadCost(
        pieces=beats.size,
        beats=int(beats.sum()),
        last_beats=int(beats.ravel()[-_LISTED:].sum()),
        placing=int(placing.sum()),
        bytes=beats.size * load.length,
    )
