"""The plain kernels against TFLM, layer by layer, on real models with real inputs."""

from pathlib import Path

import numpy as np
import pytest

from cfuforge.sw.tflite_model import Model
from support.kernels import KernelsUnderTest

# Models, and their inputs' folders; None: random ones and the extremes.
MODELS = [
    ("mlperf_kws_dscnn_int8", "kws"),
    ("mlperf_ad_fcae_int8", "ad"),
    ("mlperf_ic_resnet8_int8", "ic"),
    ("mlperf_vww_mnv1_025_96_int8", "vww"),
    ("tflm_person_detect_int8", "person_detect"),
    ("cfupg_mnv2_160_035_int8", "mnv2"),
    ("mlperf_sww_1ddscnn_int8", None),
    ("tflm_micro_speech_int8", None),
    ("tflm_hello_world_int8", None),
]


def inputs_of(model: Model, folder: Path | None) -> list[np.ndarray]:
    if folder is not None:
        return [np.load(path) for path in sorted(folder.glob("*.npy"))]
    shape = model.inputs[0].shape
    rng = np.random.default_rng(1)
    extremes = [np.full(shape, value, np.int8) for value in (-128, 127)]
    return [*extremes, rng.integers(-128, 128, shape, dtype=np.int8)]


@pytest.mark.parametrize(("name", "inputs"), MODELS)
def test_every_layer_equals_tflm(
    plain_kernels: KernelsUnderTest, shared_models: Path, name: str, inputs: str | None
) -> None:
    model = Model.read(shared_models / f"{name}.tflite")
    arrays = inputs_of(model, shared_models / "inputs" / inputs if inputs else None)
    assert arrays
    for array in arrays:
        ran = plain_kernels.check_layers(model, array)
        assert all(kernel.startswith("reference/") for kernel in ran)
