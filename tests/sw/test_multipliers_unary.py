"""Scales for which the arithmetic of a rescaling operator with one input shows."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from support.adversarial import (
    RIGHT,
    Arithmetic,
    Case,
    Others,
    Values,
    int8,
    otherwise,
    output_scale,
    scale,
    tells,
    zero_point,
)
from support.graph import Quantisation, Tensor, one_operator

ALL = np.arange(-128, 128).astype(np.int8)


def rescaling(name: str, rng: np.random.Generator) -> Case:
    """Return RELU, ABS or QUANTIZE of all values."""
    input_ = scale(rng, -4, -2)
    output = output_scale(rng, input_)
    zero, offset = zero_point(rng), zero_point(rng)
    x = ALL.astype(np.int64) - zero
    least = offset if name == "RELU" else -128

    def result(factor: float, how: Arithmetic = RIGHT) -> Values:
        value = how.scaled(abs(x) if name == "ABS" else x, factor) + offset
        return int8(np.maximum(value, least))

    others = otherwise(result, input_ / output)
    others["float32"] = partial(result, float(np.float32(input_) / np.float32(output)))
    if name != "QUANTIZE":
        del others["halves up"]  # there are no negative results
    return unary(name, (input_, zero), (output, offset), result(input_ / output), others)


def leaky_relu(rng: np.random.Generator) -> Case:
    input_, alpha = scale(rng, -4, -2), scale(rng, -5, 1)
    output = output_scale(rng, alpha * input_ if rng.random() < 0.5 else input_)
    alpha *= int(rng.choice([1, -1]))
    zero, offset = zero_point(rng), zero_point(rng)
    x = ALL.astype(np.int64) - zero

    def result(slope: float, identity: float, how: Arithmetic = RIGHT) -> Values:
        factors = (how.scaled(x, factor) for factor in (slope, identity))
        return int8(np.where(x < 0, *factors) + offset)

    a, i, o = np.float32([alpha, input_, output])
    right = alpha * input_ / output, input_ / output
    others = otherwise(result, *right)
    others["float32 identity"] = partial(result, right[0], float(i / o))
    others["float32 slope"] = partial(result, float(a * i / o), right[1])
    others["float32 product"] = partial(result, float(a * i) / output, right[1])
    others["float32 quotient"] = partial(result, alpha * float(i / o), right[1])
    ends = (input_, zero), (output, offset)
    return unary("LEAKY_RELU", *ends, result(*right), others, alpha=alpha)


def unary(
    name: str,
    input_: tuple[float, int],
    output: tuple[float, int],
    right: Values,
    others: Others,
    **options: Any,
) -> Case:
    ends = (Tensor(ALL.shape, Quantisation((each,), zero)) for each, zero in (input_, output))
    first, last = ends
    return Case(lambda: one_operator(name, [first], [last], **options), (ALL,), right, others)


def relu(rng: np.random.Generator) -> Case:
    return rescaling("RELU", rng)


def abs_(rng: np.random.Generator) -> Case:
    return rescaling("ABS", rng)


def quantize(rng: np.random.Generator) -> Case:
    return rescaling("QUANTIZE", rng)


test_unary = tells(relu, abs_, quantize, leaky_relu, cases=10)
