"""Read PNG, JPEG and BMP files as pixels of a model's size."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from cfuforge.base.errors import ForgeError, InputError
from cfuforge.base.files import read_bytes
from cfuforge.sw.tflite_model import Tensor

__all__ = ["PICTURES", "read_picture"]

PICTURES = (".png", ".jpg", ".jpeg", ".bmp")
_FORMATS = ("PNG", "JPEG", "BMP")
_MOST_PIXELS = 1 << 25  # pixels to scale: 128 MB in memory, plus a copy
_LARGEST = 1 << 26  # bytes of a file


def read_picture(path: Path, tensor: Tensor, resize: bool) -> NDArray[np.uint8]:
    """Return a picture's pixels in the shape of `tensor`, in grey if it has one channel.

    Its size is checked before it is decoded.

    Parameters
    ----------
    path
        The file; it is rotated according to its EXIF data.
    tensor
        The model's input: [1, height, width, 1 or 3], [height, width, 1 or 3], [1, height, width]
        or [height, width].
    resize
        Scale a picture of another size (bilinear, with antialiasing).

    Raises
    ------
    InputError
        When it is not a picture or has another size, or the model does not take pictures.
    """
    height, width, channels = _layout(path, tensor.shape)
    data = read_bytes(path, _LARGEST, "input", "; save it smaller")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PIL's, which goes on with the intact part
            picture = _decoded(path, data, (width, height), resize)
            pixels = np.asarray(picture.convert("L" if channels == 1 else "RGB"), np.uint8)
    except ForgeError:
        raise
    except Image.DecompressionBombError as error:
        raise InputError(
            f"input {path} is a picture of far too many pixels ({error}), the model takes "
            f"{width}x{height}"
        ) from error
    except UnidentifiedImageError as error:
        raise InputError(f"input {path} is not a {' or '.join(_FORMATS)} picture") from error
    except Exception as error:  # a damaged file can raise anything in the decoders
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"input {path} cannot be read as a picture: {reason:.200}") from error
    return pixels.reshape(tensor.shape)


def _layout(path: Path, shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Return height, width and channels of a tensor's pictures."""
    inner = shape[1:] if len(shape) > 2 and shape[0] == 1 else shape
    if len(inner) == 2 and min(inner) > 1:
        return inner[0], inner[1], 1
    if len(inner) == 3 and inner[2] in (1, 3):
        return inner[0], inner[1], inner[2]
    text = "x".join(map(str, shape))
    raise InputError(
        f"input {path} is a picture, but the model takes {text}: neither height x width nor "
        "height x width x 1 or 3"
    )


def _decoded(path: Path, data: bytes, size: tuple[int, int], resize: bool) -> Image.Image:
    """Return a picture of `size` (width, height)."""
    with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
        if sorted(picture.size) != sorted(size):  # it may be rotated
            _require_stretch(path, picture.size, size, resize)
        if picture.mode.startswith(("I", "F")):
            raise InputError(f"input {path} has more than 8 bits per pixel: save it with 8 bits")
        picture.load()
        ImageOps.exif_transpose(picture, in_place=True)
        if picture.size == size:
            return picture.copy()
        _require_stretch(path, picture.size, size, resize)
        return picture.convert("RGB").resize(size, Image.Resampling.BILINEAR)


def _require_stretch(
    path: Path, size: tuple[int, int], wanted: tuple[int, int], resize: bool
) -> None:
    """Raise unless a picture of another size may be scaled and is not too large for that."""
    has = f"input {path} has {size[0]}x{size[1]} pixels (width x height), the model takes"
    if size[0] * size[1] > _MOST_PIXELS:
        raise InputError(
            f"{has} {wanted[0]}x{wanted[1]}; at most {_MOST_PIXELS:,} pixels are stretched"
        )
    if not resize:
        raise InputError(f"{has} {wanted[0]}x{wanted[1]}; resize=True stretches it")
