"""Files as people have them, as tensors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cfuforge import Model
from cfuforge.base.errors import InputError
from cfuforge.base.progress import Progress
from cfuforge.inputs.files import InputReader, find_inputs
from cfuforge.inputs.made_up import corner_samples, random_sample
from cfuforge.inputs.quantised import PIXEL_SCALES, pixels_to_input, quantise, scale_of_pixels
from cfuforge.inputs.source import InputSource
from cfuforge.sw import models, tflite_model
from support.graph import Quantisation, Tensor, one_operator
from support.operators import average_pool_2d

ALL_PIXELS = np.arange(256, dtype=np.uint8)


class Notes(Progress):
    def __init__(self) -> None:
        self.texts: list[str] = []

    def note(self, text: str) -> None:
        self.texts.append(text)


def tensor(scale: float, zero_point: int, dtype: str = "int8") -> tflite_model.Tensor:
    return tflite_model.Tensor(0, "input", (256,), dtype, (scale,), (zero_point,), None)


def picture_model(channels: int = 3, scale: float = 1 / 255, zero_point: int = -128) -> Model:
    quantisation = Quantisation((scale,), zero_point)
    window = {"filterHeight": 2, "filterWidth": 2, "strideH": 2, "strideW": 2, "padding": 1}
    return average_pool_2d((1, 6, 8, channels), quantisation, **window)


def save(folder: Path, name: str, channels: int = 3, size: tuple[int, int] = (8, 6)) -> Path:
    shape = (size[1], size[0], 3) if channels == 3 else (size[1], size[0])
    pixels = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    Image.fromarray(pixels).save(folder / name)
    return folder / name


@pytest.mark.parametrize(
    ("scale", "zero_point", "name"),
    [
        (1 / 255, -128, "0..1"),
        (0.003921568859368563, -128, "0..1"),  # MobileNetV2, visual wake words
        (0.007843137718737125, -1, "-1..1"),  # person_detect
        (2 / 255, 0, "-1..1"),
        (1.0, -128, "0..255"),  # image classification
        (1.0, 0, "-128..127"),
    ],
)
def test_the_usual_inputs_take_pixels_one_to_one(scale: float, zero_point: int, name: str) -> None:
    input_ = tensor(scale, zero_point)
    assert scale_of_pixels(input_) == name
    values = pixels_to_input(ALL_PIXELS, input_, name).astype(int)
    assert np.abs(values - (ALL_PIXELS.astype(int) - 128)).max() <= (zero_point == 0 and scale < 1)
    assert values.dtype == int


def test_a_pixel_means_what_scale_to_says() -> None:
    coarse = tensor(0.5, 10)
    for name, (factor, offset) in PIXEL_SCALES.items():
        real = np.clip(ALL_PIXELS * factor + offset, -69, 58.5)
        ours = (pixels_to_input(ALL_PIXELS, coarse, name).astype(float) - 10) * 0.5
        assert np.abs(ours - real).max() <= 0.2501, name
    with pytest.raises(InputError, match=r"spans -69 to 58.5: say what a pixel .* scale_to="):
        scale_of_pixels(coarse)
    floats = tflite_model.Tensor(0, "input", (256,), "float32", (), (), None)
    assert pixels_to_input(ALL_PIXELS, floats, "-1..1")[[0, 255]].tolist() == [-1, 1]
    with pytest.raises(InputError, match="is float32 without a scale"):
        scale_of_pixels(floats)


def test_real_numbers_are_rounded_as_tflm_rounds_them() -> None:
    values = np.array([0.25, -0.25, 0.74, 1e9, -1e9, 0.0])
    assert quantise(values, tensor(0.5, 3)).tolist() == [4, 2, 4, 127, -128, 3]


@pytest.mark.parametrize("kind", ["png", "bmp", "jpg"])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture(tmp_path: Path, kind: str, channels: int) -> None:
    path, model = save(tmp_path, f"x.{kind}"), picture_model(channels)
    notes = Notes()
    reader = InputReader(model, progress=notes)
    (array,) = reader.read(path).arrays
    reader.read(path)
    pixels = np.asarray(Image.open(path).convert("L" if channels == 1 else "RGB"), np.int16)
    assert array.dtype == np.int8
    assert (array == pixels.reshape(1, 6, 8, channels) - 128).all()
    note = "A pixel of 0..255 is taken as 0..1, as the input's scale says (else: scale_to=)."
    assert notes.texts == [note]


def test_a_picture_of_another_size(tmp_path: Path) -> None:
    path = save(tmp_path, "x.png", size=(20, 10))
    with pytest.raises(InputError, match=r"20x10 pixels .* takes 8x6; resize=True stretches it"):
        InputReader(picture_model()).read(path)
    (array,) = InputReader(picture_model(), resize=True).read(path).arrays
    assert array.shape == (1, 6, 8, 3)
    whole = np.asarray(Image.open(path), float).mean() - 128
    assert abs(array.mean() - whole) < 8


def test_what_is_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    with pytest.raises(InputError, match="is not a PNG or JPEG or BMP picture"):
        InputReader(picture_model()).read(path)
    Image.fromarray(np.zeros((6, 8), np.uint16)).save(path)
    with pytest.raises(InputError, match="more than 8 bits per pixel"):
        InputReader(picture_model()).read(path)
    with pytest.raises(InputError, match="is a picture, but the model takes 1x6x8x2"):
        InputReader(picture_model(2)).read(save(tmp_path, "y.bmp"))


@pytest.mark.parametrize("shape", [(1, 6, 8), (6, 8), (6, 8, 1), (6, 8, 3), (1, 6, 8, 3)])
def test_a_picture_without_batch_or_channels(tmp_path: Path, shape: tuple[int, ...]) -> None:
    pixels = Quantisation((1 / 255,), -128)
    operand = Tensor(shape, pixels)
    model = one_operator("ABS", [operand], [operand])
    channels = 3 if shape[-1] == 3 else 1
    path = save(tmp_path, "x.png", channels)
    (array,) = InputReader(model).read(path).arrays
    given = np.asarray(Image.open(path)).astype(int) - 128
    np.testing.assert_array_equal(array, given.reshape(shape))


@pytest.mark.parametrize("shape", [(48,), (1, 48), (2, 6, 8), (1, 6, 8, 2), (2, 6, 8, 3)])
def test_a_model_that_takes_no_picture(tmp_path: Path, shape: tuple[int, ...]) -> None:
    operand = Tensor(shape, Quantisation((1 / 255,), -128))
    text = "x".join(map(str, shape))
    with pytest.raises(InputError, match=f"is a picture, but the model takes {text}: neither hei"):
        InputReader(one_operator("ABS", [operand], [operand])).read(save(tmp_path, "x.png"))


@pytest.mark.parametrize("dtype", ["int8", "uint8", "float32"])
def test_raw_bytes(tmp_path: Path, dtype: str) -> None:
    path, model = tmp_path / "x.raw", picture_model()
    integers = np.random.default_rng(0).integers(0, 256, model.inputs[0].shape)
    given = {"int8": integers - 128, "uint8": integers, "float32": integers / 255}[dtype]
    path.write_bytes(given.astype(dtype).tobytes())
    (array,) = InputReader(model, dtype=dtype).read(path).arrays
    assert (array == integers - 128).all()
    with pytest.raises(InputError, match="name their type with dtype="):
        InputReader(model).read(path)
    path.write_bytes(path.read_bytes()[:-1])
    size = 144 * np.dtype(dtype).itemsize
    with pytest.raises(InputError, match=f"has {size - 1} bytes.* takes 144 values .* {size} b"):
        InputReader(model, dtype=dtype).read(path)


def test_options_that_are_none() -> None:
    with pytest.raises(InputError, match="dtype= must be int8, uint8, int16 or float32, not 'x'"):
        InputReader(picture_model(), dtype="x")
    with pytest.raises(InputError, match=r"scale_to= must be 0\.\.1, .*, not '0-1'"):
        InputReader(picture_model(), scale_to="0-1")


def test_arrays_of_other_types(tmp_path: Path) -> None:
    model, notes = Model.read(models.KWS_MODEL), Notes()
    reader = InputReader(model, progress=notes)
    input_ = model.inputs[0]
    integers = np.random.default_rng(0).integers(-128, 128, input_.shape, np.int8)
    np.save(tmp_path / "x.npy", (integers.astype(float) - input_.zero_point) * input_.scale)
    assert (reader.read(tmp_path / "x.npy").arrays[0] == integers).all()
    scale = "the input's scale 0.365274 and zero point -60"
    assert notes.texts == [f"float64 values are quantised with {scale}."]
    np.save(tmp_path / "x.npy", np.full(input_.shape, np.nan))
    with pytest.raises(InputError, match="not finite"):
        reader.read(tmp_path / "x.npy")
    np.save(tmp_path / "x.npy", integers.astype(np.uint8))
    with pytest.raises(InputError, match="scale_to="):
        reader.read(tmp_path / "x.npy")


def test_an_archive_is_for_several_inputs(tmp_path: Path) -> None:
    model = Model.read(models.KWS_MODEL)
    model.inputs = (model.inputs[0], model.inputs[0])
    zeros, ones = (np.full((1, 49, 10, 1), value, np.int8) for value in (0, 1))
    np.savez(tmp_path / "x.npz", zeros, ones)
    read = InputReader(model).read(tmp_path / "x.npz").arrays
    assert [array.flat[0] for array in read] == [0, 1]
    np.savez(tmp_path / "x.npz", zeros)
    with pytest.raises(InputError, match="holds 1 arrays, but kws takes 2"):
        InputReader(model).read(tmp_path / "x.npz")
    np.save(tmp_path / "x.npy", zeros)
    with pytest.raises(InputError, match=r"takes 2 inputs, but .* is one: give a \.npz"):
        InputReader(model).read(tmp_path / "x.npy")
    (tmp_path / "x.npz").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(InputError, match=r"is not a \.npz file"):
        InputReader(model).read(tmp_path / "x.npz")


def test_a_folder_gives_its_files_in_order(tmp_path: Path) -> None:
    for name in ("b/2.npy", "a/1.PNG", "c.bin", ".hidden/3.npy", "readme.txt", "a/.4.npy"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in find_inputs([tmp_path])]
    assert found == ["a/1.PNG", "b/2.npy", "c.bin"]


def test_inputs_are_named_with_their_sub_folders(tmp_path: Path) -> None:
    model, data = Model.read(models.KWS_MODEL), np.zeros((1, 49, 10, 1), np.int8)
    for name in ("yes/1.npy", "no/1.npy", "2.npy"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        np.save(tmp_path / name, data)
    source = InputSource([tmp_path, tmp_path / "yes" / "1.npy"])
    named = [sample.name for sample in source.samples(model, print)]
    assert named == ["2.npy", "no/1.npy", "yes/1.npy", "yes/1.npy"]


def test_made_up_inputs() -> None:
    model = Model.read(models.KWS_MODEL)
    values = random_sample(model, 5).arrays[0]
    assert (values == random_sample(model, 5).arrays[0]).all()
    assert (values != random_sample(model, 6).arrays[0]).any()
    assert [np.unique(each.arrays[0]).tolist() for each in corner_samples(model)] == [
        [-128],
        [127],
        [-60],
    ]


@pytest.mark.parametrize(
    ("scale", "zero_point", "dtype"),
    [
        *((scale, 0, "int8") for scale in (0.0, -1.0, float("nan"), float("inf"), 1e-45)),
        *((0.5, zero_point, "int8") for zero_point in (128, -(1 << 62), 1 << 62)),
        *((0.5, 0, dtype) for dtype in ("complex64", "bool", "resource", "int64")),
    ],
)
def test_a_scale_that_means_nothing(scale: float, zero_point: int, dtype: str) -> None:
    model = picture_model()
    model.inputs = (replace(model.inputs[0], **quantisation(scale, zero_point), dtype=dtype),)
    for scale_to in (None, "0..255"):
        reader = InputReader(model, scale_to=scale_to)
        for kind in (np.uint8, np.float64):
            with pytest.raises(InputError, match="scale"):
                reader.array(np.ones(model.inputs[0].shape, kind))


def quantisation(scale: float, zero_point: int) -> dict[str, Any]:
    return {"scales": (scale,), "zero_points": (zero_point,)}


def test_made_up_inputs_of_an_odd_zero_point() -> None:
    model = picture_model()
    model.inputs = (replace(model.inputs[0], zero_points=(1 << 40,)),)
    assert [each.arrays[0].flat[0] for each in corner_samples(model)] == [-128, 127, 127]
