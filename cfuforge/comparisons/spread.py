"""`Spread`: an inference's cycles with the same firmware elsewhere in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from cfuforge.base.document import Count
from cfuforge.sw.run import Run

__all__ = ["Spread", "range_text"]


@dataclass(frozen=True)
class Spread:
    """Cycles of one inference with its firmware linked in several orders.

    Parameters
    ----------
    median, least, greatest
        Those of `cycles`; of an even number, the median is the lower of the middle two.
    cycles
        Clock cycles in each order, the usual one first.
    layers
        The same for each layer.
    """

    median: Count
    least: Count
    greatest: Count
    cycles: tuple[Count, ...]
    layers: tuple[tuple[Count, ...], ...]

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Spread:
        """Return the spread of `runs`: one inference, each in another link order."""
        cycles = tuple(run.cycles or 0 for run in runs)
        each = zip(*([layer.cycles or 0 for layer in run.layers] for run in runs), strict=True)
        return cls(median_low(cycles), min(cycles), max(cycles), cycles, tuple(each))

    @property
    def medians(self) -> tuple[int, ...]:
        """The median of each layer."""
        return tuple(map(median_low, self.layers))

    @property
    def contradicts(self) -> bool:
        """Whether the fields contradict each other."""
        told = (self.median, self.least, self.greatest)
        same = len({len(each) for each in (self.cycles, *self.layers)}) == 1
        return not (self.cycles and same) or told != (
            median_low(self.cycles),
            min(self.cycles),
            max(self.cycles),
        )


def range_text(cycles: Sequence[int]) -> str:
    """Return the distance of minimum and maximum from the median: ``-0.1 +1.2 %``."""
    median = max(median_low(cycles), 1)
    least, greatest = (100 * (end / median - 1) for end in (min(cycles), max(cycles)))
    return f"{least or 0:+.1f} {greatest:+.1f} %"
