"""The references of requantisation against the definition, written down independently."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from cfuforge.cfu.arithmetic import multiply_by_quantized_multiplier, requantise, wrap32

INT32 = st.integers(-(2**31), 2**31 - 1) | st.sampled_from([-(2**31), 2**31 - 1, 0, -1, 1])
MULTIPLIER = st.integers(0, 2**31 - 1) | st.sampled_from([0, 1, 2**30, 2**31 - 1])


def srdhm(a: int, b: int) -> int:
    """Gemmlowp: add a nudge, divide by 2**31 truncating toward zero."""
    product = a * b
    total = product + (2**30 if product >= 0 else 1 - 2**30)
    return abs(total) // 2**31 * (1 if total >= 0 else -1)


def half_away_from_zero(value: Fraction) -> int:
    return floor(value + Fraction(1, 2)) if value >= 0 else -floor(-value + Fraction(1, 2))


def expected(x: int, multiplier: int, shift: int) -> int:
    shifted = (x * 2 ** max(shift, 0)) & 0xFFFF_FFFF
    shifted -= (shifted >> 31) << 32
    return half_away_from_zero(Fraction(srdhm(shifted, multiplier), 2 ** max(-shift, 0)))


@given(INT32, MULTIPLIER, st.integers(-31, 30))
@example(-(2**31), 2**31 - 1, -31)
@example(-3, 2**30, -1)
def test_double_rounding(x: int, multiplier: int, shift: int) -> None:
    wanted = expected(x, multiplier, shift)
    assert multiply_by_quantized_multiplier(x, multiplier, shift) == wanted


@given(INT32, MULTIPLIER, st.integers(-31, 30), st.integers(-128, 127), st.data())
def test_offset_and_clamp(x: int, multiplier: int, shift: int, offset: int, data: object) -> None:
    low = data.draw(st.integers(-128, 127))  # type: ignore[attr-defined]
    high = data.draw(st.integers(low, 127))  # type: ignore[attr-defined]
    output = requantise(x, multiplier, shift, offset, low, high)
    assert output == min(max(expected(x, multiplier, shift) + offset, low), high)


def test_arrays_equal_their_elements() -> None:
    rng = np.random.default_rng(5)
    x = rng.integers(-(2**31), 2**31, (50, 4))
    multiplier, shift = rng.integers(0, 2**31, 4), np.array([-31, -7, 0, 4])
    whole = multiply_by_quantized_multiplier(x, multiplier, shift)
    for (row, k), value in np.ndenumerate(whole):
        assert value == expected(int(x[row, k]), int(multiplier[k]), int(shift[k]))


@given(st.integers(-(2**40), 2**40))
def test_wrap(value: int) -> None:
    wrapped = wrap32(value)
    assert -(2**31) <= wrapped < 2**31
    assert (wrapped - value) % 2**32 == 0
