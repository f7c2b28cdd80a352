"""The slim firmware on the simulated SoC: right, not much slower, and true to its model."""

from __future__ import annotations

import numpy as np
import pytest

from cfuforge import Design, Model, SimTarget, board
from cfuforge.base.errors import InputError
from cfuforge.sw.host_runtime import HostRuntime
from cfuforge.sw.models import KWS_MODEL
from cfuforge.sw.oracle import Oracle
from support.graph import PLAIN, Quantisation, Tensor, one_operator
from support.operators import max_pool_2d

LIMITS = {  # cycles; the general firmware needs 18 and 2.2 million, TFLM 64
    "none": 28_000_000,
    "simd_mac": 3_000_000,
}


@pytest.fixture(scope="module")
def kws() -> Model:
    return Model.read(KWS_MODEL)


def slim(design: str, model: Model) -> SimTarget:
    return SimTarget(Design.load(design), board("sim"), slim=model)


@pytest.mark.parametrize("design", LIMITS)
def test_kws(kws: Model, design: str) -> None:
    tensor = kws.inputs[0]
    array = np.random.default_rng(5).integers(-128, 128, tensor.shape, np.int8)
    run = slim(design, kws).run(kws, [array])
    assert run.outputs == tuple(tuple(o.ravel().tolist()) for o in Oracle(kws)(array))
    assert run.cycles <= LIMITS[design]
    computed = {layer.kernel.partition("/")[0] for layer in run.layers if layer.macs}
    assert computed == {"reference" if design == "none" else design}


def test_another_operator_is_refused_by_name(kws: Model) -> None:
    q = Quantisation((0.5,), 3)
    options = {"padding": 0, "strideW": 2, "strideH": 2, "filterWidth": 2, "filterHeight": 2}
    other = max_pool_2d((1, 4, 4, 2), q, q, **options)
    with pytest.raises(InputError, match=r": MAX_POOL_2D \(operator 0\) is not supported$"):
        slim("none", kws).run(other, [np.zeros((1, 4, 4, 2), np.int8)])


def unnamed(model: Model) -> Model:
    """Change a name into as many control characters."""
    return Model(model.data.replace(b"output0", b"\x01\x02\x03\t\x1b\x1f0"))


def damaged(model: Model) -> Model:
    """Make the offset of the root's vtable lead elsewhere, once all has been read on the host."""
    root = int.from_bytes(model.data[:4], "little")
    bad = Model(model.data)
    bad.data = model.data[:root] + b"\x7f\xff\xff\xff" + model.data[root + 4 :]
    return bad


def concatenation(*lengths: int, into: int) -> Model:
    inputs = [Tensor((length,), PLAIN) for length in lengths]
    return one_operator("CONCATENATION", inputs, [Tensor((into,), PLAIN)], axis=0)


BAD_MODELS = {  # each with another kind of argument in its message
    "%d and 64 bits": lambda: concatenation(2, 2, into=5),
    "7 tensors": lambda: concatenation(1, 1, 1, 1, 1, 1, 1, into=8),
    "control characters": lambda: unnamed(concatenation(2, 3, into=4)),
    "types": lambda: one_operator(
        "CONCATENATION", [Tensor((2,), PLAIN, dtype="int16")], [Tensor((2,), PLAIN)], axis=0
    ),
    "size of the file": lambda: damaged(concatenation(2, 2, into=4)),
}


@pytest.mark.parametrize("kind", BAD_MODELS)
def test_says_what_the_general_runtime_says(kind: str) -> None:
    model = BAD_MODELS[kind]()
    with pytest.raises(InputError) as expected:
        HostRuntime(model.data)
    with pytest.raises(InputError) as got:
        slim("none", model).run(model, [np.zeros(t.shape, t.dtype) for t in model.inputs])
    assert str(got.value) == f"{model.name}: {expected.value}"
