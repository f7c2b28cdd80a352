"""``.wav`` files for keyword spotting."""

import io
import wave
from pathlib import Path

import numpy as np

from cfuforge.inputs.files import InputReader
from cfuforge.sw.models import KWS_MODEL, KWS_WAV
from cfuforge.sw.tflite_model import Model

MODEL = Model.read(KWS_MODEL)


def recording(rate: int, channels: int, width: int, frames: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setparams((channels, width, rate, 0, "NONE", ""))
        wav.writeframes(np.arange(frames * channels * width, dtype=np.uint8).tobytes())
    return file.getvalue()


def seeds() -> list[bytes]:
    whole = KWS_WAV.read_bytes()
    others = [recording(*each) for each in ((8000, 2, 2, 99), (16000, 1, 1, 9), (48000, 1, 4, 9))]
    note = b"LIST" + (5).to_bytes(4, "little") + b"notes\0"
    return [whole[:400], whole, *others, whole[:12] + note + whole[12:600]]


def run(data: bytes, folder: Path) -> None:
    path = folder / "x.wav"
    path.write_bytes(data)
    InputReader(MODEL).read(path)
