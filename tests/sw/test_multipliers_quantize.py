"""Scales and floats for which the arithmetic of QUANTIZE from float32 shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from support.adversarial import Case, Values, int8, tells, zero_point
from support.graph import Quantisation, Tensor, one_operator


def away(values: ArrayLike) -> Values:
    """Round halves away from zero."""
    exact = np.asarray(values, np.float64)
    return np.trunc(exact + np.copysign(0.5, exact))


def quantize(rng: np.random.Generator) -> Case:
    """Return values next to halves, between two outputs."""
    output, offset = np.float32(2.0 ** rng.uniform(-9, 3)), zero_point(rng)
    halves = rng.integers(-300, 300, 256) + 0.5
    x = np.nextafter((halves * output).astype(np.float32), np.float32(rng.choice([-9e9, 0, 9e9])))

    def result(quotient: Values, rounded: Callable[..., Values] = away) -> Values:
        return int8(rounded(quotient) + offset)

    right = x / output
    others = {
        "double": partial(result, x / np.float64(output)),
        "reciprocal": partial(result, x * (np.float32(1) / output)),
        "halves to even": partial(result, right, np.rint),
        "halves up": lambda: int8(np.floor(right.astype(np.float64) + 0.5) + offset),
    }
    ends = Tensor(x.shape, dtype="float32"), Quantisation((float(output),), offset)
    make = partial(one_operator, "QUANTIZE", [ends[0]], [Tensor(x.shape, ends[1])])
    return Case(make, (x,), result(right), others)


test_quantize = tells(quantize, cases=5)
