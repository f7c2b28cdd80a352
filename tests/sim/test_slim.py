"""The slim firmware on the simulated SoC: right, not much slower, and true to its model."""

from __future__ import annotations

import numpy as np
import pytest

from cfuforge import Design, Model, SimTarget, board
from cfuforge.cfu.errors import InputError
from cfuforge.sw.models import KWS_MODEL
from cfuforge.sw.one_operator import Quantisation
from cfuforge.sw.one_operator_reductions import max_pool_2d
from cfuforge.sw.oracle import Oracle

LIMITS = {  # cycles; the general firmware needs 18 and 2.2 million, TFLM 64
    "none": 28_000_000,
    "simd_mac": 3_000_000,
}


@pytest.fixture(scope="module")
def kws() -> Model:
    return Model.read(KWS_MODEL)


def slim(design: str, model: Model) -> SimTarget:
    return SimTarget(Design.load(design), board("sim"), say=lambda _: None, slim=model)


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
