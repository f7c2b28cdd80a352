"""Convert a user's files and arrays to a model's input tensors."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import TypedDict

from cfuforge.base.document import Count
from cfuforge.base.errors import InputError
from cfuforge.base.files import file_size, files_below, read_bytes
from cfuforge.base.progress import SILENT, Progress
from cfuforge.inputs.pictures import PICTURES, read_picture
from cfuforge.inputs.quantised import PIXEL_SCALES, pixels_to_input, quantise, scale_of_pixels
from cfuforge.sw.models import features
from cfuforge.sw.numpy_file import Check, read_npy, read_npz
from cfuforge.sw.tflite_model import Model, Tensor

__all__ = ["RAW_TYPES", "InputFacts", "InputReader", "Sample", "find_inputs", "require_options"]

RAW_TYPES = ("int8", "uint8", "int16", "float32")
_RAW = (".bin", ".raw")
_WIDEST = 16  # bytes of the widest value: numpy's longdouble
_KINDS = (".npy", ".npz", *_RAW, ".wav", *PICTURES)


class InputFacts(TypedDict):
    """The identity of an input."""

    name: str
    """Name of the file, or a description of the values."""
    sha256: str
    """SHA-256 of all values of all model inputs, in hexadecimal."""
    shape: list[Count]
    """Shape of the model's first input."""


@dataclass(frozen=True)
class Sample:
    """One array for each input of a model.

    Parameters
    ----------
    name
        Name of the file, or a description of the values.
    arrays
        Arrays of the inputs' types and shapes.
    path
        The file, or None.
    """

    name: str
    arrays: tuple[NDArray[Any], ...]
    path: Path | None = None

    @property
    def facts(self) -> InputFacts:
        """The sample's identity, for JSON documents."""
        shape = list(self.arrays[0].shape)
        return {"name": self.name, "sha256": self.sha256, "shape": shape}

    @property
    def sha256(self) -> str:
        """SHA-256 of all values, in hexadecimal."""
        return hashlib.sha256(b"".join(array.tobytes() for array in self.arrays)).hexdigest()


def find_inputs(given: Sequence[Path]) -> list[Path]:
    """Return the files that `given` names, in order, including those in folders and subfolders.

    Raises
    ------
    InputError
        When a path does not exist, or a folder has no input.
    """
    files = []
    for path in given:
        if path.is_dir():
            found = files_below(path, lambda kind: kind.lower() in _KINDS)
            if not found:
                raise InputError(f"the folder {path} holds no {_one_of(_KINDS)} file")
            files += found
        else:
            _require_file(path)
            files.append(path)
    return files


def require_options(dtype: str | None, scale_to: str | None) -> None:
    """Raise `InputError` if the type of raw bytes or the scale of pixels is invalid."""
    for name, value, values in (
        ("dtype", dtype, RAW_TYPES),
        ("scale_to", scale_to, tuple(PIXEL_SCALES)),
    ):
        if value is not None and value not in values:
            raise InputError(f"{name}= must be {_one_of(values)}, not {value!r}")


def _require_file(path: Path) -> None:
    if not os.path.exists(path):
        raise InputError(f"input {path} does not exist")
    file_size(path, "input")


class InputReader:
    """Reads inputs for one model.

    Parameters
    ----------
    model
        The model.
    dtype
        The type of raw bytes, one of `RAW_TYPES`.
    resize
        Scale pictures to the model's size.
    scale_to
        The range of pixel values, one of `PIXEL_SCALES`; by default derived from the input's scale.
    progress
        Receives one note about how values are converted.

    Raises
    ------
    InputError
        When an option has an invalid value.
    """

    def __init__(
        self,
        model: Model,
        *,
        dtype: str | None = None,
        resize: bool = False,
        scale_to: str | None = None,
        progress: Progress = SILENT,
    ) -> None:
        require_options(dtype, scale_to)
        self._model = model
        self._dtype = dtype
        self._resize = resize
        self._scale_to = scale_to
        self._progress = progress
        self._said: set[str] = set()

    def read(self, path: Path) -> Sample:
        """Read a file as a sample.

        Parameters
        ----------
        path
            A picture; a ``.npy`` file of the input's shape (with or without the batch, or
            flattened), or a ``.npz`` file with one array per input; raw bytes of `dtype`, for all
            inputs in order; a ``.wav`` file for a model that takes 49 frames of 10 cepstra.

        Raises
        ------
        InputError
            When the file is missing, or has an unexpected format, size or type.
        """
        _require_file(path)
        kind = path.suffix.lower()
        if kind not in _KINDS:
            raise InputError(f"input {path} must be a {_one_of(_KINDS)} file, not {kind!r}")
        tensors = self._model.inputs
        if kind == ".npz":
            arrays = self._archive(path)
        elif kind in _RAW:
            arrays = self._raw(path)
        elif len(tensors) != 1:
            raise InputError(
                f"{self._model.name} takes {len(tensors)} inputs, but {path} is one: give a .npz "
                "file with an array for each, or raw bytes"
            )
        elif kind == ".npy":
            arrays = [self._array(path)]
        elif kind == ".wav":
            arrays = [_load_wav(path, self._model)]
        else:
            arrays = [read_picture(path, tensors[0], self._resize)]
        fitted = [self._fit(*pair, str(path)) for pair in zip(arrays, tensors, strict=True)]
        return Sample(path.name, tuple(fitted), path)

    def array(self, array: NDArray[Any]) -> Sample:
        """Return an array, for the model's only input, as a sample."""
        if len(self._model.inputs) != 1:
            raise InputError(f"{self._model.name} takes {len(self._model.inputs)} inputs, not one")
        return Sample("array", (self._fit(array, self._model.inputs[0], "array"),))

    def _array(self, path: Path) -> NDArray[Any]:
        (tensor,) = self._model.inputs
        return read_npy(path, *self._most(), self._check(tensor, str(path)), self._takes())

    def _archive(self, path: Path) -> list[NDArray[Any]]:
        tensors = self._model.inputs
        names = [tensor.name for tensor in tensors]
        order = list(range(len(names)))

        def checks(found: list[str]) -> list[Check]:
            if len(found) != len(names):
                raise InputError(
                    f"input {path} holds {len(found)} arrays, but {self._model.name} takes "
                    f"{len(names)}: {', '.join(names)}"
                )
            if set(found) == set(names):
                order[:] = [found.index(name) for name in names]
            tensor_at = {there: tensor for there, tensor in zip(order, tensors, strict=True)}
            return [self._check(tensor_at[there], str(path)) for there in range(len(found))]

        arrays = read_npz(path, *self._most(), checks, self._takes())
        return [arrays[there] for there in order]

    def _most(self) -> tuple[int, str]:
        """Return the most bytes that the values of all inputs can take in a file."""
        return _WIDEST * sum(math.prod(tensor.shape) for tensor in self._model.inputs), "input"

    def _takes(self) -> str:
        """Return a description of the model's inputs, to append to a message."""
        texts = [f"{_shape(tensor.shape)} {tensor.dtype}" for tensor in self._model.inputs[:8]]
        return f"; {self._model.name} takes {', '.join(texts)}"

    def _raw(self, path: Path) -> list[NDArray[Any]]:
        if self._dtype is None:
            raise InputError(f"input {path} is raw bytes: name their type with dtype=")
        counts = [math.prod(tensor.shape) for tensor in self._model.inputs]
        size = sum(counts) * np.dtype(self._dtype).itemsize
        if (there := file_size(path, "input")) != size:
            raise InputError(
                f"input {path} has {there:,} bytes, but {self._model.name} takes "
                f"{sum(counts):,} values of {self._dtype}, {size:,} bytes"
            )
        data = read_bytes(path, size, "input")
        values = np.frombuffer(data, np.dtype(self._dtype).newbyteorder("<"))
        return np.split(values.astype(self._dtype), np.cumsum(counts)[:-1])

    def _check(self, tensor: Tensor, name: str) -> Check:
        """Return a function that raises if an array's shape and type do not suit the input."""

        def check(shape: tuple[int, ...], kind: np.dtype[Any]) -> None:
            without_batch = tensor.shape[1:] if tensor.shape[:1] == (1,) else tensor.shape
            if shape not in (tensor.shape, without_batch, (math.prod(tensor.shape),)):
                raise InputError(
                    f"input {name} must have the shape {_shape(tensor.shape)}, not "
                    f"{_shape(shape):.80}"
                )
            real = kind.kind == "f" and (tensor.dtype == "float32" or tensor.scale is not None)
            if not (real or _is(kind, tensor) or kind == np.uint8):
                raise InputError(
                    f"input {name} must be {tensor.dtype}, not {kind!s:.80}; "
                    f"{self._model.name} takes {_shape(tensor.shape)} {tensor.dtype}"
                )

        return check

    def _fit(self, array: NDArray[Any], tensor: Tensor, name: str) -> NDArray[Any]:
        self._check(tensor, name)(array.shape, array.dtype)
        return self._convert(array.reshape(tensor.shape), tensor, name)

    def _convert(self, array: NDArray[Any], tensor: Tensor, name: str) -> NDArray[Any]:
        if _is(array.dtype, tensor):
            return array
        if array.dtype == np.uint8:
            scale_to = self._scale_to or scale_of_pixels(tensor)
            why = "" if self._scale_to else ", as the input's scale says (else: scale_to=)"
            self._tell(f"A pixel of 0..255 is taken as {scale_to}{why}.")
            return pixels_to_input(array, tensor, scale_to)
        if tensor.dtype == "float32":
            with np.errstate(over="ignore"):  # infinity, as for any number out of range
                return array.astype(np.float32)
        if not np.isfinite(array).all():
            raise InputError(f"input {name} holds values that are not finite")
        quantised = quantise(array, tensor)
        self._tell(
            f"{array.dtype} values are quantised with the input's scale {tensor.scale:.6g} and "
            f"zero point {tensor.zero_point}."
        )
        return quantised

    def _tell(self, note: str) -> None:
        if note not in self._said:
            self._said.add(note)
            self._progress.note(note)


def _load_wav(path: Path, model: Model) -> NDArray[Any]:
    tensor = model.inputs[0]
    if math.prod(tensor.shape) != 490 or tensor.scale is None or tensor.zero_point is None:
        raise InputError(
            f"input {path}: a .wav file becomes 49x10 features, but {model.name} takes "
            f"{_shape(tensor.shape)}; give a .npy file"
        )
    try:
        return features.wav_to_input(path, tensor.scale, tensor.zero_point).reshape(tensor.shape)
    except ValueError as error:
        raise InputError(f"input {path}: {error}") from error


def _is(kind: np.dtype[Any], tensor: Tensor) -> bool:
    """Return whether values of a numpy type need no conversion for the tensor."""
    return kind.isnative and kind.name == tensor.dtype


def _shape(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "scalar"


def _one_of(values: Sequence[str]) -> str:
    return f"{', '.join(values[:-1])} or {values[-1]}"
