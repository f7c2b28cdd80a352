"""A file that the user has, as the tensor that the model takes."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.cfu.errors import InputError
from cfuforge.sw.models import features
from cfuforge.sw.tflite_model import Model

__all__ = ["load_input", "random_input"]


def load_input(path: Path, model: Model) -> NDArray[Any]:
    """Return what `path` holds, shaped and typed as the first input of `model`.

    Parameters
    ----------
    path
        A ``.npy`` file of the input's type and shape (with or without the batch, or flat), or a
        ``.wav`` file for a model that takes 49 frames of 10 cepstra.

    Raises
    ------
    InputError
        When the file is missing, of another kind, size or type.
    """
    if not path.is_file():
        lack = "is a folder" if path.is_dir() else "does not exist"
        raise InputError(f"input {path} {lack}; --input takes a .npy or .wav file")
    if path.suffix == ".wav":
        return _load_wav(path, model)
    if path.suffix != ".npy":
        raise InputError(f"input {path} must be a .npy or .wav file, not {path.suffix!r}")
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise InputError(f"input {path} is not a .npy file: {error}") from error
    return _fit(array, model, str(path))


def _load_wav(path: Path, model: Model) -> NDArray[Any]:
    tensor = model.inputs[0]
    if int(np.prod(tensor.shape)) != 490:
        raise InputError(
            f"input {path}: a .wav file becomes 49x10 features, but {model.name} takes "
            f"{_shape(tensor.shape)}; give a .npy file"
        )
    try:
        array = features.wav_to_input(path, tensor.scale, tensor.zero_point)
    except ValueError as error:
        raise InputError(f"input {path}: {error}") from error
    return _fit(array, model, str(path))


def random_input(model: Model, seed: int = 0) -> NDArray[Any]:
    """Return a random input tensor for `model`, the same for the same `seed`."""
    tensor = model.inputs[0]
    if tensor.dtype != "int8":
        raise InputError(f"{model.name} takes {tensor.dtype} input; give a file with --input")
    values: NDArray[Any] = np.random.default_rng(seed).integers(-128, 128, tensor.shape, np.int8)
    return values


def _fit(array: NDArray[Any], model: Model, name: str) -> NDArray[Any]:
    tensor = model.inputs[0]
    if array.dtype != tensor.dtype:
        raise InputError(
            f"input {name} must be {tensor.dtype}, not {array.dtype}; {model.name} takes "
            f"{_shape(tensor.shape)} {tensor.dtype}"
        )
    without_batch = tensor.shape[1:] if tensor.shape[:1] == (1,) else tensor.shape
    flat = (math.prod(tensor.shape),)
    if array.shape not in (tensor.shape, without_batch, flat):
        raise InputError(
            f"input {name} must have the shape {_shape(tensor.shape)}, not {_shape(array.shape)}"
        )
    return array.reshape(tensor.shape)


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "scalar"
