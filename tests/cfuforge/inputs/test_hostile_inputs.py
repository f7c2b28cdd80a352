"""Inputs that say that they are large, or are: sizes are compared before anything is decoded."""

from __future__ import annotations

import io
import os
import pickle
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cfuforge import Model
from cfuforge.base import files
from cfuforge.base.errors import InputError
from cfuforge.inputs.files import InputReader, find_inputs
from cfuforge.inputs.labels import read_labels, true_classes
from cfuforge.sw import models
from cfuforge.sw.application import Application
from cfuforge.sw.models import features
from support.graph import Quantisation
from support.operators import average_pool_2d

KWS = Model.read(models.KWS_MODEL)
SHAPE = (1, 49, 10, 1)
SPARSE = 8 << 30


def picture_model() -> Model:
    window = {"filterHeight": 2, "filterWidth": 2, "strideH": 2, "strideW": 2, "padding": 1}
    return average_pool_2d((1, 96, 96, 3), Quantisation((1 / 255,), -128), **window)


@contextmanager
def cheaply() -> Iterator[None]:
    """Fail when more than 5 s or 100 MB are taken."""
    tracemalloc.start()
    began = time.process_time()
    try:
        yield
        assert time.process_time() - began < 5
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()


def refused(read: Callable[[], object]) -> str:
    with cheaply(), pytest.raises(InputError) as caught:
        read()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    return str(caught.value)


def sparse(path: Path, start: bytes = b"") -> Path:
    with path.open("wb") as file:
        file.write(start)
        file.truncate(SPARSE)
    return path


def npy_header(shape: object, kind: str = "|i1", version: int = 1) -> bytes:
    text = repr({"descr": kind, "fortran_order": False, "shape": shape}).encode() + b"\n"
    size = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + size + text


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(10_000_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("resize", [False, True])
@pytest.mark.parametrize("kind", ["png", "bmp", "jpg"])
def test_a_picture_of_900_million_pixels(tmp_path: Path, kind: str, resize: bool) -> None:
    path = tmp_path / f"x.{kind}"
    Image.new("L", (96, 90)).save(path)
    data = bytearray(path.read_bytes())
    if kind == "png":
        data = bytearray(png(30_000, 30_000))
    elif kind == "bmp":
        struct.pack_into("<ii", data, 18, 30_000, 30_000)
    else:
        frame = data.index(b"\xff\xc0") + 5
        struct.pack_into(">HH", data, frame, 30_000, 30_000)
    path.write_bytes(data)
    said = refused(lambda: InputReader(picture_model(), resize=resize).read(path))
    assert said.startswith(f"input {path} is a picture of far too many pixels (Image size (9000000")
    assert said.endswith("the model takes 96x96")


def test_a_picture_of_another_size_is_not_decoded(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(png(6000, 6000))
    assert refused(lambda: InputReader(picture_model(), resize=True).read(path)) == (
        f"input {path} has 6000x6000 pixels (width x height), the model takes 96x96; at most "
        "33,554,432 pixels are stretched"
    )
    path.write_bytes(png(5000, 5000))
    said = refused(lambda: InputReader(picture_model()).read(path))
    assert said.endswith("has 5000x5000 pixels (width x height), the model takes 96x96; "
                         "resize=True stretches it")  # fmt: skip


def test_a_picture_on_its_side(tmp_path: Path) -> None:
    window = {"filterHeight": 2, "filterWidth": 2, "strideH": 2, "strideW": 2, "padding": 1}
    model = average_pool_2d((1, 6, 8, 3), Quantisation((1 / 255,), -128), **window)
    picture, exif = Image.new("RGB", (6, 8)), Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    picture.save(tmp_path / "x.png", exif=exif)
    reader = InputReader(model)
    assert reader.read(tmp_path / "x.png").arrays[0].shape == (1, 6, 8, 3)
    picture.save(tmp_path / "y.png")
    with pytest.raises(InputError, match=r"has 6x8 pixels .* takes 8x6; resize="):
        reader.read(tmp_path / "y.png")


def test_a_file_of_another_format_is_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    Image.new("RGB", (96, 96)).save(path, "TIFF")
    assert "is not a PNG or JPEG or BMP picture" in refused(
        lambda: InputReader(picture_model()).read(path)
    )
    assert "; at most 67,108,864 are read; save it smaller" in refused(
        lambda: InputReader(picture_model()).read(sparse(path))
    )


@pytest.mark.parametrize(
    ("start", "message"),
    [
        (npy_header((SPARSE,)), "has 8,589,934,592 bytes; at most 73,376 are read; kws takes"),
        (npy_header(SHAPE), "has 8,589,934,592 bytes; at most 73,376 are read; kws takes"),
    ],
)
def test_a_sparse_array(tmp_path: Path, start: bytes, message: str) -> None:
    path = sparse(tmp_path / "x.npy", start)
    assert message in refused(lambda: InputReader(KWS).read(path))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (npy_header((1 << 40,)), "must have the shape 1x49x10x1, not 1099511627776"),
        (npy_header((-1, 10)), "must have the shape 1x49x10x1, not -1x10"),
        (npy_header(SHAPE), "its values need 490 bytes, of which 0 are there"),
        (npy_header(SHAPE, "|O"), "it holds object, not numbers"),
        (npy_header(SHAPE, "|S1000000000"), "it holds |S1000000000, not numbers"),
        (npy_header(SHAPE, "<c16"), "it holds complex128, not numbers"),
        (npy_header(SHAPE, "<i4"), "must be int8, not int32; kws takes 1x49x10x1 int8"),
        (b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**32 - 1), "is not a .npy file"),
        (b"\x93NUMPY\x03\x00" + bytes(100), "its version is (3, 0)"),
        (npy_header("(" * 60_000), "is not a .npy file"),
        (b"", "is not a .npy file"),
    ],
)
def test_an_array_that_lies(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "x.npy"
    path.write_bytes(data)
    said = refused(lambda: InputReader(KWS).read(path))
    assert said.startswith(f"input {path}")
    assert message in said


def test_arrays_of_records_and_of_objects(tmp_path: Path) -> None:
    path = tmp_path / "x.npy"
    np.save(path, np.zeros(SHAPE, [("a", "i1")]))
    assert "not numbers" in refused(lambda: InputReader(KWS).read(path))
    np.save(path, np.array([os.system, None]), allow_pickle=True)
    assert "it holds object, not numbers" in refused(lambda: InputReader(KWS).read(path))
    path.write_bytes(pickle.dumps(os.system))
    assert "is not a .npy file" in refused(lambda: InputReader(KWS).read(path))


def archive(path: Path, kind: int = zipfile.ZIP_DEFLATED, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", kind) as file:
        for name, data in members.items():
            file.writestr(f"{name}.npy", data)
    return path


def test_an_archive_that_unpacks_to_much(tmp_path: Path) -> None:
    path = archive(tmp_path / "x.npz", x=npy_header((50 << 20,)) + bytes(50 << 20))
    said = refused(lambda: InputReader(KWS).read(path))
    assert "has an array 'x' of 52,428,8" in said
    assert said.endswith("bytes; at most 73,376 are read; kws takes 1x49x10x1 int8")
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02") + 24
    struct.pack_into("<I", data, at, 1000)  # what the archive says of its size
    path.write_bytes(data)
    assert "Bad CRC-32 for file 'x.npy'" in refused(lambda: InputReader(KWS).read(path))


def test_an_archive_of_other_things(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    many = {f"x{number}": b"" for number in range(500)}
    assert "holds 500 arrays, but kws takes 1" in refused(
        lambda: InputReader(KWS).read(archive(path, **many))
    )
    assert "compression method, 14, is not numpy's" in refused(
        lambda: InputReader(KWS).read(archive(path, zipfile.ZIP_LZMA, x=npy_header(SHAPE)))
    )
    assert "its values need 490 bytes, of which 0" in refused(
        lambda: InputReader(KWS).read(archive(path, x=npy_header(SHAPE)))
    )
    assert "at most 146,752 are read" in refused(lambda: InputReader(KWS).read(sparse(path)))


def test_inputs_by_the_names_of_their_arrays(tmp_path: Path) -> None:
    model = Model.read(models.KWS_MODEL)
    model.inputs = (KWS.inputs[0], KWS.outputs[0])
    first, second = (tensor.name for tensor in model.inputs)
    arrays = {second: np.ones((1, 12), np.int8), first: np.zeros(SHAPE, np.int8)}
    with (tmp_path / "x.npz").open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    read = InputReader(model).read(tmp_path / "x.npz").arrays
    assert [array.shape for array in read] == [SHAPE, (1, 12)]


def wav(
    rate: int = 16_000, channels: int = 1, bits: int = 16, data: int = 4, there: int = 4
) -> bytes:
    form = struct.pack("<HHIIHH", 1, channels, rate, 0, 0, bits)
    chunks = b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", data)
    return b"RIFF" + struct.pack("<I", 2**32 - 1) + b"WAVE" + chunks + bytes(there)


def test_a_wav_that_says_much(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    for start, message in (
        (wav(rate=2**32 - 1, data=2**32 - 1), "must be sampled at 1000 to 384000 Hz"),
        (wav(channels=65_535, data=2**32 - 1), "must have 1 or 2 channels, not 65535"),
        (wav(bits=65_528, data=2**32 - 1), "must have 16 bits per sample, not 65528"),
        (b"RIFF" + bytes(8), "must be a PCM WAV file"),
        (wav().replace(b"data", b"date"), "must be a PCM WAV file"),
    ):
        sparse(path, start)
        assert message in refused(lambda: InputReader(KWS).read(path))
    with cheaply():  # a second of a file of 8 GB
        assert InputReader(KWS).read(sparse(path, wav(data=2**32 - 1))).arrays[0].shape == SHAPE
    path.write_bytes(wav(data=2**32 - 1))
    with cheaply():
        InputReader(KWS).read(path)


def test_a_rate_that_divides_nothing() -> None:
    with cheaply():
        assert len(features.resample(np.zeros(96_000), 96_001)) == 16_000


def test_a_sparse_raw_file(tmp_path: Path) -> None:
    path = sparse(tmp_path / "x.bin")
    said = refused(lambda: InputReader(KWS, dtype="int8").read(path))
    assert "has 8,589,934,592 bytes, but kws takes 490 values of int8, 490 bytes" in said


def test_what_only_has_a_files_name(tmp_path: Path) -> None:
    pipe = tmp_path / "x.npy"
    os.mkfifo(pipe)
    device = tmp_path / "y.npy"
    device.symlink_to("/dev/zero")
    loop = tmp_path / "z.npy"
    loop.symlink_to(loop)
    for path, message in ((pipe, "a pipe"), (device, "a device"), (tmp_path, "a folder")):
        assert refused(lambda path=path: InputReader(KWS).read(path)).endswith(  # type: ignore[misc]
            f"{path} is {message}, not a file"
        )
    assert "does not exist" in refused(lambda: find_inputs([loop]))
    assert "holds no .npy" in refused(lambda: find_inputs([tmp_path]))
    assert "is a device, not a file" in refused(lambda: find_inputs([Path("/dev/zero")]))
    assert "is a pipe, not a file" in refused(lambda: Model.read(pipe))


def test_folders_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    for number in range(30):
        (tmp_path / "a" / f"{number}.npy").touch()
    assert len(find_inputs([tmp_path])) == 30
    monkeypatch.setattr(files, "_MOST_LOOKED_AT", 20)
    assert "has too many files" in refused(lambda: find_inputs([tmp_path]))
    monkeypatch.setattr(files, "_MOST_LOOKED_AT", 1000)
    monkeypatch.setattr(files, "_MOST_FOUND", 20)
    assert "has too many files" in refused(lambda: find_inputs([tmp_path]))


def test_labels_and_truth(tmp_path: Path) -> None:
    path, inputs = tmp_path / "x.csv", [tmp_path / "1.npy"]

    def classes() -> object:
        return true_classes(inputs, [tmp_path], path, models.KWS_LABELS)

    sparse(path)
    assert "at most 4,194,304 are read" in refused(lambda: read_labels(path, KWS))
    assert "at most 33,554,432 are read" in refused(classes)
    for text, message in (
        ("1.npy," + "9" * 6000, "must be one of down, go"),
        ("1.npy," + "9" * 200_000, "must have lines of file,label: field larger than"),
        ("a,b\n" * 400_000, "has 400,000 lines; at most 300,000 are read"),
        ("x" * 100_000, "line 1, must be file,label, not ['xxx"),
        ('"' * 1001, "line 1, must be file,label"),
    ):
        path.write_text(text)
        assert message in refused(classes)


def test_data_of_a_program(tmp_path: Path) -> None:
    (tmp_path / "main.cc").write_text("int main() {}\n")
    path = tmp_path / "x.npy"
    for data, message in (
        (npy_header((1 << 40,)), "data x: " + str(path) + " is not a .npy file"),
        (npy_header((1,), "|O"), "it holds object, not numbers"),
    ):
        path.write_bytes(data)
        assert message in refused(lambda: Application([tmp_path], {"x": path}))
    assert "at most 67,174,400 are read" in refused(
        lambda: Application([tmp_path], {"x": sparse(path)})
    )
    assert "at most 67,108,864 are read" in refused(
        lambda: Application([tmp_path], {"x": sparse(tmp_path / "x.bin")})
    )
    os.mkfifo(tmp_path / "pipe.cc")
    (tmp_path / "folder.cc").mkdir()
    Application([tmp_path], {})
    buffer = io.BytesIO()
    np.save(buffer, np.arange(3))
    path.write_bytes(buffer.getvalue())
    Application([tmp_path], {"x": path})
