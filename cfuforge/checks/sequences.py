"""Sequences of inferences, for models that keep state between them."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator

from cfuforge.inputs.files import Sample
from cfuforge.sw.tflite_model import Model

__all__ = ["inferences", "sequences"]

_INFERENCES = 5


def inferences(model: Model) -> int:
    """Return the number of inferences to compare without a reset: one for a stateless model."""
    return _INFERENCES if model.stateful else 1


def sequences(samples: Iterable[Sample], length: int) -> Iterator[tuple[Sample, ...]]:
    """Return each sample with those after it, cyclically."""
    window: deque[Sample] = deque(maxlen=length)
    first: list[Sample] = []
    left = 0
    for sample in samples:
        window.append(sample)
        left += 1
        if len(first) < length - 1:
            first.append(sample)
        if len(window) == length:
            yield tuple(window)
            left -= 1
    for sample in itertools.cycle(first):
        if not left:
            return
        window.append(sample)
        if len(window) == length:
            yield tuple(window)
            left -= 1
