"""Scales for which the arithmetic of an operator with two inputs shows."""

from __future__ import annotations

from functools import partial

import numpy as np

from support.adversarial import (
    RIGHT,
    Arithmetic,
    Case,
    Others,
    Values,
    edge,
    otherwise,
    output_scale,
    product,
    products,
    scale,
    scaled,
    tells,
    zero_point,
)
from support.graph import Quantisation, Tensor, one_operator

FIRST = np.arange(-128, 128).astype(np.int8).reshape(-1, 1)
SECOND = np.arange(-128, 128).astype(np.int8)


def added(name: str, rng: np.random.Generator) -> Case:
    """Return ADD or SUB of all pairs of values."""
    one, two = scale(rng, -4, 0), scale(rng, -4, 0)
    output = output_scale(rng, max(one, two))
    zeros = [zero_point(rng) for _ in range(3)]
    x, y = pairs(*zeros[:2])
    twice = 2 * max(one, two)

    def result(first: float, second: float, sum_: float, how: Arithmetic = RIGHT) -> Values:
        second_term = how.scaled(y << 20, second)
        terms = how.scaled(x << 20, first), second_term if name == "ADD" else -second_term
        return scaled(sum(terms), sum_, zeros[2], how)

    def single(value: float, by: float) -> float:
        return float(np.float32(value) / np.float32(by))

    finer = output * (1 << 20)
    right = one / twice, two / twice, twice / finer
    others = otherwise(result, *right)
    others["float32 of inputs"] = partial(result, single(one, twice), single(two, twice), right[2])
    others["float32 of the sum"] = partial(result, *right[:2], single(twice, finer))
    return binary(name, (one, two, output), zeros, result(*right), others)


def mul(rng: np.random.Generator) -> Case:
    one, two, output = product(rng, edge(rng, 1 << 14))
    zeros = [zero_point(rng) for _ in range(3)]
    x, y = pairs(*zeros[:2])

    def result(factor: float, how: Arithmetic = RIGHT) -> Values:
        return scaled(x * y, factor, zeros[2], how)

    right = one * two / output
    others = otherwise(result, right)
    for each, factor in products(one, two, output).items():
        others[each] = partial(result, factor)
    return binary("MUL", (one, two, output), zeros, result(right), others)


def prelu(rng: np.random.Generator) -> Case:
    input_, slope, output = product(rng, edge(rng, 1 << 14))
    if rng.random() < 0.5:
        output = output_scale(rng, input_)
    zeros = [zero_point(rng) for _ in range(3)]
    x, y = pairs(*zeros[:2])

    def result(steep: float, identity: float, how: Arithmetic = RIGHT) -> Values:
        negative = scaled(x * y, steep, zeros[2], how)
        return np.where(x < 0, negative, scaled(x, identity, zeros[2], how))

    right = input_ * slope / output, input_ / output
    others = otherwise(result, *right)
    identity = np.float32(input_) / np.float32(output)
    others["float32 identity"] = partial(result, right[0], identity)
    for each, factor in products(input_, slope, output).items():
        others[each] = partial(result, factor, right[1])
    return binary("PRELU", (input_, slope, output), zeros, result(*right), others)


def pairs(first: int, second: int) -> tuple[Values, Values]:
    """Return the inputs less their zero points."""
    return FIRST.astype(np.int64) - first, SECOND.astype(np.int64) - second


def binary(
    name: str,
    scales: tuple[float, float, float],
    zeros: list[int],
    right: Values,
    others: Others,
) -> Case:
    shapes = FIRST.shape, SECOND.shape, right.shape
    one, two, output = (
        Tensor(shape, Quantisation((each,), zero))
        for shape, each, zero in zip(shapes, scales, zeros, strict=True)
    )
    return Case(lambda: one_operator(name, [one, two], [output]), (FIRST, SECOND), right, others)


def add(rng: np.random.Generator) -> Case:
    return added("ADD", rng)


def sub(rng: np.random.Generator) -> Case:
    return added("SUB", rng)


test_binary = tells(add, sub, mul, prelu, cases=3)
