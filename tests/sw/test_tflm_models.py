"""The runtime on the host against TFLM: real models, and random models of one operator."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model
from support import random_models
from support.examples import examples
from support.kernels import plain_runtime
from support.random_models import Case

MODELS = [
    ("mlperf_kws_dscnn_int8", "kws"),
    ("mlperf_ad_fcae_int8", "ad"),
    ("mlperf_vww_mnv1_025_96_int8", "vww"),
    ("tflm_person_detect_int8", "person_detect"),
    ("mlperf_sww_1ddscnn_int8", None),
    ("tflm_micro_speech_int8", None),
    ("tflm_hello_world_int8", None),
]
KERNELS = {
    "CONV_2D": "reference/conv_s8",
    "DEPTHWISE_CONV_2D": "reference/depthwise_conv_s8",
    "FULLY_CONNECTED": "reference/fully_connected_s8",
    "AVERAGE_POOL_2D": "reference/average_pool_s8",
    "SOFTMAX": "reference/softmax_s8",
    "RESHAPE": "reference/reshape",
}


def inputs_of(model: Model, folder: Path | None) -> list[np.ndarray]:
    if folder is not None:
        return [np.load(path) for path in sorted(folder.glob("*.npy"))]
    shape = model.inputs[0].shape
    rng = np.random.default_rng(2)
    return [rng.integers(-128, 128, shape, dtype=np.int8) for _ in range(3)]


@pytest.mark.parametrize(("name", "folder"), MODELS)
def test_real_models_equal_tflm(shared_models: Path, name: str, folder: str | None) -> None:
    model = Model.read(shared_models / f"{name}.tflite")
    oracle = Oracle(model, keep_all=True)
    planned, preserved = plain_runtime(model), plain_runtime(model, preserve_all_tensors=True)
    arrays = inputs_of(model, shared_models / "inputs" / folder if folder else None)
    assert arrays
    for array in arrays:
        expected = oracle.run_layers(array)
        preserved(array)
        for index, values in expected.items():
            np.testing.assert_array_equal(preserved.tensor(model.tensors[index]), values)
        for output, tensor in zip(planned(array), model.outputs, strict=True):
            np.testing.assert_array_equal(output, expected[tensor.index])
    assert planned.arena_used_bytes <= preserved.arena_used_bytes


def test_profile_names_operators_and_kernels(shared_models: Path) -> None:
    model = Model.read(shared_models / "mlperf_kws_dscnn_int8.tflite")
    runtime = plain_runtime(model)
    assert [layer.ran for layer in runtime.layers] == [""] * len(model.operators)
    runtime(np.zeros(model.inputs[0].shape, np.int8))
    names = [(layer.builtin, layer.ran) for layer in runtime.layers]
    assert names == [(each.builtin, KERNELS[each.name]) for each in model.operators]


any_layer = st.one_of(
    random_models.convs(),
    random_models.depthwise_convs(),
    random_models.fully_connecteds(),
    random_models.average_pools(),
    random_models.softmaxes(),
)


@examples(1000)
@given(layer=any_layer)
def test_random_operators_equal_tflm(layer: Case) -> None:
    (expected,) = Oracle(layer.model)(*layer.inputs)
    runtime = plain_runtime(layer.model)
    (output,) = runtime(*layer.inputs)
    np.testing.assert_array_equal(output, expected)
    assert runtime.layers[0].ran == KERNELS[layer.model.operators[0].name]
