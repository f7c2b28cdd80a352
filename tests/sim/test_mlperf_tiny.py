"""MLPerf Tiny's device API over a pseudo-terminal, against the simulated SoC."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import numpy as np
import pytest
from mlperf_runner import READY, Runner, mean_squared_error, running, scores

from cfuforge.sw import models
from cfuforge.sw.tflite_model import Model

SHARED = Path(__file__).parents[2] / ".." / "shared" / "models"
needs_models = pytest.mark.skipif(
    not SHARED.is_dir(), reason=f"{SHARED} is not there: the real models are not in the repository"
)


def boot(runner: Runner) -> None:
    mode, lap, done = runner.reply(60)
    assert (mode, done) == ("m-timestamp-mode-performance", "m-init-done")
    assert re.fullmatch(r"m-lap-us-\d+", lap)


def every_command(
    runner: Runner, kind: str, sent: bytes, expected: list[str], count: int, warm_up: int
) -> None:
    """Drive all of the API, and compare every reply."""
    boot(runner)
    assert runner.command("name") == ["m-name-dut-[cfuforge]"]
    profile, model = runner.command("profile")
    assert re.fullmatch(r"m-profile-\[[^]]+\]", profile)
    assert model == f"m-model-[{kind}]"
    first, second = (runner.command("timestamp") for _ in range(2))
    laps = [int(re.fullmatch(r"m-lap-us-(\d+)", lap)[1]) for (lap,) in (first, second)]  # type: ignore[index]
    assert 0 < laps[0] < laps[1]
    assert len(runner.command("help")) > 7
    assert runner.command("results")[0].startswith("e-[")
    runner.load(sent)
    shown = [line.split("-")[2:] for line in runner.command("db print")]
    assert bytes.fromhex("".join(map("".join, shown))) == sent
    microseconds, results = runner.infer(count, 0)
    assert results == expected
    assert runner.command("results") == [f"m-results-[{','.join(expected)}]"]
    again, results = runner.infer(1, warm_up)
    assert results == expected  # the input is still what it was
    assert 0.95 < microseconds / count / again < 1.05
    assert runner.command("nonsense") == ["e-[unknown command nonsense: try help]"]


def test_every_command_with_keyword_spotting() -> None:
    model = Model.read(models.KWS_MODEL)
    array = np.load(models.kws_inputs()[9])
    with running(model=model) as runner:
        every_command(runner, "kws01", array.tobytes(), scores(model, array), 2, 1)


@needs_models
@pytest.mark.long
def test_every_command_with_image_classification() -> None:
    model = Model.read(SHARED / "mlperf_ic_resnet8_int8.tflite")
    array = np.load(SHARED / "inputs" / "ic" / "quant_cat.npy")
    pixels = (array.astype(np.int16) + 128).astype(np.uint8).tobytes()
    with running(model=model) as runner:
        every_command(runner, "ic01", pixels, scores(model, array), 1, 0)


@needs_models
@pytest.mark.long
def test_visual_wake_words_takes_pixels() -> None:
    model = Model.read(SHARED / "mlperf_vww_mnv1_025_96_int8.tflite")
    array = np.load(SHARED / "inputs" / "vww" / "quant_test_yes_0.npy")
    pixels = (array.astype(np.int16) + 128).astype(np.uint8).tobytes()
    assert len(pixels) == 27648  # all that db takes
    with running(model=model) as runner:
        boot(runner)
        assert runner.command("profile")[1] == "m-model-[vww01]"
        runner.load(pixels)
        assert runner.infer(1, 0)[1] == scores(model, array)


@needs_models
def test_streaming_wake_word_takes_its_tensor() -> None:
    model = Model.read(SHARED / "mlperf_sww_1ddscnn_int8.tflite")
    array = np.random.default_rng(5).integers(-128, 128, model.inputs[0].shape).astype(np.int8)
    with running(model=model) as runner:
        boot(runner)
        assert runner.command("profile")[1] == "m-model-[sww01]"
        runner.load(array.tobytes())
        assert runner.infer(1, 0)[1] == scores(model, array)


@needs_models
@pytest.mark.more
def test_anomaly_detection_over_windows_of_a_recording() -> None:
    """Floats in, 512 bytes apart; one mean squared error back for each window."""
    model = Model.read(SHARED / "mlperf_ad_fcae_int8.tflite")
    tensor = model.inputs[0]
    assert tensor.scale is not None
    assert tensor.zero_point is not None
    generator = np.random.default_rng(3)
    quantised = np.load(SHARED / "inputs" / "ad" / "quant_anomaly_0.npy").ravel()
    floats = (quantised.astype(np.float32) - tensor.zero_point) * np.float32(tensor.scale)
    jitter = generator.uniform(-1, 1, 640 + 3 * 128) * tensor.scale
    recording = (np.resize(floats, 640 + 3 * 128) + jitter).astype("<f4")
    data = recording.tobytes()
    windows = [data[at : at + 2560] for at in range(0, len(data) - 2559, 512)]
    assert len(windows) == 4
    with running(model=model) as runner:
        boot(runner)
        assert runner.command("profile")[1] == "m-model-[ad01]"
        found = []
        for window in windows:
            runner.load(window)
            found.append(runner.infer(1, 0)[1])
            runner.load(bytes(2560))  # the result stays that of the window before
            assert runner.command("results") == [f"m-results-[{found[-1][0]}]"]
        runner.load(windows[0][:-4])
        assert runner.command("infer 1 0") == [
            "e-[the buffer has 2556 bytes, the model takes 2560]"
        ]
    expected = [mean_squared_error(model, np.frombuffer(window, "<f4")) for window in windows]
    assert [[each] for each in expected] == found
    assert len(set(expected)) > 1


@pytest.mark.more
def test_the_runner_in_performance_and_accuracy_mode() -> None:
    """Five loops of one timed inference batch each; then all inputs once, and their classes."""
    model = Model.read(models.KWS_MODEL)
    inputs = models.kws_inputs()[8:10]
    with running(model=model) as runner:
        boot(runner)
        assert runner.command("name")
        assert runner.command("profile")
        rates = []
        for _ in range(5):
            runner.load(np.load(inputs[0]).tobytes())
            microseconds, _ = runner.infer(2, 0)
            rates.append(2e6 / microseconds)
        assert max(rates) / min(rates) < 1.01
        for number, path in enumerate(inputs, 8):
            runner.load(np.load(path).tobytes())
            _, results = runner.infer(1, 0)
            assert int(np.argmax([float(each) for each in results])) == number


def test_a_line_comes_while_the_board_works_and_costs_no_cycle() -> None:
    model = Model.read(models.KWS_MODEL)
    array = np.load(models.kws_inputs()[9])
    taken = []
    for heartbeat in (0.05, 60.0):
        with running(model=model, heartbeat=heartbeat) as runner:
            boot(runner)
            runner.load(array.tobytes())
            runner.serial.write(b"infer 1 0%")
            lines = [runner.line(30)]
            while lines[-1] != READY:
                lines.append(runner.line(30))
        busy = [line for line in lines if line.startswith("m-busy-")]
        assert bool(busy) == (heartbeat < 1)
        laps = [int(line.rpartition("-")[2]) for line in lines if line.startswith("m-lap-us-")]
        taken.append(laps[1] - laps[0])
    assert taken[0] == taken[1]


@needs_models
@pytest.mark.long
def test_image_classification_with_the_default_warm_up() -> None:
    """Plain C kernels, eleven inferences: minutes of this machine, with never 20 s of silence."""
    model = Model.read(SHARED / "mlperf_ic_resnet8_int8.tflite")
    array = np.load(SHARED / "inputs" / "ic" / "quant_cat.npy")
    pixels = (array.astype(np.int16) + 128).astype(np.uint8).tobytes()
    with running("none", model) as runner:
        boot(runner)
        runner.load(pixels)
        runner.silences.clear()
        began = time.monotonic()
        assert runner.infer(1)[1] == scores(model, array)
        assert time.monotonic() - began > 40
    assert max(runner.silences) < 20


def garbage(generator: random.Random) -> bytes:
    kind = generator.randrange(8)
    if kind == 0:
        return generator.randbytes(generator.randrange(2, 12)) + b"%"
    if kind == 1:
        return b"x" * generator.randrange(81, 200) + b"%"
    if kind == 2:
        return generator.choice([b"", b"d", b"db", b"db loa", b"inf", b"prof"]) + b"%"
    if kind == 3:
        return b"db " + generator.randbytes(4).hex().encode()[: generator.randrange(8)] + b"%"
    return generator.choice([b"model 9%", b"block 0 0 %", b"db load 0%", b"infer 0%", b"a\r\n%"])


@pytest.mark.long
def test_10000_lines_of_garbage_do_not_stop_the_next_good_command() -> None:
    seed = 11
    generator = random.Random(seed)
    said = b"".join(garbage(generator) for _ in range(10_000))
    model = Model.read(models.KWS_MODEL)
    array = np.load(models.kws_inputs()[9])
    with running(model=model) as runner:
        boot(runner)
        answered = 0
        for at in range(0, len(said), 4096):
            runner.serial.write(said[at : at + 4096])
            while runner.serial.in_waiting:
                answered += runner.line(5) == READY
        while answered < said.count(b"%"):
            answered += runner.line(20) == READY
        assert answered >= 10_000
        assert runner.command("name") == ["m-name-dut-[cfuforge]"]
        runner.load(array.tobytes())
        assert runner.infer(1, 0)[1] == scores(model, array)


def test_a_cable_pulled_in_the_middle_of_db() -> None:
    model = Model.read(models.KWS_MODEL)
    array = np.load(models.kws_inputs()[9])
    data = array.tobytes()
    with running(model=model) as runner:
        boot(runner)
        runner.command("db load 490")
        runner.command(f"db {data[:31].hex()}")
        runner.serial.write(b"db 0011223")
        runner.serial.close()
        runner.serial.open()
        assert runner.command("name")[0].startswith("e-[")  # what it was, nobody knows
        assert runner.command("name") == ["m-name-dut-[cfuforge]"]
        assert runner.command("infer 1 0") == ["e-[the buffer has 31 of 490 bytes: load an input]"]
        runner.load(data)
        assert runner.infer(1, 0)[1] == scores(model, array)
