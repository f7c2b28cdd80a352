"""Scales and sums for which the arithmetic of SVDF shows, in its state and in its output."""

from __future__ import annotations

from functools import partial

import numpy as np

from support.adversarial import (
    OTHERS,
    RIGHT,
    Arithmetic,
    Case,
    Values,
    otherwise,
    product,
    products,
    scaled,
    tells,
    zero_point,
)
from support.graph import Quantisation
from support.operators import svdf

UNITS = 256


def output(rng: np.random.Generator) -> Case:
    """Return an SVDF whose sums are its biases."""
    state, time, result_ = product(rng, 2.0 ** rng.uniform(-20, -15))
    offset = zero_point(rng)
    right = state * time / result_
    halves = rng.integers(-128 - offset, 128 - offset, UNITS) + 0.5
    sums = (np.rint(halves / right) + rng.integers(-3, 4, UNITS)).astype(np.int32)
    result = partial(scaled, sums, offset=offset)
    others = otherwise(result, right)
    others |= {each: partial(result, x) for each, x in products(state, time, result_).items()}
    scales = [Quantisation((each,)) for each in (0.5, 0.5, time, state)]
    nothing, ones = np.zeros((UNITS, 3), np.int8), np.ones((UNITS, 1), np.int16)
    scales.append(Quantisation((result_,), offset))
    x = np.zeros((1, 3), np.int8)
    return Case(lambda: svdf(1, 1, nothing, ones, sums, scales), (x,), result(right), others)


def state(rng: np.random.Generator) -> Case:
    """Return an SVDF with sums of -25,000 to 25,000, some of which tell each of the others."""
    input_, feature, state = product(rng, 2.0 ** rng.uniform(-5, -1))
    right = input_ * feature / state
    every = np.arange(-25_000, 25_000)
    rights = RIGHT.scaled(every, right)
    found = [how.scaled(every, right) for how in OTHERS.values()]
    found += [RIGHT.scaled(every, each) for each in products(input_, feature, state).values()]
    told = [rng.permutation(every[each != rights])[:16] for each in found]
    sums = np.concatenate([*told, rng.choice(every, UNITS)])[:UNITS]

    def result(factor: float, how: Arithmetic = RIGHT) -> Values:
        return how.scaled(sums, factor)

    others = otherwise(result, right)
    others |= {each: partial(result, x) for each, x in products(input_, feature, state).items()}
    most = (sums + 100) // 200
    weights = np.stack([sums - 200 * most, most], 1).astype(np.int8)
    ones, bias = np.ones((UNITS, 1), np.int16), np.zeros(UNITS, np.int32)
    scales = [Quantisation((each,)) for each in (feature, 0.5, state, 0.5)]
    scales.insert(0, Quantisation((input_,), -128))
    x = np.array([[1, 200]], np.int16) - 128
    make = partial(svdf, 1, 1, weights, ones, bias, scales, bias_scale=0.5 * state)
    return Case(make, (x.astype(np.int8),), result(right), others, of_variable=True)


test_svdf = tells(output, state, cases=5)
