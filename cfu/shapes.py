"""The shapes of operands in 32-bit words: their Amaranth shapes, Python values and C types."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, TypeAlias

from amaranth.hdl import Shape, signed, unsigned
from amaranth.lib.data import ArrayLayout

from cfuforge.base.errors import InputError

__all__ = [
    "Value",
    "c_type",
    "decode",
    "encode",
    "limits",
    "s8",
    "s8x4",
    "s16",
    "s16x2",
    "s32",
    "shape_name",
    "u8",
    "u8x4",
    "u16",
    "u32",
]

u8, u16, u32 = unsigned(8), unsigned(16), unsigned(32)
s8, s16, s32 = signed(8), signed(16), signed(32)
s8x4 = ArrayLayout(s8, 4)  # lane 0 in the least significant byte
u8x4 = ArrayLayout(u8, 4)
s16x2 = ArrayLayout(s16, 2)

Value: TypeAlias = "int | tuple[int, ...]"
"""A decoded operand: an int, or one int for each lane of an `ArrayLayout`."""


def _lanes(shape: Any) -> tuple[Any, int] | None:
    """Return an array's element and number of lanes; None for a scalar."""
    if isinstance(shape, ArrayLayout):
        return Shape.cast(shape.elem_shape), shape.length
    return None


def check_shape(shape: Any, what: str) -> None:
    """Raise `InputError` unless `shape` is a scalar or an array of scalars of at most 32 bits."""
    try:
        width = Shape.cast(shape).width
    except TypeError:
        width = None
    array_of_arrays = isinstance(shape, ArrayLayout) and not isinstance(shape.elem_shape, Shape)
    if width is None or not 1 <= width <= 32 or array_of_arrays:
        raise InputError(
            f"the shape of {what} must be a scalar or an ArrayLayout of scalars of 1 to 32 bits "
            f"in total, such as s32 or s8x4, not {shape!r}"
        )


def limits(shape: Any) -> tuple[int, int]:
    """Return the least and greatest value of a scalar or of one lane of an array."""
    lanes = _lanes(shape)
    scalar = lanes[0] if lanes else Shape.cast(shape)
    if scalar.signed:
        return -(1 << scalar.width - 1), (1 << scalar.width - 1) - 1
    return 0, (1 << scalar.width) - 1


def shape_name(shape: Any) -> str:
    """Return the short name used in documentation: ``s32``, ``u8``, ``s8x4``."""
    lanes = _lanes(shape)
    scalar = lanes[0] if lanes else Shape.cast(shape)
    name = f"{'s' if scalar.signed else 'u'}{scalar.width}"
    return f"{name}x{lanes[1]}" if lanes else name


def c_type(shape: Any) -> str:
    """Return the C type for `shape`; lanes are packed into a ``uint32_t``."""
    if _lanes(shape):
        return "uint32_t"
    scalar = Shape.cast(shape)
    width = scalar.width if scalar.width in (8, 16) else 32
    return f"{'' if scalar.signed else 'u'}int{width}_t"


def decode(shape: Any, word: int) -> Value:
    """Return the value in the least significant bits of `word`; the bits above are ignored."""
    lanes = _lanes(shape)
    if lanes:
        element, count = lanes
        return tuple(_scalar(element, word >> lane * element.width) for lane in range(count))
    return _scalar(Shape.cast(shape), word)


def _scalar(shape: Any, word: int) -> int:
    width: int = shape.width
    value = word & (1 << width) - 1
    return value - (1 << width) if shape.signed and value >> width - 1 else value


def encode(shape: Any, value: Any, what: str) -> int:
    """Return the 32-bit word for `value`; a signed scalar is sign-extended.

    Raises
    ------
    InputError
        When `value` does not fit `shape`; the message names `what`.
    """
    lanes = _lanes(shape)
    if lanes is None:
        return _checked(shape, value, what) & 0xFFFF_FFFF
    element, count = lanes
    if not isinstance(value, Sequence) or len(value) != count:
        raise InputError(f"{what} must be a sequence of {count} integers, not {value!r}")
    word = 0
    for lane, item in enumerate(value):
        bits = _checked(element, item, f"lane {lane} of {what}") & (1 << element.width) - 1
        word |= bits << lane * element.width
    return word


def _checked(shape: Any, value: Any, what: str) -> int:
    low, high = limits(shape)
    try:
        number = operator.index(value)
    except TypeError:
        raise InputError(f"{what} must be an integer, not {value!r}") from None
    if not low <= number <= high:
        raise InputError(f"{what} must be {low}..{high} ({shape_name(shape)}), not {number}")
    return number
