"""Scales for which the arithmetic of HARD_SWISH shows, whose multipliers have 16 bits."""

from __future__ import annotations

from functools import partial

import numpy as np

from support.adversarial import Case, Values, int8, quantize_multiplier, scale, tells, zero_point
from support.graph import Quantisation, Tensor, one_operator

THIRD = 3 / 32768
ALL = np.arange(-128, 128).astype(np.int8)


def next_to_a_tie(rng: np.random.Generator, unit: float) -> float:
    """Return a float32 that in units is next to half way between two multipliers of 16 bits."""
    half = int(rng.integers(1 << 14, 1 << 15)) + 0.5
    return float(np.float32(half * unit * 2.0 ** -int(rng.integers(12, 15))))


def int16(values: Values) -> Values:
    return np.clip(values, -32768, 32767)


def short(factor: float, half: int = 1 << 15) -> tuple[int, int]:
    """Return a multiplier of 16 bits, and its shift."""
    multiplier, shift = quantize_multiplier(factor)
    return min((multiplier + half) >> 16, 32767), shift


def doubled(a: Values, b: Values | int, half: int = 1 << 14) -> Values:
    """Return a * b / 2^15, rounded half away from zero, or truncated where `half` is 0."""
    product = a * b
    return int16(np.sign(product) * ((abs(product) + half) >> 15))


def divided(x: Values, right: int, up: bool = False) -> Values:
    """Return x / 2^right, rounded half away from zero, or halves up."""
    if right == 0:
        return x
    return (x + (1 << (right - 1)) - (0 if up else (x < 0))) >> right


def hard_swish(rng: np.random.Generator) -> Case:
    input_ = scale(rng, -6, -3)
    output = float(np.float32(input_ / next_to_a_tie(rng, 0.5)))
    zero, offset = zero_point(rng), zero_point(rng)
    x = (ALL.astype(np.int64) - zero) << 7
    factors = input_ / 128 / output, input_ / 128 / THIRD

    def result(
        to_output: float, to_gate: float, cut: int = 1 << 15, half: int = 1 << 14, up: bool = False
    ) -> Values:
        multiplier, shift = short(to_output, cut)
        value = doubled(x, multiplier, half)
        gate_multiplier, gate_shift = short(to_gate, cut)
        left = max(gate_shift, 0)
        gate = int16(x << (left - 1)) if left else x
        gate = doubled(gate, gate_multiplier, half)
        gate = int16(2 * gate) if left else divided(gate, -gate_shift, up)
        gate = divided(gate, left - gate_shift, up) if left and left - gate_shift else gate
        gate = (gate + (1 << 15)) >> 1
        product = gate * value
        product = np.sign(product) * (abs(product) >> 15)
        return int8(divided(product, -shift, up) + offset)

    finer = np.float32(input_) / np.float32(128)
    others = {
        "output in float32": partial(result, float(finer / np.float32(output)), factors[1]),
        "truncated multipliers": partial(result, *factors, 0),
        "truncated products": partial(result, *factors, half=0),
        "halves up": partial(result, *factors, up=True),
    }
    ends = Quantisation((input_,), zero), Quantisation((output,), offset)
    first, last = (Tensor(ALL.shape, each) for each in ends)
    make = partial(one_operator, "HARD_SWISH", [first], [last])
    return Case(make, (ALL,), result(*factors), others)


test_hard_swish = tells(hard_swish, cases=3)
