"""Labelled samples of the kind that public benchmarks have, 25 of each: every value of every layer.

Where there are fewer real ones, the others are mixtures of two of them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model
from support.kernels import plain_runtime

SAMPLES = 25
MODELS = {"kws": "kws_dscnn", "ic": "ic_resnet8", "ad": "ad_fcae"}


def samples(folder: Path) -> list[NDArray[np.int8]]:
    """Return the real inputs of a folder, and as many mixtures as are missing."""
    real = [np.load(path) for path in sorted(folder.glob("*.npy"))]
    rng = np.random.default_rng(13)
    mixed = []
    while len(real) + len(mixed) < SAMPLES:
        one, other = (real[index].astype(np.float64) for index in rng.permutation(len(real))[:2])
        share = rng.uniform(0.1, 0.9)
        mixed.append(np.rint(share * one + (1 - share) * other).astype(np.int8))
    return [*real, *mixed][:SAMPLES]


@pytest.mark.parametrize("kind", MODELS)
def test_every_layer_equals_tflm(shared_models: Path, kind: str) -> None:
    model = Model.read(shared_models / f"mlperf_{MODELS[kind]}_int8.tflite")
    arrays = samples(shared_models / "inputs" / kind)
    assert len({array.tobytes() for array in arrays}) == SAMPLES
    oracle = Oracle(model, keep_all=True)
    planned, preserved = plain_runtime(model), plain_runtime(model, preserve_all_tensors=True)
    for array in arrays:
        expected = oracle.run_layers(array)
        preserved(array)
        for index, values in expected.items():
            np.testing.assert_array_equal(preserved.tensor(model.tensors[index]), values)
        (output,) = planned(array)
        np.testing.assert_array_equal(output, expected[model.outputs[0].index])
