from __future__ import annotations

import pytest
from amaranth.hdl import signed, unsigned
from hypothesis import given
from hypothesis import strategies as st

from cfuforge.base.errors import InputError
from cfuforge.cfu.shapes import (
    c_type,
    check_shape,
    decode,
    encode,
    limits,
    s8,
    s8x4,
    s16x2,
    s32,
    shape_name,
    u8x4,
    u32,
)

SHAPES = [s8, s32, u32, signed(9), unsigned(1), s8x4, u8x4, s16x2]
WORDS = st.integers(0, 2**32 - 1)


@given(st.sampled_from(SHAPES), WORDS)
def test_decoding_keeps_all_that_encoding_needs(shape: object, word: int) -> None:
    value = decode(shape, word)
    assert decode(shape, encode(shape, value, "x")) == value


@given(WORDS)
def test_a_full_word_survives(word: int) -> None:
    for shape in (s32, u32, s8x4, u8x4, s16x2):
        assert encode(shape, decode(shape, word), "x") == word


def test_known_words() -> None:
    assert decode(s8x4, 0x80FF017F) == (127, 1, -1, -128)
    assert decode(s16x2, 0x8000_FFFF) == (-1, -32768)
    assert decode(signed(9), 0x1FF) == -1
    assert encode(signed(9), -1, "x") == 0xFFFF_FFFF
    assert encode(s8x4, [127, 1, -1, -128], "x") == 0x80FF017F


def test_names_limits_and_c_types() -> None:
    assert [shape_name(shape) for shape in (s8, signed(9), s8x4)] == ["s8", "s9", "s8x4"]
    assert limits(s8x4) == (-128, 127)
    assert limits(unsigned(31)) == (0, 2**31 - 1)
    shapes = [s8, signed(9), unsigned(16), u32, s8x4]
    assert [c_type(shape) for shape in shapes] == [
        *("int8_t", "int32_t", "uint16_t", "uint32_t", "uint32_t")
    ]


@pytest.mark.parametrize(
    ("shape", "value", "message"),
    [
        (s8, 128, r"x must be -128\.\.127 \(s8\), not 128"),
        (u32, -1, r"x must be 0\.\."),
        (s32, 1.0, r"x must be an integer, not 1\.0"),
        (s8x4, 5, r"x must be a sequence of 4 integers, not 5"),
        (s8x4, [0, 0, 200, 0], r"lane 2 of x must be -128\.\.127"),
    ],
)
def test_values_out_of_range(shape: object, value: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        encode(shape, value, "x")


@pytest.mark.parametrize("shape", [signed(33), "s32", None, unsigned(0)])
def test_shapes_that_are_no_operand(shape: object) -> None:
    with pytest.raises(InputError, match=r"the shape of x must be a scalar or an ArrayLayout"):
        check_shape(shape, "x")
