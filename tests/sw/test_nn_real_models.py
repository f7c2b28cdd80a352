"""The plain kernels against TFLM, layer by layer, on real models with real inputs."""

from pathlib import Path

import numpy as np
import pytest

from cfuforge.sw.tflite_model import Model
from support.kernels import REAL_MODELS, KernelsUnderTest


def inputs_of(model: Model, folder: Path | None) -> list[np.ndarray]:
    if folder is not None:
        return [np.load(path) for path in sorted(folder.glob("*.npy"))]
    shape = model.inputs[0].shape
    rng = np.random.default_rng(1)
    extremes = [np.full(shape, value, np.int8) for value in (-128, 127)]
    return [*extremes, rng.integers(-128, 128, shape, dtype=np.int8)]


@pytest.mark.parametrize(("name", "inputs"), REAL_MODELS)
def test_every_layer_equals_tflm(
    plain_kernels: KernelsUnderTest, shared_models: Path, name: str, inputs: str | None
) -> None:
    model = Model.read(shared_models / f"{name}.tflite")
    arrays = inputs_of(model, shared_models / "inputs" / inputs if inputs else None)
    assert arrays
    for array in arrays:
        ran = plain_kernels.check_layers(model, array)
        assert all(kernel.startswith("reference/") for kernel in ran)
