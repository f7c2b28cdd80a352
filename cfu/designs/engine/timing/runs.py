"""The cost of a run: steps of the array, outputs, writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from cfuforge.cfu.designs.engine.configuration import Configuration

__all__ = ["RunCost", "cost_of_run", "parts_of"]


@dataclass(frozen=True)
class RunCost:
    """What a run takes.

    Parameters
    ----------
    cycles
        From its first step to its last.
    steps
        Of the array.
    draining
        Cycles of the requantisers.
    beats
        Writes of the port.
    bytes
        That are written.
    """

    cycles: int
    steps: int
    draining: int
    beats: int
    bytes: int


def cost_of_run(run: Any, settings: Any, base: int, configuration: Configuration) -> RunCost:
    """Return the cost of a run whose output is added to `base`.

    For each group of pixels the sequencer takes the steps of all blocks of channels, and for each
    block that is written at least as long as the requantisers; the walker lists a pixel a cycle,
    and takes one cycle more.
    """
    c = configuration
    if settings.elementwise:
        return _cost_of_values(run, base, c)
    each = settings.rows * settings.columns * run.words  # steps of a block
    blocks = parts_of(run.channels, c.filters)
    cycles = steps = draining = 0
    for groups, pixels in parts_of(run.pixels, c.pixels):
        period = 0
        for number, channels in blocks:
            words = pixels * -(-channels // c.requantisers) if run.last else 0
            period += number * max(each, words * c.interval)
            draining += groups * number * words * c.interval
            steps += groups * number * each
        cycles += groups * max(period, pixels + 1)
    if not run.last:
        return RunCost(cycles, steps, 0, 0, 0)
    beats, writing = _writes(run, settings, base, c)
    return RunCost(max(cycles, writing), steps, draining, beats, run.pixels * run.channels)


def parts_of(size: int, part: int) -> list[tuple[int, int]]:
    """Return how many parts there are of each size: whole ones, and what is left."""
    whole, rest = divmod(size, part)
    return [(number, each) for number, each in ((whole, part), (1, rest)) if number and each]


def _writes(run: Any, settings: Any, base: int, c: Configuration) -> tuple[int, int]:
    """Return the beats that a run writes, and the cycles of the writer.

    It takes a word a cycle, and one cycle more for a word that does not begin where the one before
    has ended, if it reaches into another beat. Pixels with one block lie in a row.
    """
    start = (base + run.output) % c.width
    if settings.pitch == run.channels <= c.filters:
        beats = int(start + run.pixels * run.channels + c.width - 1) // c.width
        return beats, max(beats, run.pixels * -(-run.channels // c.requantisers))
    channel = np.arange(0, run.channels, c.filters)
    sizes = np.minimum(c.filters, run.channels - channel)
    pixel = start + np.arange(run.pixels) * settings.pitch
    first = (pixel[:, None] + channel) % c.width
    beats = (first + sizes + c.width - 1) // c.width
    words = run.pixels * int((-(-sizes // c.requantisers)).sum())
    spills = first + np.minimum(sizes, c.requantisers) > c.width
    return int(beats.sum()), words + int(spills.sum())


def _cost_of_values(run: Any, base: int, c: Configuration) -> RunCost:
    """Return the cost of an elementwise run: a step and a word for some values."""
    size = (run.words - 1) * c.elements + run.channels
    beats = ((base + run.output) % c.width + size + c.width - 1) // c.width
    cycles = run.words * c.interval
    return RunCost(cycles, run.words, cycles, beats, size)
