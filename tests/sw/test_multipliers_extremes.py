"""Factors at the ends of what a multiplier and a shift can say."""

from __future__ import annotations

import numpy as np
import pytest
from test_multipliers import CHANNELS, conv_2d_model, fully_connected_model

from support.adversarial import RIGHT, Arithmetic, Case, check, int8, quantize_multiplier
from support.graph import Quantisation

NEARLY_ONE = (1 + 2.0**-17, 1 - 2.0**-17)  # whose product rounds to 1
ENDS = np.array([-(2**31), 2**31 - 1, -(2**30), 2**30 - 1, -1, 0, 1, -(2**31) + 1], np.int64)


def not_renormalised(factor: float) -> tuple[int, int]:
    """Leave a multiplier of 2^31, which is no int32."""
    multiplier, shift = quantize_multiplier(factor)
    return (-(2**31), shift - 1) if multiplier == 1 << 30 else (multiplier, shift)


def least_shift_30(factor: float) -> tuple[int, int]:
    multiplier, shift = quantize_multiplier(factor)
    return (0, 0) if shift < -30 else (multiplier, shift)


def no_left_shift(factor: float) -> tuple[int, int]:
    multiplier, shift = quantize_multiplier(factor)
    return (2**31 - 1, 0) if shift > 0 else (multiplier, shift)


@pytest.mark.parametrize("make", [fully_connected_model, conv_2d_model])
@pytest.mark.parametrize(
    ("exponent", "wrong"),
    [
        (-23, not_renormalised),
        (-31, least_shift_30),
        (-32, lambda factor: (1 << 30, -31)),
        (2, no_left_shift),
        (24, no_left_shift),
    ],
)
def test_ends(make, exponent, wrong) -> None:  # type: ignore[no-untyped-def]
    one, other = NEARLY_ONE if exponent == -23 else (1.25, 0.75)
    output = 2.0**-exponent
    halves = np.arange(-28, 28) + 0.5
    near = np.rint(halves * output / one / other) if exponent < 0 else np.arange(-28, 28)
    sums = np.concatenate([ENDS, np.clip(near, -(2**31), 2**31 - 1)])
    sums = np.resize(sums, CHANNELS).astype(np.int32)
    factor = one * other / output

    def result(arithmetic: Arithmetic) -> np.ndarray:
        return int8(arithmetic.scaled(sums, factor))

    case = Case(
        lambda: make(Quantisation((one,)), Quantisation((other,)), sums, Quantisation((output,))),
        (np.zeros((1, 4) if make is fully_connected_model else (1, 1, 1, 4), np.int8),),
        result(RIGHT),
        {"other": lambda: result(Arithmetic(quantize=wrong))},
    )
    check(case, "other")
