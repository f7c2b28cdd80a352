"""The kernels of `engine:target=up5k` against TFLM; what it cannot take, plain C computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.cfu.design import Design
from cfuforge.sim.cfu_model import CfuModel
from cfuforge.sw.kernels import KernelSet
from support import operators, random_models
from support.examples import examples
from support.graph import Quantisation
from support.kernels import REAL_MODELS, KernelsUnderTest, real_model
from support.random_models import Case

SMALL = "engine:target=up5k"
LAYERS = {
    "conv_s8": random_models.convs(),
    "depthwise_conv_s8": random_models.depthwise_convs(),
    "fully_connected_s8": random_models.fully_connecteds(),
    "transpose_conv_s8": random_models.transpose_convs(),
    "average_pool_s8": random_models.average_pools(),
    "reduce_sum_s8": random_models.reductions("mean"),
    "add_s8": random_models.binaries("ADD"),
    "mul_s8": random_models.binaries("MUL"),
}


@pytest.fixture(scope="session")
def small_engine() -> KernelsUnderTest:
    """The kernels of the small engine, whose port makes it wait at random."""
    design = Design.load(SMALL)
    try:
        cfu = CfuModel(design.verilog_file(), memory_width=design.memory_width)
    except EnvironmentLacksError as error:
        pytest.skip(str(error))
    cfu.stall(1)
    return KernelsUnderTest(KernelSet.of(design), cfu=cfu)


@pytest.mark.parametrize("stride", [1, 2])
def test_several_passes_over_input_that_does_not_fit(
    small_engine: KernelsUnderTest, stride: int
) -> None:
    """Each of four passes begins with the lines whose input the one before has left."""
    rng = np.random.default_rng(stride)
    model = operators.conv_2d(
        (1, 16, 16, 32),
        Quantisation((0.1,), -11),
        rng.integers(-127, 128, (32, 3, 3, 32)).astype(np.int8),
        Quantisation((0.02,)),
        rng.integers(-1000, 1000, 32, dtype=np.int32),
        Quantisation((3.0,), 5),
        **{"padding": 0, "strideH": stride, "strideW": stride},
        **{"dilationHFactor": 1, "dilationWFactor": 1, "fusedActivationFunction": 0},
    )
    assert small_engine.check_any(Case.of(model, stride))[1] == "engine/conv_s8"


@pytest.mark.more
@pytest.mark.parametrize("kernel", LAYERS)
def test_random_layers(small_engine: KernelsUnderTest, kernel: str) -> None:
    ran: list[str] = []

    @examples(100)
    @given(case=LAYERS[kernel])
    def check(case: Case) -> None:
        ran.append(small_engine.check_any(case)[1])

    check()
    assert f"engine/{kernel}" in ran


@pytest.mark.long
@pytest.mark.parametrize(("name", "inputs"), REAL_MODELS)
def test_real_models(
    small_engine: KernelsUnderTest, shared_models: Path, name: str, inputs: str | None
) -> None:
    model, array = real_model(shared_models, name, inputs)
    ran = small_engine.check_layers(model, array)
    for operator, kernel in zip(model.operators, ran, strict=True):
        assert kernel.startswith("engine/" if operator.macs else ("reference/", "engine/"))
