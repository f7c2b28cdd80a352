"""The plain kernels against TFLM, layer by layer, on real models with real inputs."""

from pathlib import Path

import numpy as np
import pytest

from cfuforge.sw.host import HostKernels
from cfuforge.sw.host_layers import KERNELS, run_operator
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model

# Model, its inputs' folder (None: random ones and the extremes), how many of its layers have a
# plain kernel.
MODELS = [
    ("mlperf_kws_dscnn_int8", "kws", 12),
    ("mlperf_ad_fcae_int8", "ad", 10),
    ("mlperf_ic_resnet8_int8", "ic", 12),
    ("mlperf_vww_mnv1_025_96_int8", "vww", 30),
    ("tflm_person_detect_int8", "person_detect", 30),
    ("cfupg_mnv2_160_035_int8", "mnv2", 55),
    ("mlperf_sww_1ddscnn_int8", None, 10),
    ("tflm_micro_speech_int8", None, 3),
    ("tflm_hello_world_int8", None, 3),
]


def inputs_of(model: Model, folder: Path | None) -> list[np.ndarray]:
    if folder is not None:
        return [np.load(path) for path in sorted(folder.glob("*.npy"))]
    shape = model.inputs[0].shape
    rng = np.random.default_rng(1)
    extremes = [np.full(shape, value, np.int8) for value in (-128, 127)]
    return [*extremes, rng.integers(-128, 128, shape, dtype=np.int8)]


@pytest.mark.parametrize(("name", "inputs", "layers"), MODELS)
def test_every_layer_equals_tflm(
    plain_kernels: HostKernels, shared_models: Path, name: str, inputs: str | None, layers: int
) -> None:
    model = Model.read(shared_models / f"{name}.tflite")
    oracle = Oracle(model, keep_all=True)
    operators = [operator for operator in model.operators if operator.name in KERNELS]
    assert len(operators) == layers
    arrays = inputs_of(model, shared_models / "inputs" / inputs if inputs else None)
    assert arrays
    for array in arrays:
        tensors = oracle.layers(array)
        for operator in operators:
            assert operator.inputs[0] is not None
            result = run_operator(plain_kernels, operator, tensors[operator.inputs[0].index])
            expected = tensors[operator.outputs[0].index]
            np.testing.assert_array_equal(result.output, expected, f"operator {operator.index}")
            assert result.ran.startswith("reference/")
