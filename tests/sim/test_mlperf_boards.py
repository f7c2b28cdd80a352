"""MLPerf Tiny's performance mode on each board, with `engine` where it fits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from mlperf_runner import mean_squared_error, running, scores
from numpy.typing import NDArray

from cfuforge.sw.tflite_model import Model

SHARED = Path(__file__).parents[2] / ".." / "shared" / "models"
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        not SHARED.is_dir(),
        reason=f"{SHARED} is not there: the real models are not in the repository",
    ),
]
SAMPLES = {  # the benchmark: its model, and an input
    "kws01": ("mlperf_kws_dscnn_int8", "kws/yes_9"),
    "ic01": ("mlperf_ic_resnet8_int8", "ic/quant_cat"),
    "vww01": ("mlperf_vww_mnv1_025_96_int8", "vww/quant_test_yes_0"),
    "ad01": ("mlperf_ad_fcae_int8", "ad/quant_anomaly_0"),
}
# Loops, each with a new input, inferences and warm-ups: those of benchmark/runner's
# tests_performance.yaml in mlcommons/tiny at 1afd2c9.
STOCK = {"kws01": (5, 70, 10), "ic01": (5, 20, 5), "vww01": (5, 20, 5), "ad01": (5, 1500, 10)}
FEW = (1, 2, 1)


def sent(model: Model, name: str, array: NDArray[np.int8]) -> tuple[bytes, list[str]]:
    """Return what the runner sends, and the results that it has to get."""
    if name == "ad01":
        (tensor,) = model.inputs
        assert tensor.scale is not None
        assert tensor.zero_point is not None
        window = (array.ravel().astype(np.float32) - tensor.zero_point) * np.float32(tensor.scale)
        window = window[:640].astype("<f4")
        return window.tobytes(), [mean_squared_error(model, window)]
    expected = scores(model, array)
    if name == "kws01":
        return array.tobytes(), expected
    return (array.astype(np.int16) + 128).astype(np.uint8).tobytes(), expected


def performance(name: str, board: str, design: str, loops: int, count: int, warm_up: int) -> None:
    """Drive a board as the runner does in performance mode, and compare every result."""
    file, sample = SAMPLES[name]
    model = Model.read(SHARED / f"{file}.tflite")
    array = np.load(SHARED / "inputs" / f"{sample}.npy").reshape(model.inputs[0].shape)
    data, expected = sent(model, name, array)
    with running(design, model, board) as runner:
        assert runner.reply(600)[-1] == "m-init-done"
        assert runner.command("name") == ["m-name-dut-[cfuforge]"]
        assert runner.command("profile")[1] == f"m-model-[{name}]"
        times = []
        for _ in range(loops):
            runner.load(data)
            microseconds, results = runner.infer(count, warm_up)
            assert results == expected
            times.append(microseconds / count)
        assert max(times) / min(times) < 1.01
        print(f"{name} on {board} with {design}: {np.median(times):.1f} us an inference")


@pytest.mark.parametrize("name", ["kws01", "ic01", "vww01"])
def test_stock_counts_on_the_reference_board(name: str) -> None:
    performance(name, "sim", "engine", *STOCK[name])


def test_anomaly_detection_on_the_reference_board() -> None:
    """The stock counts, 5 times 1,510 inferences, would take half an hour."""
    performance("ad01", "sim", "engine", 5, 15, 10)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("board", ["arty", "ulx3s"])
def test_boards_with_dram(board: str, name: str) -> None:
    performance(name, board, "engine", *FEW)


@pytest.mark.parametrize("name", ["kws01", "ic01", "ad01"])
def test_fomu(name: str) -> None:
    """Without visual wake words: its tensors and its input do not fit into 128 kB of SPRAM."""
    performance(name, "fomu", "simd_mac:folded=true", *FEW)
