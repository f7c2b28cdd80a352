"""Synthetic inputs: seeded random values, and the corners of the range."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cfuforge.base.errors import InputError
from cfuforge.inputs.files import Sample
from cfuforge.sw.tflite_model import Model, Tensor

__all__ = ["corner_samples", "random_sample"]


def random_sample(model: Model, seed: int = 0) -> Sample:
    """Return random values over the whole range of the inputs, determined by `seed`.

    Raises
    ------
    InputError
        When an input has a type without a meaningful range, such as int32.
    """
    rng = np.random.default_rng(seed)
    arrays = []
    for tensor in model.inputs:
        if tensor.dtype == "float32":
            arrays.append(rng.standard_normal(tensor.shape, np.float32))
        else:
            low, high = _range(tensor, model)
            arrays.append(rng.integers(low, high + 1, tensor.shape, tensor.dtype))
    return Sample(f"random (seed {seed})", tuple(arrays))


def corner_samples(model: Model) -> Iterator[Sample]:
    """Yield three inputs: all minimum, all maximum, and all zero point.

    A float32 input gets -1, 1 and 0.
    """
    for number, what in enumerate(("least", "largest", "zero point")):
        arrays = []
        for tensor in model.inputs:
            if tensor.dtype == "float32":
                values: tuple[float, ...] = (-1.0, 1.0, 0.0)
            else:
                low, high = _range(tensor, model)
                values = low, high, min(max(tensor.zero_point or 0, low), high)
            arrays.append(np.full(tensor.shape, values[number], tensor.dtype))
        yield Sample(f"all {what} ({arrays[0].flat[0]})", tuple(arrays))


def _range(tensor: Tensor, model: Model) -> tuple[int, int]:
    if tensor.dtype not in ("int8", "uint8", "int16"):
        raise InputError(f"{model.name} takes {tensor.dtype} input; give a file")
    limits = np.iinfo(tensor.dtype)
    return int(limits.min), int(limits.max)
