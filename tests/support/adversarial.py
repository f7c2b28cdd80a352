"""Cases whose results distinguish TFLM's arithmetic from other precisions, orders or roundings."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from cfuforge.cfu.arithmetic import multiply_by_quantized_multiplier
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model
from support.kernels import plain_runtime

__all__ = ["OTHERS", "RIGHT", "Arithmetic", "Case", "Make", "Others", "Values"]
__all__ += ["check", "each_other", "edge", "int8", "otherwise", "output_scale", "product"]
__all__ += ["products", "quantize_multiplier", "scale", "scaled", "telling", "tells", "zero_point"]

Values = NDArray[Any]
Others = dict[str, Callable[[], Values]]
_MOST_TRIES = 200_000


def quantize_multiplier(real: float) -> tuple[int, int]:
    """Convert `real` to a multiplier below 2^31 and a shift (positive is left).

    Equals TFLM's ``QuantizeMultiplier``: a shift below -31 gives (0, 0).
    """
    fraction, shift = math.frexp(real)
    multiplier = math.floor(fraction * (1 << 31) + 0.5)  # halves away from zero, as fraction > 0
    if multiplier == 1 << 31:
        multiplier, shift = multiplier // 2, shift + 1
    return (multiplier, shift) if real and shift >= -31 else (0, 0)


@dataclass(frozen=True)
class Arithmetic:
    """How to convert factors to multiplier and shift, and to multiply; by default as in TFLM."""

    quantize: Callable[[float], tuple[int, int]] = quantize_multiplier
    multiply: Callable[..., NDArray[np.int64]] = multiply_by_quantized_multiplier

    def scaled(self, x: ArrayLike, factor: ArrayLike) -> NDArray[np.int64]:
        """Return `x` times `factor`, rounded."""
        factors = np.asarray(factor, np.float64)
        pairs = np.array([self.quantize(abs(float(each))) for each in factors.ravel()], np.int64)
        multiplier, shift = pairs.T.reshape(2, *factors.shape)
        return self.multiply(x, np.where(factors < 0, -multiplier, multiplier), shift)


def _truncated(factor: float) -> tuple[int, int]:
    multiplier, shift = quantize_multiplier(factor)
    return multiplier - (math.ldexp(factor, 31 - shift) < multiplier), shift


def _once(x: ArrayLike, multiplier: ArrayLike, shift: ArrayLike) -> NDArray[np.int64]:
    """Round only once, after the shift."""
    right = 31 - np.asarray(shift, np.int64)
    return (np.asarray(x, np.int64) * multiplier + (np.int64(1) << (right - 1))) >> right


def _halves_up(x: ArrayLike, multiplier: ArrayLike, shift: ArrayLike) -> NDArray[np.int64]:
    """Round halves up rather than away from zero."""
    left, right = np.maximum(shift, 0), np.maximum(np.negative(shift), 0)
    high = ((np.asarray(x, np.int64) << left) * multiplier + (1 << 30)) >> 31
    return (high + ((np.int64(1) << right) >> 1)) >> right


RIGHT = Arithmetic()
OTHERS = {
    "truncated multiplier": Arithmetic(quantize=_truncated),
    "one rounding": Arithmetic(multiply=_once),
    "halves up": Arithmetic(multiply=_halves_up),
}


@dataclass(frozen=True)
class Case:
    """A model and its inputs, with numpy's results in TFLM's and in other arithmetics.

    The result is the output, or the value of the model's only variable after the inference.
    """

    model: Callable[[], Model]
    inputs: tuple[Values, ...]
    right: Values
    others: Others
    of_variable: bool = False


Make = Callable[[np.random.Generator], Case]


def telling(make: Make, other: str, count: int) -> Iterator[Case]:
    """Yield `count` random cases in which the arithmetic `other` gives a different result."""
    rng = np.random.default_rng(1)
    for _ in range(_MOST_TRIES):
        case = make(rng)
        if (case.others[other]() != case.right).any():
            yield case
            count -= 1
        if not count:
            return
    raise AssertionError(f"{_MOST_TRIES} random cases do not tell {other}")


def check(case: Case, other: str) -> None:
    """Check that TFLM does not use the arithmetic `other`, and that the runtime equals TFLM."""
    model = case.model()
    expected = Oracle(model, keep_all=True).run_layers(*case.inputs)
    runtime = plain_runtime(model, preserve_all_tensors=True)
    runtime(*case.inputs)
    *variables, output = model.operators[0].written[::-1]
    told = expected[(variables[0] if case.of_variable else output).index].ravel()
    np.testing.assert_array_equal(case.right.ravel(), told)
    assert (case.others[other]().ravel() != told).any()
    for tensor in (output, *variables):
        np.testing.assert_array_equal(runtime.tensor(tensor), expected[tensor.index])


def each_other(*makes: Make) -> pytest.MarkDecorator:
    """Parametrise a test with all pairs of ``make`` and ``other``."""
    pairs = [(make, other) for make in makes for other in make(np.random.default_rng(1)).others]
    ids = [f"{make.__name__}-{other}" for make, other in pairs]
    return pytest.mark.parametrize(("make", "other"), pairs, ids=ids)


def tells(*makes: Make, cases: int) -> Callable[[Make, str], None]:
    """Return a test with `cases` telling cases for each maker and each other arithmetic."""

    @each_other(*makes)
    def test(make: Make, other: str) -> None:
        for case in telling(make, other, cases):
            check(case, other)

    return test


def otherwise(result: Callable[..., Values], *right: Any) -> Others:
    """Return `result` of the right factors, in each of the other arithmetics."""
    return {name: partial(result, *right, how=how) for name, how in OTHERS.items()}


def scale(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a float32 of 2^low to 2^high, often one with few bits, which makes ties likely."""
    fraction, exponent = math.frexp(2.0 ** rng.uniform(low, high))
    bits = int(rng.integers(2, 8)) if rng.random() < 0.5 else 24
    return math.ldexp(max(round(math.ldexp(fraction, bits)), 1), exponent - bits)


def edge(rng: np.random.Generator, most: int = 255) -> float:
    """Return a factor that puts a value up to `most` on the edge between two int8 results."""
    value, half = int(rng.integers(max(most // 2, 1), most + 1)), int(rng.integers(20, 127)) + 0.5
    right = -math.frexp(half / value)[1]
    return (half - (2.0 ** -(right + 1) if right > 0 else 0)) / value  # of the first rounding


def output_scale(rng: np.random.Generator, unit: float) -> float:
    """Return any scale, or one in which a value is as near to an edge as float32 allows."""
    if rng.random() < 0.5:
        return scale(rng, *(math.log2(unit) + np.array([-1.0, 4.0])))
    return float(np.float32(unit / edge(rng)))


def zero_point(rng: np.random.Generator) -> int:
    """Return a zero point that is often 0 or at an end of the range."""
    return int(rng.choice([-128, 127, 0, rng.integers(-128, 128)]))


def product(rng: np.random.Generator, factor: float) -> tuple[float, float, float]:
    """Return scales a, b and c such that a * b / c is close to `factor`.

    Often the result is half way between two multipliers, and another order rounds differently.
    """
    fraction, exponent = math.frexp(factor)
    whole = round(math.ldexp(fraction, 32)) | 1
    first = _ODD[whole % _ODD == 0].max(initial=1)
    if whole // first * 3 >= 1 << 24 or rng.random() < 0.3:
        a, b = scale(rng, -9, -5), scale(rng, -9, -5)
        return a, b, float(np.float32(a * b / factor))
    factors = int(first), whole // int(first)
    most = [min((1 << 24) // each, 127) for each in factors]
    for _ in range(_DRAWS):
        one, other = (2 * int(rng.integers(1, (each + 1) // 2)) + 1 for each in most)
        a, b = math.ldexp(factors[0] * one, -30), math.ldexp(factors[1] * other, -30)
        c = math.ldexp(one * other, -28 - exponent)
        if len({quantize_multiplier(each) for each in (a * b / c, a / c * b, a * (b / c))}) > 1:
            break
    return a, b, c


_DRAWS = 50  # one in 20 succeeds
_ODD = np.arange(1, 1 << 16, 2)


def products(a: float, b: ArrayLike, c: float) -> dict[str, Values]:
    """Return a * b / c in other precisions and orders, by name."""
    second = np.asarray(b, np.float64)
    x, y, z = np.float32(a), second.astype(np.float32), np.float32(c)
    return {
        "float32": x * y / z,
        "float32 product": np.float64(x * y) / c,
        "float32 quotient": np.float64(x / z) * second,
        "first quotient first": a / c * second,
        "second quotient first": a * (second / c),
    }


def scaled(x: ArrayLike, factor: ArrayLike, offset: int, how: Arithmetic = RIGHT) -> Values:
    """Return int8 values: `x` times `factor`, plus `offset`."""
    return int8(how.scaled(x, factor) + offset)


def int8(values: ArrayLike) -> Values:
    """Saturate the values to int8."""
    return np.clip(values, -128, 127).astype(np.int8)
