"""The names of classes, and the true classes of inputs."""

from pathlib import Path

from cfuforge.base.errors import InputError
from cfuforge.inputs.labels import read_labels, true_classes
from cfuforge.sw.models import KWS_LABELS, KWS_MODEL
from cfuforge.sw.tflite_model import Model

MODEL = Model.read(KWS_MODEL)


def seeds() -> list[bytes]:
    lines = [f"{name}.npy,{name}" for name in KWS_LABELS]
    numbers = [f"{name}.npy\t{index}" for index, name in enumerate(KWS_LABELS)]
    texts = ["\n".join(KWS_LABELS), "\n".join(["file,label", *lines]), "\n".join(numbers)]
    return [text.encode() for text in texts]


def run(data: bytes, folder: Path) -> None:
    path = folder / "x.csv"
    path.write_bytes(data)
    paths = [folder / f"{name}.npy" for name in KWS_LABELS]
    try:
        true_classes(paths, [folder], path, KWS_LABELS)
    except InputError:
        read_labels(path, MODEL)
