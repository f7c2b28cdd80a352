"""Scales for which the arithmetic of SOFTMAX, LOGISTIC and TANH shows: gemmlowp's fixed point."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from support.adversarial import RIGHT, Case, Others, Values, int8, tells, zero_point
from support.graph import Quantisation, Tensor, one_operator
from support.operators import softmax as softmax_model

ALL = np.arange(-128, 128).astype(np.int8)
ONE = (1 << 31) - 1


def high(a: ArrayLike, b: ArrayLike) -> Values:
    return (np.asarray(a, np.int64) * b + (1 << 30)) >> 31


def divided(x: Values, right: int) -> Values:
    return (x + ((1 << right) >> 1) - (x < 0)) >> right if right else x


def exponential(x: Values, bits: int) -> Values:
    """Return exp(x) in Q31 of x <= 0 with so many bits before the point."""
    quarter = 1 << (29 - bits)
    part = (x & (quarter - 1)) - quarter
    d = (part << bits) + (1 << 28)
    d2 = high(d, d)
    d3, d4 = high(d2, d), high(d2, d2)
    tail = divided(high(divided(d4, 2) + d3, round(2**31 / 3)) + d2, 1)
    eighth = round(math.exp(-0.125) * 2**31)
    result = eighth + high(d + tail, eighth)
    for k in range(bits + 2):
        factor = high(result, round(math.exp(-(2.0 ** (k - 2))) * 2**31))
        result = np.where((part - x) & (quarter << k), factor, result)
    return np.where(x == 0, ONE, result)


def twice_reciprocal(x: Values, steps: int = 3) -> Values:
    """Return 2 / (1 + x) in Q29 of x in Q31."""
    half = (x + (1 << 31)) // 2
    guess = round(48 / 17 * 2**29) + high(half, -round(32 / 17 * 2**29))
    for _ in range(steps):
        guess = guess + (high(guess, (1 << 29) - high(half, guess)) << 2)
    return guess


def logistic(rng: np.random.Generator) -> Case:
    input_, x, zero = curve(rng)
    scaled = RIGHT.scaled(x, input_ * 2**27)

    def result(steps: int = 3) -> Values:
        positive = np.minimum(twice_reciprocal(exponential(-abs(scaled), 4), steps) * 2, ONE)
        q31 = np.where(x > 0, positive, ONE - positive)
        return limited(input_, x, divided(np.where(x == 0, 1 << 30, q31), 23) - 128)

    others: Others = {"two steps of Newton's": partial(result, 2)}
    return case("LOGISTIC", input_, zero, Quantisation((1 / 256,), -128), result(), others)


def tanh(rng: np.random.Generator) -> Case:
    input_, x, zero = curve(rng)
    scaled = RIGHT.scaled(x, input_ * 2**27)

    def result(steps: int = 3) -> Values:
        twice = twice_reciprocal(exponential(-abs(scaled), 5), steps)
        positive = np.clip((twice - (1 << 29)) * 4, -ONE, ONE)
        return limited(input_, x, divided(np.sign(x) * positive, 24))

    others: Others = {"two steps of Newton's": partial(result, 2)}
    return case("TANH", input_, zero, Quantisation((1 / 128,)), result(), others)


def curve(rng: np.random.Generator) -> tuple[float, Values, int]:
    """Return a scale, all values less their zero point, and that."""
    zero = zero_point(rng)
    return float(np.float32(2.0 ** rng.uniform(-8, -4))), ALL.astype(np.int64) - zero, zero


def limited(input_: float, x: Values, values: Values) -> Values:
    """Return the values within the range of the fixed point, and the limits beyond it."""
    radius = int(15 * 2**27 // 2 ** max(RIGHT.quantize(input_ * 2**27)[1], 0))
    return int8(np.where(x <= -radius, -128, np.where(x >= radius, 127, values)))


def case(
    name: str,
    input_: float,
    zero: int,
    output: Quantisation,
    right: Values,
    others: Others,
) -> Case:
    first = Tensor(ALL.shape, Quantisation((input_,), zero))
    return Case(
        partial(one_operator, name, [first], [Tensor(ALL.shape, output)]), (ALL,), right, others
    )


def softmax(rng: np.random.Generator) -> Case:
    """Return rows of a SOFTMAX to int16."""
    input_, beta = (float(np.float32(2.0 ** rng.uniform(*each))) for each in ((-8, -5), (-1, 1)))
    x = rng.integers(-128, 128, (16, 64)).astype(np.int8)
    differences = x.astype(np.int64) - x.max(1, keepdims=True)

    def result(factor: float) -> Values:
        exponentials = exponential(RIGHT.scaled(differences, factor), 5)
        least = -int(31 * 2**26 // 2 ** RIGHT.quantize(factor)[1])
        inside = differences >= least
        values = []
        for row, kept in zip(exponentials, inside, strict=True):
            sum_ = int(divided(row, 12)[kept].sum())
            headroom = 32 - sum_.bit_length()
            excess = np.array((sum_ << headroom) - (1 << 31))
            scale = np.minimum(twice_reciprocal(excess) * 2, ONE)
            each = divided(high(scale, row), 12 - headroom + 31 - 16)
            values.append(np.where(kept, each, 0) - 32768)
        return np.clip(values, -32768, 32767)

    right = beta * input_ * 2**26
    single = float(np.float32(beta) * np.float32(input_)) * 2**26
    others: Others = {"float32": partial(result, single)}
    output = Tensor(x.shape, Quantisation((2.0**-16,), -32768), dtype="int16")
    make = partial(softmax_model, x.shape, input_, 3, beta, output)
    return Case(make, (x,), result(right), others)


test_curves = tells(softmax, logistic, tanh, cases=3)
