"""Scales and sums for which the arithmetic of an LSTM shows, over two steps."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pytest
from numpy.typing import ArrayLike

from cfuforge.sw.kernels import NN
from support.adversarial import (
    OTHERS,
    RIGHT,
    Arithmetic,
    Case,
    Make,
    Values,
    check,
    each_other,
    int8,
    telling,
)
from support.graph import Quantisation
from support.operators import Gate, lstm

UNITS = 64
TABLE = (NN / "sigmoid_q15.h").read_text().split("{", 1)[1].split("}", 1)[0]
POINTS = np.array([int(word) for word in TABLE.split(",") if word.strip()])
SUM, PRODUCT = 2.0**-12, 2.0**-30  # scales of a gate's sum, and of two activations
GATES = ("input", "forget", "cell", "output")


def between(points: Values, bits: int) -> Values:
    """Return the sigmoid of points, which are 0 or more."""
    whole = np.minimum(points >> bits, 254)
    lower, upper = POINTS[whole], POINTS[whole + 1]
    inside = (lower << bits) + (points & ((1 << bits) - 1)) * (upper - lower)
    return inside


def sigmoid(x: Values) -> Values:
    size = abs(3 * x)
    upper = np.where(size >> 9 >= 255, 0x7FFF << 10, between(size, 9))
    return np.where(x < 0, (1 << 25) - upper + 511, upper + 512) >> 10


def tanh(x: Values, shift: int) -> Values:
    points = 3 * x << shift if shift >= 0 else (3 * x + (1 << (-shift - 1))) >> -shift
    size = abs(points)
    upper = np.where(size >> 8 >= 255, 0xFFFF << 8, between(size, 8))
    return np.where(points < 0, (1 << 23) - upper + 127, upper - (1 << 23) + 128) >> 8


def int16(values: ArrayLike) -> Values:
    return np.clip(values, -32768, 32767)


@dataclass(frozen=True)
class Factors:
    """By which the sums of the gates, of input and of hidden state, and the products are scaled."""

    gates: Values
    recurrent: Values
    cell: float
    hidden: float


@dataclass(frozen=True)
class Layer:
    """An LSTM whose gates see a bias, and of the hidden state their own unit's."""

    biases: Values
    weights: Values
    tanh_shift: int

    def gates(self, factors: Factors, hidden: Values, how: Arithmetic = RIGHT) -> list[Values]:
        """Return what the gates let through, in Q15."""
        pairs = zip(
            how.scaled(self.biases, factors.gates[:, None]),
            how.scaled(self.weights * hidden, factors.recurrent[:, None]),
            strict=True,
        )
        sums = [int16(int16(of_input) + int16(of_hidden)) for of_input, of_hidden in pairs]
        return [tanh(each, 0) if index == 2 else sigmoid(each) for index, each in enumerate(sums)]

    def run(self, factors: Factors, how: Arithmetic = RIGHT) -> tuple[Values, Values]:
        """Return the cell state after two steps, and the outputs of both."""
        cell, hidden, outputs = np.zeros(UNITS, np.int64), np.zeros(UNITS, np.int64), []
        for _ in range(2):
            new, kept, value, out = self.gates(factors, hidden, how)
            old = int16(how.scaled(kept * cell, 2.0**-15))
            cell = int16(old + int16(how.scaled(new * value, factors.cell)))
            product = tanh(cell, self.tanh_shift) * out
            hidden = int8(how.scaled(product, factors.hidden)).astype(np.int64)
            outputs.append(hidden)
        return cell, np.stack(outputs)


def long_scale(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a scale of 24 bits, as a product of fewer is the same in float32."""
    return float(np.float32(2.0 ** rng.uniform(low, high)))


def float32(a: ArrayLike, b: float) -> Values:
    """Return the product in float32."""
    return (np.asarray(a, np.float32) * np.float32(b)).astype(np.float64)


def case(tensor: int, rng: np.random.Generator) -> Case:
    """Return an LSTM, and what its cell state (0) or its outputs (1) would be."""
    input_ = long_scale(rng, -8, -6)
    filters = np.array([long_scale(rng, -21, -18) for _ in GATES])
    gates = filters * input_ / SUM
    halves = rng.integers(-4000, 4000, (4, UNITS)) + 0.5
    biases = np.rint(halves / gates[:, None]).astype(np.int64) + rng.integers(-2, 3, (4, UNITS))
    nothing = np.zeros((4, UNITS), np.int64)
    new, _, value, out = Layer(biases, nothing, 0).gates(Factors(gates, gates, 0, 0), nothing[0])
    cell = next_to_a_tie(new[0] * value[0], int(rng.integers(3000, 9000)))
    layer = Layer(biases, nothing, 12 + round(math.log2(cell)))
    state = int16(RIGHT.scaled(new * value, PRODUCT / cell))
    hidden = next_to_a_tie(tanh(state, layer.tanh_shift)[0] * out[0], int(rng.integers(20, 127)))
    right = Factors(gates, np.zeros(4), PRODUCT / cell, PRODUCT / hidden)
    known = layer.run(right)[1][0]
    weights = rng.integers(-20, 20, (4, UNITS))
    weights[:, :4] = rng.integers(60, 128, (4, 4))
    recurrents = np.diag(next_to_ties(weights[:, :4] * known[:4], rng)) * SUM / hidden
    recurrents = recurrents.astype(np.float32).astype(np.float64)
    layer = replace(layer, weights=weights)
    right = replace(right, recurrent=recurrents * hidden / SUM)
    single = replace(
        right, gates=float32(filters, input_) / SUM, recurrent=float32(recurrents, hidden) / SUM
    )

    other = {each: (right, how) for each, how in OTHERS.items()}
    for index, name in enumerate(GATES):
        this = np.arange(4) == index
        some = replace(right, gates=np.where(this, single.gates, right.gates))
        other[f"{name} gate in float32"] = some, RIGHT
        some = replace(right, recurrent=np.where(this, single.recurrent, right.recurrent))
        other[f"hidden state of the {name} gate in float32"] = some, RIGHT
    of_cell, of_hidden = (float32(PRODUCT, 1) / np.float32(each) for each in (cell, hidden))
    other["cell state in float32"] = replace(right, cell=np.float32(of_cell)), RIGHT
    other["hidden state in float32"] = replace(right, hidden=np.float32(of_hidden)), RIGHT

    def result(factors: Factors, how: Arithmetic) -> Values:
        return layer.run(factors, how)[tensor]

    made = [
        Gate(
            np.zeros((UNITS, 1), np.int8),
            np.diag(own).astype(np.int8),
            bias.astype(np.int32),
            Quantisation((filter_,)),
            Quantisation((recurrent,)),
        )
        for own, bias, filter_, recurrent in zip(
            layer.weights, biases, filters, recurrents, strict=True
        )
    ]
    x = np.zeros((1, 2, 1), np.int8)
    make = partial(lstm, x.shape, made, Quantisation((input_,)), Quantisation((hidden,)), cell)
    others = {name: partial(result, *each) for name, each in other.items()}
    return Case(make, (x,), result(right, RIGHT), others, of_variable=not tensor)


def next_to_a_tie(product: int, result: int) -> float:
    """Return a scale in which a product of two activations is next to `result` and a half."""
    return float(np.float32(PRODUCT * max(abs(int(product)), 1 << 22) / (result + 0.5)))


def next_to_ties(sums: Values, rng: np.random.Generator) -> Values:
    """Return factors that take sums next to a half, before the first of two roundings."""
    sizes = np.maximum(abs(sums), 1000)
    halves = rng.integers(300, 3000, sums.shape) + 0.5
    right = -np.frexp(halves / sizes)[1]
    return np.where(right > 0, halves - 2.0 ** -(right + 1), halves) / sizes


def cell_state(rng: np.random.Generator) -> Case:
    return case(0, rng)


def outputs(rng: np.random.Generator) -> Case:
    return case(1, rng)


@each_other(cell_state, outputs)
def test_lstm(make: Make, other: str) -> None:
    if (make is outputs) != ("output gate" in other or other == "hidden state in float32"):
        pytest.skip("the other tensor tells it better")
    for each in telling(make, other, 1):
        check(each, other)
