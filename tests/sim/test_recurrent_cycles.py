"""What LSTM and SVDF gain from the designs' kernels on board sim."""

from __future__ import annotations

import numpy as np
import pytest

from cfuforge import Design, SimTarget, board
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model
from support.graph import Quantisation
from support.operators import Gate, lstm, svdf

TIMES = {
    ("simd_mac", "LSTM"): 2.2,
    ("simd_mac", "SVDF"): 2,
    ("engine", "LSTM"): 6,
    ("engine", "SVDF"): 6,
}


def an_lstm() -> Model:
    """Make one as large as TFLM's example for handwritten digits."""
    rng = np.random.default_rng(3)
    inputs, units = 28, 20
    gates = [
        Gate(
            rng.integers(-127, 128, (units, inputs)).astype(np.int8),
            rng.integers(-127, 128, (units, units)).astype(np.int8),
            rng.integers(-4000, 4000, units).astype(np.int32),
            Quantisation((0.004,)),
            Quantisation((0.005,)),
        )
        for _ in range(4)
    ]
    scales = Quantisation((1 / 255,), -128), Quantisation((0.0076,))
    return lstm((1, inputs, inputs), gates, *scales, 2.0**-11, cell_clip=10.0)


def an_svdf() -> Model:
    """Make one as large as the first of TFLM's example for keywords."""
    rng = np.random.default_rng(4)
    scales = [(0.05, -128), (0.01, 0), (0.02, 0), (0.1, -13), (0.13, 5)]
    return svdf(
        1,
        1,
        rng.integers(-127, 128, (64, 96)).astype(np.int8),
        rng.integers(-127, 128, (64, 8)).astype(np.int8),
        rng.integers(-1000, 1001, 64).astype(np.int32),
        [Quantisation((scale,), offset) for scale, offset in scales],
    )


@pytest.mark.more
@pytest.mark.parametrize("design", ["simd_mac", "engine"])
def test_gains(design: str) -> None:
    for name, model in (("LSTM", an_lstm()), ("SVDF", an_svdf())):
        array = np.random.default_rng(5).integers(-128, 128, model.inputs[0].shape, np.int8)
        right = tuple(tuple(each.ravel().tolist()) for each in Oracle(model)(array))
        plain, run = (
            SimTarget(Design.load(each), board("sim")).run(model, [array])
            for each in ("none", design)
        )
        assert plain.outputs == run.outputs == right
        gain = plain.layers[0].cycles / run.layers[0].cycles
        print(f"{name} on {design}: {plain.layers[0].cycles:,} / {run.layers[0].cycles:,}")
        assert gain > TIMES[design, name]
