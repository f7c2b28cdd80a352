"""TensorFlow Lite Micro's int8 requantisation, bit for bit, on ints or whole arrays.

References
----------
TensorFlow Lite Micro's ``MultiplyByQuantizedMultiplier`` in its default, double-rounding build;
gemmlowp's ``SaturatingRoundingDoublingHighMul`` and ``RoundingDivideByPOT``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["multiply_by_quantized_multiplier", "requantise", "wrap32"]

Int64s = npt.NDArray[np.int64]


def wrap32(value: int) -> int:
    """Return `value` wrapped to a signed 32-bit integer."""
    return (value + (1 << 31)) % (1 << 32) - (1 << 31)


def multiply_by_quantized_multiplier(
    x: npt.ArrayLike, multiplier: npt.ArrayLike, shift: npt.ArrayLike
) -> Int64s:
    """Scale accumulators by ``multiplier / 2**31 * 2**shift`` with TFLM's two roundings.

    Parameters
    ----------
    x
        Accumulators, signed 32 bits.
    multiplier
        0..2**31 - 1, broadcast against `x`.
    shift
        -32..31, positive to the left, broadcast against `x`. A left shift wraps to 32 bits.

    Returns
    -------
    numpy.ndarray
        int64 values within signed 32 bits, of the broadcast shape (0-dimensional for ints).
    """
    value = np.asarray(x, dtype=np.int64)
    q = np.asarray(multiplier, dtype=np.int64)
    s = np.asarray(shift, dtype=np.int64)
    left, right = np.maximum(s, 0), np.maximum(-s, 0)
    value = ((value << left) + 2**31) % 2**32 - 2**31
    high = (value * q + 2**30) >> 31
    half = np.where(right > 0, np.int64(1) << np.maximum(right - 1, 0), 0)
    negative = (high < 0) & (right > 0)
    return np.asarray((high + half - negative) >> right, dtype=np.int64)


def requantise(
    x: npt.ArrayLike,
    multiplier: npt.ArrayLike,
    shift: npt.ArrayLike,
    output_offset: npt.ArrayLike,
    activation_min: npt.ArrayLike,
    activation_max: npt.ArrayLike,
) -> Int64s:
    """Turn accumulators into int8 outputs: scale, add the output offset, clamp.

    `output_offset`, `activation_min` and `activation_max` are -128..127; the lower limit is applied
    first. The other parameters and the result are as in `multiply_by_quantized_multiplier`.
    """
    scaled: Any = multiply_by_quantized_multiplier(x, multiplier, shift)
    shifted = scaled + np.asarray(output_offset, dtype=np.int64)
    return np.asarray(np.minimum(np.maximum(shifted, activation_min), activation_max), np.int64)
