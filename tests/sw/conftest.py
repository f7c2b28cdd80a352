"""What the tests of sw/ share: the kernels on the host, and the models and inputs to try."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.cfu.design import Design
from cfuforge.sim.cfu_model import CfuModel
from cfuforge.sw.kernels import KernelSet
from support.kernels import KernelsUnderTest

SHARED = Path(__file__).parents[2] / ".." / "shared" / "models"
sys.path.insert(0, str(Path(__file__).parent))  # hostile_models.py


@pytest.fixture(scope="session", params=["fast", "small"])
def plain_kernels(request: pytest.FixtureRequest) -> KernelsUnderTest:
    return KernelsUnderTest(small=request.param == "small")


@pytest.fixture(
    scope="session",
    params=[
        "simd_mac:rows=4",
        pytest.param("simd_mac:rows=2", marks=pytest.mark.more),
        pytest.param("simd_mac:rows=1", marks=pytest.mark.more),
        "simd_mac:folded=1",
    ],
)
def simd_mac_kernels(request: pytest.FixtureRequest) -> KernelsUnderTest:
    """The kernels of simd_mac, whose instructions the Verilated CFU answers."""
    design = Design.load(request.param)
    try:
        cfu = CfuModel(design.verilog_file())
    except EnvironmentLacksError as error:
        pytest.skip(str(error))
    return KernelsUnderTest(KernelSet.of(design), cfu=cfu)


@pytest.fixture(scope="session", params=["calm", "stalled"])
def engine_kernels(request: pytest.FixtureRequest) -> KernelsUnderTest:
    """The kernels of the engine; when stalled, its port makes it wait at random."""
    design = Design.load("engine")
    try:
        cfu = CfuModel(design.verilog_file(), memory_width=design.memory_width)
    except EnvironmentLacksError as error:
        pytest.skip(str(error))
    if request.param == "stalled":
        cfu.stall(1)
    return KernelsUnderTest(KernelSet.of(design), cfu=cfu)


@pytest.fixture(scope="session")
def shared_models() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not there: the real models are not part of the repository")
    return SHARED
