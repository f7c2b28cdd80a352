"""Scales and sums for which the arithmetic of SUM and MEAN shows."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from support import operators
from support.adversarial import (
    RIGHT,
    Arithmetic,
    Case,
    Values,
    int8,
    otherwise,
    output_scale,
    scale,
    scaled,
    tells,
    zero_point,
)
from support.graph import Quantisation

COLUMNS = 256


def sum_(rng: np.random.Generator) -> Case:
    x, zero = columns(rng)
    input_ = scale(rng, -8, -4)
    output, offset = output_scale(rng, input_ * len(x)), zero_point(rng)
    sums = x.sum(0, dtype=np.int64) - zero * len(x)
    result, right = partial(scaled, sums, offset=offset), input_ / output
    others = otherwise(result, right)
    others["float32"] = partial(result, np.float32(input_) / np.float32(output))
    model = operators.sum_
    ends = Quantisation((input_,), zero), Quantisation((output,), offset)
    return Case(lambda: model(x.shape, [0], *ends), (x,), result(right), others)


def mean(rng: np.random.Generator) -> Case:
    x, zero = columns(rng)
    count = len(x)
    input_ = scale(rng, -8, -4)
    output, offset = output_scale(rng, input_), zero_point(rng)
    sums = x.sum(0, dtype=np.int64) - zero * count

    def result(factor: float, how: Arithmetic = RIGHT, up: int = 0) -> Values:
        multiplier, shift = how.quantize(factor)
        more = min(count.bit_length() - 1, 31 + shift)
        each = ((multiplier << more) + up) // count
        return int8(how.multiply(sums, each, shift - more) + offset)

    right = input_ / output
    others = otherwise(result, right)
    others["float32"] = partial(result, float(np.float32(input_) / np.float32(output)))
    others["rounded quotient"] = partial(result, right, up=count // 2)
    others["a multiplier of the mean's factor"] = lambda: scaled(sums, right / count, offset)
    others["the mean first"] = lambda: scaled(np.rint(sums / count), right, offset)
    ends = Quantisation((input_,), zero), Quantisation((output,), offset)
    return Case(lambda: operators.mean(x.shape, [0], *ends), (x,), result(right), others)


def columns(rng: np.random.Generator) -> tuple[NDArray[np.int8], int]:
    """Return columns of values with sums of any size, and a zero point."""
    middle, count = rng.integers(-128, 128, COLUMNS), int(rng.integers(2, 60))
    values = np.clip(middle + rng.integers(-9, 10, (count, COLUMNS)), -128, 127)
    return values.astype(np.int8), zero_point(rng)


test_reductions = tells(sum_, mean, cases=5)
