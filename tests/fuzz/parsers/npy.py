"""``.npy`` files as inputs and as data of a program."""

import io
from pathlib import Path

import numpy as np

from cfuforge.base.errors import InputError
from cfuforge.inputs.files import InputReader
from cfuforge.sw.models import KWS_MODEL, kws_inputs
from cfuforge.sw.numpy_file import read_npy
from cfuforge.sw.tflite_model import Model

MODEL = Model.read(KWS_MODEL)


def seeds() -> list[bytes]:
    found = [kws_inputs()[0].read_bytes()]
    numbers = np.arange(490)
    for array in (
        (numbers % 200).astype(np.uint8),
        numbers.astype(np.float32).reshape(49, 10, 1),
        np.asfortranarray(numbers.reshape(49, 10).astype(">f8")),
        numbers.astype(np.longdouble),
        np.zeros(3, [("a", "<i4"), ("b", "S3", (2, 2))]),
        np.array(["text"]),
        np.array(5, np.int16),
    ):
        file = io.BytesIO()
        np.save(file, array)
        found.append(file.getvalue())
    file = io.BytesIO()
    np.lib.format.write_array(file, numbers.astype(np.int8), version=(2, 0))
    return [*found, file.getvalue()]


def run(data: bytes, folder: Path) -> None:
    path = folder / "x.npy"
    path.write_bytes(data)
    try:
        InputReader(MODEL, scale_to="0..255").read(path)
    except InputError:
        read_npy(path, 1 << 26, "data x:", lambda shape, kind: None).tobytes()
        raise
