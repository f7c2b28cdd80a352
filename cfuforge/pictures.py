"""PNG, JPEG and BMP files as pixels of a model's size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from cfuforge.cfu.errors import InputError
from cfuforge.sw.tflite_model import Tensor

__all__ = ["PICTURES", "read_picture"]

PICTURES = (".png", ".jpg", ".jpeg", ".bmp")


def read_picture(path: Path, tensor: Tensor, resize: bool) -> NDArray[np.uint8]:
    """Return a picture's pixels in the shape of `tensor`, grey where that has one channel.

    Parameters
    ----------
    path
        The file; turned as its EXIF data say.
    tensor
        The model's input: [1, height, width, 1 or 3].
    resize
        Stretch a picture of another size (bilinear, over all pixels that a new one covers).

    Raises
    ------
    InputError
        When it is no picture, of another size, or the model takes none.
    """
    if len(tensor.shape) != 4 or tensor.shape[0] != 1 or tensor.shape[3] not in (1, 3):
        shape = "x".join(map(str, tensor.shape))
        raise InputError(f"input {path} is a picture, but the model takes {shape}")
    _, height, width, channels = tensor.shape
    try:
        with Image.open(path) as opened:
            opened.load()
            picture = ImageOps.exif_transpose(opened)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise InputError(f"input {path} is no picture that can be read: {error}") from error
    if picture.mode.startswith(("I", "F")):
        raise InputError(f"input {path} has more than 8 bits a pixel: save it with 8 bits")
    if picture.size != (width, height):
        if not resize:
            raise InputError(
                f"input {path} has {picture.width}x{picture.height} pixels (width x height), the "
                f"model takes {width}x{height}; --resize stretches it"
            )
        picture = picture.convert("RGB").resize((width, height), Image.Resampling.BILINEAR)
    pixels = np.asarray(picture.convert("L" if channels == 1 else "RGB"), np.uint8)
    return pixels.reshape(tensor.shape)
