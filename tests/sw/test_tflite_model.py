"""Reading models, and refusing what is none."""

from pathlib import Path

import numpy as np
import pytest

from cfuforge.base.errors import InputError
from cfuforge.sw.tflite_model import Model
from support import operators
from support.graph import Graph, Quantisation, Tensor

MACS = {
    "mlperf_kws_dscnn_int8": 2_656_768,
    "mlperf_vww_mnv1_025_96_int8": 7_489_664,
    "mlperf_ic_resnet8_int8": 12_501_632,
    "mlperf_ad_fcae_int8": 264_192,
    "mlperf_sww_1ddscnn_int8": 826_368,
    "tflm_person_detect_int8": 7_157_888,
    "cfupg_mnv2_160_035_int8": 29_597_360,
    "tflm_micro_speech_int8": 336_000,
    "tflm_hello_world_int8": 288,
}


def small_model() -> Model:
    return operators.fully_connected(
        (2, 3),
        Quantisation((0.5,), 3),
        np.arange(12, dtype=np.int8).reshape(4, 3),
        Quantisation((0.25,)),
        np.array([1, -2, 3, -4], np.int32),
        Quantisation((2.0,), -7),
        fusedActivationFunction=1,
    )


def of_any_batch(known: int) -> Model:
    """Return a model with a SHAPE, and a batch that the converter knew or did not."""
    graph = Graph()
    given, shape = (
        graph.tensor(Tensor((1, 3), name="x")),
        graph.tensor(Tensor((2,), dtype="int32", name="y")),
    )
    graph.operator("SHAPE", [given], [shape], outType=2)
    graph.tensors[given].shapeSignature = np.array([known, 3], np.int32)
    return graph.model("any", [given], [shape])


def test_advice_for_a_model_of_any_batch_size() -> None:
    assert "convert it with a fixed batch size" in of_any_batch(-1).advice
    assert of_any_batch(1).advice == ""
    assert small_model().advice == ""


def test_a_model_is_read() -> None:
    model = small_model()
    (operator,) = model.operators
    assert (operator.index, operator.name, operator.builtin) == (0, "FULLY_CONNECTED", 9)
    assert operator.options["fusedActivationFunction"] == 1
    assert (model.macs, operator.macs) == (24, 24)
    (input_,), (output,) = model.inputs, model.outputs
    assert (input_.shape, input_.dtype, input_.scale, input_.zero_point) == ((2, 3), "int8", 0.5, 3)
    assert (output.shape, output.scale, output.zero_point) == ((2, 4), 2.0, -7)
    _, filter_, bias = operator.inputs
    assert filter_ is not None
    assert bias is not None
    assert filter_.data().tolist() == np.arange(12).reshape(4, 3).tolist()
    assert bias.data().tolist() == [1, -2, 3, -4]
    assert bias.scale == 0.125
    assert input_.constant is None


@pytest.mark.parametrize(("name", "macs"), MACS.items())
def test_macs_of_real_models(shared_models: Path, name: str, macs: int) -> None:
    assert Model.read(shared_models / f"{name}.tflite").macs == macs


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"absent\.tflite cannot be read: No such file"):
        Model.read(tmp_path / "absent.tflite")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty file"),
        (b"\x1c\0\0", "not a .tflite file: it must have TFL3 at byte 4, not ''"),
        (
            b"PK\x03\x04 something else",
            "not a .tflite file: it must have TFL3 at byte 4, not ' som'",
        ),
        (b"\xff\xff\xff\x7fTFL3 and no more", "truncated or damaged"),
    ],
)
def test_a_file_that_is_no_model(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "x.tflite"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        Model.read(path)
    assert str(caught.value).startswith(f"{path}: the model")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_truncation_is_refused() -> None:
    data = small_model().data
    for length in range(len(data)):
        with pytest.raises(InputError):
            Model(data[:length])
