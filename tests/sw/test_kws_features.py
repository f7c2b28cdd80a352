"""The keyword model of the project's own: its feature code and its committed files."""

import ast
import hashlib
import json
import struct
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from tflite_micro import runtime
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from cfuforge.sw.models import (
    KWS_FACTS,
    KWS_LABELS,
    KWS_MODEL,
    KWS_WAV,
    features,
    kws_inputs,
    train_kws,
)

RATE = features.SAMPLE_RATE
FACTS = json.loads(KWS_FACTS.read_text())
SCALE, ZERO = FACTS["input_scale"], FACTS["input_zero_point"]


def tone(frequency, rate=RATE, count=None, amplitude=0.5):
    time = np.arange(rate if count is None else count) / rate
    return amplitude * np.sin(2 * np.pi * frequency * time)


def write_wav(path, samples, rate=RATE, channels=1, width=2):
    """Write samples in [-1, 1); 8-bit files are unsigned, wider ones have their low bytes zero."""
    pcm = np.rint(np.asarray(samples) * 32767).astype("<i2")
    raw = pcm.tobytes()
    if width == 1:
        raw = ((pcm >> 8) + 128).astype(np.uint8).tobytes()
    elif width > 2:
        raw = b"".join(bytes(width - 2) + struct.pack("<h", value) for value in pcm.ravel())
    with wave.open(str(path), "wb") as wav:
        wav.setparams((channels, width, rate, 0, "NONE", ""))
        wav.writeframes(raw)
    return path


# Features


def test_digital_silence_is_zero():
    assert np.array_equal(features.mfcc(np.zeros(RATE)), np.zeros((49, 10)))


def test_silence_becomes_the_zero_point(tmp_path):
    path = write_wav(tmp_path / "silence.wav", np.zeros(RATE))
    assert np.array_equal(
        features.wav_to_input(path, SCALE, ZERO), np.full((1, 49, 10, 1), ZERO, np.int8)
    )


@pytest.mark.parametrize("band", [0, 3, 9, 17, 26, 33, 39])
def test_a_sine_is_loudest_in_the_band_centred_on_it(band):
    energies = features.mel_energies(tone(features.mel_centres()[band]))
    assert energies.shape == (49, 40)
    assert (energies.argmax(axis=1) == band).all()


def test_mel_bands_follow_the_mel_scale():
    centres = features.mel_centres()
    assert 60 < centres[0] < centres[-1] < 7600
    steps = np.diff(1127.01048 * np.log1p(centres / 700))  # the scale's other usual form
    assert steps == pytest.approx(np.full(39, steps[0]), rel=1e-5)


def test_energy_grows_with_the_square_of_the_amplitude():
    quiet, loud = (features.mel_energies(tone(1000, amplitude=a)) for a in (0.1, 0.2))
    assert loud == pytest.approx(4 * quiet)


def test_frames_are_where_they_should_be():
    click = np.zeros(RATE)
    click[8000] = 0.9
    heard = np.flatnonzero(features.mfcc(click)[:, 0] > 1)
    assert heard.tolist() == [24]  # 7680 to 8159; 25 begins on the click, with a weight of zero


def test_a_shift_by_one_stride_shifts_by_one_frame():
    noise = np.random.default_rng(1).normal(0, 0.1, RATE)
    later = np.roll(noise, 320)
    assert features.mfcc(later)[1:] == pytest.approx(features.mfcc(noise)[:-1])


def test_the_cepstra_are_an_orthonormal_dct_of_the_log_energies():
    noise = np.random.default_rng(2).normal(0, 0.1, RATE)
    bands = np.log1p(features.mel_energies(noise) / features.FLOOR)
    cepstra = features.mfcc(noise)
    assert cepstra[:, 0] == pytest.approx(bands.sum(axis=1) / np.sqrt(40))
    angle = np.pi / 80 * (2 * np.arange(40) + 1)
    assert cepstra[:, 9] == pytest.approx(np.sqrt(2 / 40) * (bands * np.cos(9 * angle)).sum(axis=1))


def test_features_want_one_second():
    with pytest.raises(ValueError, match=r"\(16000,\).*not \(15999,\); use read_wav"):
        features.mfcc(np.zeros(RATE - 1))


def test_quantize_rounds_shifts_and_saturates():
    values = np.zeros((49, 10))
    values[0, :6] = [1.0, 1.3, -1.3, 1e6, -1e6, 0.7]
    levels = features.quantize(values, 0.5, -60)
    assert levels.dtype == np.int8
    assert levels.shape == (1, 49, 10, 1)
    assert levels[0, 0, :7, 0].tolist() == [-58, -57, -63, 127, -128, -59, -60]


@pytest.mark.parametrize("scale", [0, -0.5, float("nan"), float("inf")])
def test_quantize_wants_a_positive_scale(scale):
    with pytest.raises(ValueError, match=f"positive number, not {scale!r}"):
        features.quantize(np.zeros((49, 10)), scale, 0)


# Sample rates


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 24000, 32000, 44100, 48000, 96000])
def test_resampling_keeps_a_tone(rate):
    converted = features.resample(tone(440, rate), rate)
    assert len(converted) == RATE
    assert converted[800:-800] == pytest.approx(tone(440)[800:-800], abs=1e-4)


def test_resampling_removes_what_16_khz_cannot_hold():
    alias = features.resample(tone(9500, 44100), 44100)
    assert np.abs(alias[800:-800]).max() < 1e-3


@pytest.mark.parametrize("rate", [22050, 44100, 48000])
def test_another_sample_rate_gives_nearly_the_same_features(rate, tmp_path):
    def chord(at):
        envelope = np.sin(np.pi * np.arange(at) / at) ** 2
        return envelope * sum(tone(f, at, amplitude=0.2) for f in (250, 720, 1900, 3100))

    def cepstra(at):
        return features.mfcc(features.read_wav(write_wav(tmp_path / f"{at}.wav", chord(at), at)))

    # The lower bands hold the tones; empty ones hold each file's own 16-bit rounding.
    assert np.abs(cepstra(rate) - cepstra(RATE)).max() < 2 * SCALE


# WAV files


def test_a_16_khz_file_is_read_unchanged(tmp_path):
    samples = np.random.default_rng(3).integers(-32768, 32768, RATE)
    path = write_wav(tmp_path / "noise.wav", samples / 32767)
    assert np.array_equal(features.read_wav(path) * 32768, samples)


def test_a_short_clip_is_padded_and_a_long_one_cut(tmp_path):
    short = features.read_wav(write_wav(tmp_path / "short.wav", tone(300, count=5000)))
    long = features.read_wav(write_wav(tmp_path / "long.wav", tone(300, count=50000)))
    assert short.shape == long.shape == (RATE,)
    assert not short[5000:].any()
    assert np.array_equal(short[:5000], long[:5000])
    assert np.abs(long[-50:]).max() > 0.1


def test_stereo_is_averaged(tmp_path):
    left, right = tone(300), tone(2000)
    path = write_wav(tmp_path / "two.wav", np.stack([left, right], axis=1), channels=2)
    assert features.read_wav(path) == pytest.approx((left + right) / 2, abs=1e-4)


def test_the_input_is_the_same_every_time():
    first = features.wav_to_input(KWS_WAV, SCALE, ZERO)
    assert np.array_equal(first, features.wav_to_input(str(KWS_WAV), SCALE, ZERO))


@pytest.mark.parametrize(("width", "bits"), [(1, 8), (3, 24), (4, 32)])
def test_another_bit_depth_is_refused(width, bits, tmp_path):
    path = write_wav(tmp_path / "x.wav", tone(300), width=width)
    with pytest.raises(
        ValueError, match=f"16 bits per sample, not {bits}; convert it: ffmpeg -i x"
    ):
        features.read_wav(path)


def test_more_than_two_channels_are_refused(tmp_path):
    path = write_wav(tmp_path / "x.wav", np.zeros((100, 3)), channels=3)
    with pytest.raises(ValueError, match="1 or 2 channels, not 3; convert it"):
        features.read_wav(path)


@pytest.mark.parametrize("rate", [0, 999, 384_001, 2**32 - 1])
def test_an_absurd_sample_rate_is_refused(rate, tmp_path):
    path = write_wav(tmp_path / "x.wav", np.zeros(100))
    data = bytearray(path.read_bytes())
    data[24:28] = struct.pack("<I", rate)
    path.write_bytes(data)
    with pytest.raises(ValueError, match=f"1000 to 384000 Hz, not {rate}; convert it"):
        features.read_wav(path)


def test_a_file_without_samples_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one sample, not 0"):
        features.read_wav(write_wav(tmp_path / "x.wav", []))


@pytest.mark.parametrize(
    "content",
    [b"", b"RIFF", b"ID3\x04 an MP3 file, for example" * 9, b"RIFF\x24\0\0\0WAVEdata\0\0\0\0"],
    ids=["empty", "cut", "mp3", "no format"],
)
def test_something_else_is_refused_in_one_line(content, tmp_path):
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="must be a PCM WAV file") as caught:
        features.read_wav(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    assert "convert it: ffmpeg" in str(caught.value)


def test_floating_point_samples_are_refused(tmp_path):
    path = write_wav(tmp_path / "x.wav", np.zeros(100), width=4)
    data = bytearray(path.read_bytes())
    data[20:22] = struct.pack("<H", 3)  # WAVE_FORMAT_IEEE_FLOAT
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"PCM WAV file \(unknown format"):
        features.read_wav(path)


def test_a_file_cut_in_its_samples_is_read_as_far_as_it_goes(tmp_path):
    path = write_wav(tmp_path / "x.wav", tone(300))
    path.write_bytes(path.read_bytes()[:-20001])
    samples = features.read_wav(path)
    assert samples[:5999] == pytest.approx(tone(300)[:5999], abs=1e-4)
    assert not samples[6000:].any()


def test_features_need_numpy_only():
    imported = set()
    for node in ast.walk(ast.parse(Path(features.__file__).read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module.split(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"numpy"}


# The committed model


@pytest.fixture(scope="module")
def model():
    return schema.ModelT.InitFromPackedBuf(KWS_MODEL.read_bytes(), 0)


@pytest.fixture(scope="module")
def graph(model):
    """Return operators as (name, output shape, operand shapes)."""
    names = {code: name for name, code in vars(schema.BuiltinOperator).items() if name.isupper()}
    (subgraph,) = model.subgraphs

    def shape(index):
        return tuple(int(size) for size in subgraph.tensors[index].shape)

    operators = []
    for operator in subgraph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        name = names[max(code.builtinCode, code.deprecatedBuiltinCode)]
        operators.append(
            (name, shape(operator.outputs[0]), [shape(index) for index in operator.inputs])
        )
    return operators


def interpreter():
    return runtime.Interpreter.from_file(str(KWS_MODEL), arena_size=100_000)


def test_the_layers_are_those_of_ds_cnn(graph):
    fm, dw, pw = (1, 25, 5, 64), (1, 3, 3, 64), (64, 1, 1, 64)
    block = [("DEPTHWISE_CONV_2D", fm, [fm, dw, (64,)]), ("CONV_2D", fm, [fm, pw, (64,)])]
    assert graph == [
        ("CONV_2D", fm, [(1, 49, 10, 1), (64, 10, 4, 1), (64,)]),
        *block * 4,
        ("AVERAGE_POOL_2D", (1, 1, 1, 64), [fm]),
        ("RESHAPE", (1, 64), [(1, 1, 1, 64), (2,)]),
        ("FULLY_CONNECTED", (1, 12), [(1, 64), (12, 64), (12,)]),
        ("SOFTMAX", (1, 12), [(1, 12)]),
    ]


def test_the_model_has_2656768_macs(graph):
    macs = 0
    for name, output, operands in graph:
        if name in ("CONV_2D", "FULLY_CONNECTED"):  # each output: one filter
            macs += np.prod(output) * np.prod(operands[1][1:])
        elif name == "DEPTHWISE_CONV_2D":
            macs += np.prod(output) * np.prod(operands[1][1:3])
    assert macs == 2_656_768


def test_weights_have_a_scale_per_channel_and_the_dense_layer_one(model):
    (subgraph,) = model.subgraphs
    scales = []
    for operator in subgraph.operators:
        if len(operator.inputs) == 3:
            weights = subgraph.tensors[operator.inputs[1]]
            assert weights.type == schema.TensorType.INT8
            assert not np.any(weights.quantization.zeroPoint)
            scales.append(len(weights.quantization.scale))
    assert scales == [64] * 9 + [1]


def test_input_and_output_are_int8():
    model = interpreter()
    entry, result = model.get_input_details(0), model.get_output_details(0)
    assert entry["dtype"] is result["dtype"] is np.int8
    assert entry["shape"].tolist() == [1, 49, 10, 1]
    assert result["shape"].tolist() == [1, 12]
    assert entry["quantization_parameters"]["scales"].tolist() == [SCALE]
    assert entry["quantization_parameters"]["zero_points"].tolist() == [ZERO]
    assert result["quantization_parameters"]["scales"].tolist() == [1 / 256]
    assert result["quantization_parameters"]["zero_points"].tolist() == [-128]


def test_the_labels_are_in_the_usual_order():
    order = "down go left no off on right stop up yes silence unknown"
    assert list(KWS_LABELS) == FACTS["labels"] == order.split()


def test_the_facts_are_about_this_model():
    data = KWS_MODEL.read_bytes()
    assert FACTS["sha256"] == hashlib.sha256(data).hexdigest()
    assert FACTS["bytes"] == len(data) < 60_000


def test_the_accuracy_is_good_enough_and_adds_up():
    test = FACTS["test"]
    assert test["accuracy"] >= train_kws.MINIMUM_ACCURACY >= 0.9
    assert list(test["per_class"]) == list(KWS_LABELS)
    # Every class has as many clips, so the mean of the classes is the whole.
    assert np.mean(list(test["per_class"].values())) == pytest.approx(test["accuracy"], abs=2e-4)


def test_the_readme_tells_the_same_accuracy():
    readme = (KWS_MODEL.parent / "README.md").read_text()
    test = FACTS["test"]
    assert f"{test['accuracy']:.1%} of {test['clips']:,} clips" in readme.replace("\n", " ")


def test_there_is_one_input_per_class():
    paths = kws_inputs()
    assert [path.name for path in paths] == [f"{name}_{i}.npy" for i, name in enumerate(KWS_LABELS)]
    assert sorted(paths) == sorted(KWS_MODEL.parent.glob("kws/*.npy"))


@pytest.mark.parametrize("path", kws_inputs(), ids=lambda path: path.stem)
def test_tflm_classifies_each_input_as_its_name_says(path):
    data = np.load(path)
    assert (data.dtype, data.shape) == (np.int8, (1, 49, 10, 1))
    model = interpreter()
    model.set_input(data, 0)
    model.invoke()
    scores = model.get_output(0)[0]
    assert path.stem == f"{KWS_LABELS[scores.argmax()]}_{scores.argmax()}"


def test_the_recording_gives_exactly_its_input():
    with wave.open(str(KWS_WAV)) as wav:
        assert wav.getparams()[:4] == (1, 2, 16_000, 16_000)
    expected = np.load(KWS_WAV.with_suffix(".npy"))
    assert np.array_equal(features.wav_to_input(KWS_WAV, SCALE, ZERO), expected)


# The training command: what it says when a tool is missing


def test_training_names_the_command_that_installs_espeak(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["train_kws", "--work", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"^train_kws: espeak-ng .*apt install espeak-ng$"):
        train_kws.main()


def test_training_names_the_command_that_installs_tensorflow(monkeypatch, tmp_path):
    monkeypatch.setattr(train_kws, "espeak_version", lambda: "1.51")
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    monkeypatch.setattr(sys, "argv", ["train_kws", "--work", str(tmp_path)])
    with pytest.raises(SystemExit, match=r"^train_kws: tensorflow .*pip install tensorflow-cpu=="):
        train_kws.main()
    assert not list(tmp_path.iterdir())


def test_training_refuses_a_count_of_zero(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["train_kws", "--epochs", "0"])
    with pytest.raises(SystemExit):
        train_kws.main()
    assert "--epochs must be at least 1, not 0" in capsys.readouterr().err
