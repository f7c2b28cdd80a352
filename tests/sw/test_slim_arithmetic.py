"""The slim firmware's soft float, 64-bit division, shifts: bit for bit as this machine's."""

from __future__ import annotations

import ctypes
import operator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cfuforge.sw.objects import FIRMWARE
from cfuforge.sw.toolchain import Source, compile_host_library

SLIM = FIRMWARE / "slim"

COUNT = 1500  # values of each kind
FORMATS = {"df": np.dtype(np.float64), "sf": np.dtype(np.float32)}
ARITHMETIC = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide}
COMPARISONS = ["eq", "ne", "lt", "le", "gt", "ge"]
CORNERS = [0.0, -0.0, 0.5, 1, -1, 1.5, 3, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1]

Floats = NDArray[Any]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    path = tmp_path_factory.mktemp("slim") / "slim.so"
    names = ("SOFT_FLOAT(name)=soft_##name",)
    sources = [
        Source(SLIM / "soft_float.c", names),
        *(Source(SLIM / name) for name in ("division.c", "shift.c")),
    ]
    compile_host_library(sources, [], (), path)
    return ctypes.CDLL(str(path))


def word(dtype: Any) -> Any:
    return np.dtype(f"u{np.dtype(dtype).itemsize}")


def values(dtype: np.dtype[Any], seed: int) -> Floats:
    """Return any bits, usual numbers, short ones, subnormal ones, nearly infinite ones, corners."""
    rng, limits, unsigned = np.random.default_rng(seed), np.finfo(dtype), word(dtype)
    usual = (rng.standard_normal(COUNT) * np.exp(rng.uniform(-9, 9, COUNT))).astype(dtype)
    short = usual.view(unsigned) & ~unsigned.type((1 << limits.nmant - 10) - 1)
    tiny = rng.integers(0, 4 << limits.nmant, COUNT, dtype=unsigned)
    huge = rng.uniform(0.2, 1, COUNT).astype(dtype) * limits.max
    ends = [limits.max, limits.tiny, limits.smallest_subnormal, np.inf, -np.inf, np.nan]
    corners = rng.choice(np.array([*CORNERS, *ends], dtype), COUNT)
    any_bits = rng.integers(0, 1 << 8 * dtype.itemsize, COUNT, dtype=unsigned, endpoint=False)
    kinds = [any_bits.view(dtype), usual, short.view(dtype), tiny.view(dtype), huge, corners]
    return rng.permutation(np.concatenate(kinds))


def call(library: ctypes.CDLL, name: str, result: Any, *arguments: NDArray[Any]) -> NDArray[Any]:
    """Call a function for every element; values go as their bits."""
    function = getattr(library, name)
    kinds = {4: ctypes.c_uint32, 8: ctypes.c_uint64}
    function.argtypes = [kinds[array.dtype.itemsize] for array in arguments]
    function.restype = kinds[np.dtype(result).itemsize]
    columns = [array.view(word(array.dtype)).tolist() for array in arguments]
    got = [function(*each) for each in zip(*columns, strict=True)]
    return np.array(got, word(result)).view(result)


def assert_same(got: Floats, expected: Floats) -> None:
    """Every bit is the same; one NaN is like another."""
    assert got.dtype == expected.dtype
    same = got.view(word(got.dtype)) == expected.view(word(got.dtype))
    assert np.flatnonzero(~same & ~(np.isnan(got) & np.isnan(expected))).tolist() == []


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", ARITHMETIC)
def test_arithmetic(library: ctypes.CDLL, name: str, kind: str) -> None:
    a, b = values(FORMATS[kind], 1), values(FORMATS[kind], 2)
    with np.errstate(all="ignore"):
        expected = ARITHMETIC[name](a, b)
    assert_same(call(library, f"soft_{name}{kind}3", FORMATS[kind], a, b), expected)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", COMPARISONS)
def test_comparison(library: ctypes.CDLL, name: str, kind: str) -> None:
    a, b = values(FORMATS[kind], 3), values(FORMATS[kind], 4)
    b[::5] = a[::5]
    compare = getattr(operator, name)
    got = call(library, f"soft_{name}{kind}2", np.int32, a, b)
    assert (compare(got, 0) == compare(a, b)).all()


@pytest.mark.parametrize("kind", FORMATS)
def test_to_integer(library: ctypes.CDLL, kind: str) -> None:
    a = values(FORMATS[kind], 5)
    with np.errstate(all="ignore"):
        doubles = np.nan_to_num(a.astype(np.float64), nan=0.0)
    expected = np.trunc(doubles).clip(-(2**31), 2**31 - 1)
    got = call(library, f"soft_fix{kind}si", np.int32, a)
    assert got.tolist() == expected.astype(np.int32).tolist()


@pytest.mark.parametrize(
    ("name", "integer", "kind"),
    [("floatsi", np.int32, "df"), ("floatsi", np.int32, "sf"), ("floatunsi", np.uint32, "df")],
)
def test_from_integer(library: ctypes.CDLL, name: str, integer: Any, kind: str) -> None:
    rng, limits = np.random.default_rng(6), np.iinfo(integer)
    numbers = rng.integers(limits.min, limits.max, COUNT, integer, endpoint=True)
    numbers >>= rng.integers(0, 32, COUNT, integer)
    numbers[:4] = 0, 1, limits.min, limits.max
    expected = numbers.astype(FORMATS[kind])
    assert_same(call(library, f"soft_{name}{kind}", FORMATS[kind], numbers), expected)


def test_between_the_formats(library: ctypes.CDLL) -> None:
    floats, doubles = values(FORMATS["sf"], 7), values(FORMATS["df"], 8)
    assert_same(call(library, "soft_extendsfdf2", np.float64, floats), floats.astype(np.float64))
    steps = np.random.default_rng(9).choice(
        [0, 2.0**-25, 2.0**-24, 2.0**-24 + 2.0**-50], floats.size
    )
    with np.errstate(all="ignore"):
        near = floats.astype(np.float64) * (1 + steps)  # halfway between two floats, and nearly
        for each in (doubles, near):
            narrow = call(library, "soft_truncdfsf2", np.float32, each)
            assert_same(narrow, each.astype(np.float32))


def test_division(library: ctypes.CDLL) -> None:
    rng = np.random.default_rng(10)
    a = rng.integers(0, 2**64 - 1, COUNT, np.uint64) >> rng.integers(0, 64, COUNT, np.uint64)
    b = rng.integers(0, 2**64 - 1, COUNT, np.uint64) >> rng.integers(0, 64, COUNT, np.uint64)
    b = np.maximum(b, 1)
    a[:3], b[:3] = 2**64 - 1, [1, 2**63, 2**64 - 1]
    assert (call(library, "__udivdi3", np.uint64, a, b) == a // b).all()
    assert (call(library, "__umoddi3", np.uint64, a, b) == a % b).all()


@pytest.mark.parametrize(
    ("name", "kind", "shift"),
    [
        ("__ashldi3", np.uint64, np.left_shift),
        ("__lshrdi3", np.uint64, np.right_shift),
        ("__ashrdi3", np.int64, np.right_shift),
    ],
)
def test_shift(library: ctypes.CDLL, name: str, kind: Any, shift: Any) -> None:
    numbers = np.random.default_rng(11).integers(0, 2**64, COUNT, np.uint64).view(kind)
    for places in range(64):
        by = np.full(COUNT, places, np.int32)
        got = call(library, name, kind, numbers, by)
        assert (got == shift(numbers, kind(places))).all(), places
