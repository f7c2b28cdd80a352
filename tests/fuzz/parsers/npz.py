"""``.npz`` files; what does not begin as an archive is put into one."""

import io
import zipfile
from pathlib import Path

import numpy as np

from cfuforge.inputs.files import InputReader
from cfuforge.sw.models import KWS_MODEL
from cfuforge.sw.tflite_model import Model

MODEL = Model.read(KWS_MODEL)
SEPARATOR = b"\n----\n"


def seeds() -> list[bytes]:
    first, second = np.arange(490).reshape(1, 49, 10, 1), np.zeros((1, 12), np.int8)
    arrays = [(first % 100).astype(np.int8), second]
    members = []
    for array in arrays:
        file = io.BytesIO()
        np.save(file, array)
        members.append(file.getvalue())
    found = [SEPARATOR.join(members), members[0]]
    for save in (np.savez, np.savez_compressed):
        file = io.BytesIO()
        save(file, *arrays)
        found.append(file.getvalue())
    file = io.BytesIO()
    names = [tensor.name for tensor in (*MODEL.inputs, *MODEL.outputs)]
    np.savez(file, **dict(zip(names, arrays, strict=True)))
    return [*found, file.getvalue()]


def run(data: bytes, folder: Path) -> None:
    path = folder / "x.npz"
    if data[:2] == b"PK":
        path.write_bytes(data)
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, member in enumerate(data.split(SEPARATOR)[:100]):
                archive.writestr(f"{number}.npy", member)
    model = Model(MODEL.data)
    model.inputs = (*MODEL.inputs, *MODEL.outputs)
    InputReader(model, scale_to="0..255").read(path)
