"""Convert real numbers and pixels to the integers of a model's input."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.base.errors import InputError
from cfuforge.sw.tflite_model import Tensor

__all__ = ["PIXEL_SCALES", "pixels_to_input", "quantise", "scale_of_pixels"]

PIXEL_SCALES = {
    "0..1": (1 / 255, 0.0),
    "-1..1": (2 / 255, -1.0),
    "0..255": (1.0, 0.0),
    "-128..127": (1.0, -128.0),
}
"""Ranges to which a pixel 0..255 can be mapped: times the first number, plus the second."""


_INTEGERS = ("int8", "uint8", "int16", "int32")


def quantise(values: NDArray[Any], tensor: Tensor) -> NDArray[Any]:
    """Return ``round(x / scale) + zero_point`` as TFLM's QUANTIZE does, in the tensor's type."""
    scale, zero_point = _parameters(tensor)
    with np.errstate(over="ignore"):  # infinity saturates
        levels = values.astype(np.float32) / np.float32(scale)
    return _saturated(np.trunc(levels + np.copysign(np.float32(0.5), levels)) + zero_point, tensor)


def pixels_to_input(pixels: NDArray[np.uint8], tensor: Tensor, scale_to: str) -> NDArray[Any]:
    """Convert pixels to the tensor's type.

    Parameters
    ----------
    pixels
        Pixels of 0..255.
    tensor
        The model's input.
    scale_to
        A key of `PIXEL_SCALES`.

    Notes
    -----
    If one step of a pixel equals one step of the input, nothing needs rounding and the whole
    picture is shifted: p - 128 for the usual int8 models.
    """
    factor, offset = PIXEL_SCALES[scale_to]
    if tensor.dtype == "float32":
        return (pixels * np.float32(factor) + np.float32(offset)).astype(np.float32)
    scale, zero_point = _parameters(tensor)
    if abs(factor / scale - 1) < 1 / 512:
        shift = quantise(np.array(offset), tensor) if offset else zero_point
        return _saturated(pixels.astype(np.int32) + shift, tensor)
    return quantise(pixels * factor + offset, tensor)


def scale_of_pixels(tensor: Tensor) -> str:
    """Return the key of `PIXEL_SCALES` that matches the input's scale and zero point.

    Raises
    ------
    InputError
        When none matches.
    """
    if tensor.dtype in _INTEGERS and tensor.scale is not None and tensor.zero_point is not None:
        limits = np.iinfo(tensor.dtype)
        low = (limits.min - tensor.zero_point) * tensor.scale
        high = (limits.max - tensor.zero_point) * tensor.scale
        for name, (factor, offset) in PIXEL_SCALES.items():
            width = 255 * factor
            if max(abs(low - offset), abs(high - offset - width)) < width / 20:
                return name
        spans = f"spans {low:.4g} to {high:.4g}"
    else:
        spans = f"is {tensor.dtype} without a scale"
    raise InputError(
        f"the input {tensor.name!r} {spans}: say what a pixel of 0 to 255 means to the model with "
        f"scale_to=, one of {', '.join(PIXEL_SCALES)}"
    )


def _parameters(tensor: Tensor) -> tuple[float, int]:
    if tensor.scale is None or tensor.zero_point is None:
        raise InputError(
            f"the input {tensor.name!r} is {tensor.dtype} and has no scale: give it as "
            f"{tensor.dtype}"
        )
    if tensor.dtype not in _INTEGERS or not _sane(tensor.scale, tensor.zero_point, tensor.dtype):
        raise InputError(
            f"the input {tensor.name!r} is {tensor.dtype} with scale {tensor.scale:g} and zero "
            f"point {tensor.zero_point}, which no number fits: give it as {tensor.dtype}"
        )
    return tensor.scale, tensor.zero_point


def _sane(scale: float, zero_point: int, dtype: str) -> bool:
    limits = np.iinfo(dtype)
    return 1e-30 < scale < 1e30 and limits.min <= zero_point <= limits.max


def _saturated(levels: NDArray[Any], tensor: Tensor) -> NDArray[Any]:
    limits = np.iinfo(tensor.dtype)
    return np.clip(levels, limits.min, limits.max).astype(tensor.dtype)
