"""Pictures; the checksums of changed PNG files are mended, so that what they guard is read."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from cfuforge.inputs.files import InputReader
from support.graph import Quantisation
from support.operators import average_pool_2d

SIGNATURE = b"\x89PNG\r\n\x1a\n"
WINDOW = {"filterHeight": 2, "filterWidth": 2, "strideH": 2, "strideW": 2, "padding": 1}
MODELS = [
    average_pool_2d((1, 6, 8, channels), Quantisation((1 / 255,), -128), **WINDOW)
    for channels in (1, 3)
]


def seeds() -> list[bytes]:
    pixels = np.random.default_rng(0).integers(0, 256, (6, 8, 4), np.uint8)
    picture = Image.fromarray(pixels)
    exif = Image.Exif()
    exif[0x0112] = 6
    found = []
    for kind, mode, options in (
        ("PNG", "RGB", {}),
        ("PNG", "P", {"transparency": 3}),
        ("PNG", "RGBA", {"exif": exif, "dpi": (72, 72)}),
        ("PNG", "1", {}),
        ("BMP", "RGB", {}),
        ("BMP", "P", {}),
        ("BMP", "1", {}),
        ("JPEG", "RGB", {"exif": exif}),
        ("JPEG", "L", {"progressive": True}),
        ("JPEG", "CMYK", {}),
    ):
        file = io.BytesIO()
        picture.convert(mode).save(file, kind, **options)
        found.append(file.getvalue())
    file = io.BytesIO()
    Image.fromarray(pixels[..., 0].astype(np.uint16)).save(file, "PNG")
    return [*found, file.getvalue()]


def mended(data: bytes) -> bytes:
    place, parts = len(SIGNATURE), [SIGNATURE]
    while place + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, place)
        body = data[place + 4 : place + 8 + size]
        parts += [data[place : place + 4], body, struct.pack(">I", zlib.crc32(body))]
        place += 12 + size
    return b"".join(parts)


def run(data: bytes, folder: Path) -> None:
    kind = "png" if data[:8] == SIGNATURE else "bmp" if data[:2] == b"BM" else "jpg"
    path = folder / f"x.{kind}"
    path.write_bytes(mended(data) if kind == "png" else data)
    model, resize = MODELS[len(data) % 2], bool(data and data[-1] & 1)
    InputReader(model, resize=resize).read(path)
