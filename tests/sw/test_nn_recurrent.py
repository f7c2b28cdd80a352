"""The designs' kernels of LSTM and SVDF against TFLM, in inferences whose state goes on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.cfu.design import Design
from cfuforge.sim.cfu_model import CfuModel
from cfuforge.sw.kernels import KernelSet
from cfuforge.sw.tflite_model import Model
from support import operators, random_models
from support.examples import examples
from support.graph import Quantisation
from support.kernels import KernelsUnderTest
from support.operators import Gate
from support.random_models import Case

INFERENCES = 3


@pytest.fixture(
    scope="session",
    params=[
        "simd_mac:rows=4",
        pytest.param("simd_mac:rows=1", marks=pytest.mark.more),
        pytest.param("simd_mac:folded=1", marks=pytest.mark.more),
        "engine",
        pytest.param("engine:filters=4,packing=1", marks=pytest.mark.more),
        pytest.param("engine:width=4,filters=2,requantisers=2", marks=pytest.mark.more),
    ],
)
def kernels(request: pytest.FixtureRequest) -> KernelsUnderTest:
    """The kernels of a design; if its CFU has a port, that makes it wait at random."""
    design = Design.load(request.param)
    try:
        cfu = CfuModel(design.verilog_file(), memory_width=design.memory_width)
    except EnvironmentLacksError as error:
        pytest.skip(str(error))
    if design.memory_width:
        cfu.stall(1)
    return KernelsUnderTest(KernelSet.of(design), cfu=cfu)


def weights(rng: np.random.Generator, shape: tuple[int, ...], lowest: int) -> NDArray[np.int8]:
    """Return weights of which some are -128, but no four in a row, if `lowest` is that."""
    drawn = rng.integers(lowest, 128, shape)
    drawn[..., 3::4] = np.maximum(drawn[..., 3::4], -127)
    return drawn.astype(np.int8)


def steps(model: Model, seed: int) -> list[NDArray[Any]]:
    rng = np.random.default_rng(seed)
    return [rng.integers(-128, 128, model.inputs[0].shape, np.int8) for _ in range(INFERENCES)]


def lstm(shape: tuple[int, int, int], units: int, lowest: int = -127, **options: Any) -> Model:
    """Make an LSTM whose sums are around 1, so that some of them saturate."""
    rng = np.random.default_rng(units)
    of_input = Quantisation((2.0**-9 / shape[2] ** 0.5,))
    of_hidden = Quantisation((2.0**-8 / units**0.5,))
    gates = [
        Gate(
            weights(rng, (units, shape[2]), lowest),
            weights(rng, (units, units), lowest),
            rng.integers(-(2**12), 2**12, units).astype(np.int32),
            of_input,
            of_hidden,
        )
        for _ in range(4)
    ]
    input_, hidden = Quantisation((1 / 16,), -128), Quantisation((1 / 130,), -3)
    return operators.lstm(shape, gates, input_, hidden, 2.0**-11, **options)


# Odd numbers; more than a block of steps, than the records, than the filters; several batches.
@pytest.mark.parametrize(
    ("shape", "units", "lowest"),
    [
        ((1, 30, 28), 20, -127),
        ((2, 5, 7), 5, -128),
        ((3, 1, 257), 9, -127),
        ((1, 3, 2), 33, -128),
        ((1, 2, 130), 150, -127),
        ((1, 1, 1), 1, -127),
    ],
)
@pytest.mark.parametrize("options", [{}, {"time_major": True, "cell_clip": 0.25}])
def test_lstm(
    kernels: KernelsUnderTest,
    shape: tuple[int, int, int],
    units: int,
    lowest: int,
    options: dict[str, Any],
) -> None:
    case = lstm(shape, units, lowest, **options)
    assert kernels.check_steps(case, *steps(case, 7)) == f"{kernels.kernels.name}/lstm_s8"


@examples(200)
@given(cases=random_models.lstms())
def test_any_lstm(kernels: KernelsUnderTest, cases: tuple[Case, Case]) -> None:
    """Plain C computes it with zero points of weights, or sums that are too large."""
    ran = kernels.check_steps(cases[0].model, *(case.inputs[0] for case in cases))
    assert ran in {f"{kernels.kernels.name}/lstm_s8", "reference/lstm_s8"}


def svdf(
    kind: str, batches: int, rank: int, inputs: int, units: int, memory: int, lowest: int
) -> Model:
    rng = np.random.default_rng(inputs)
    filters, zero_point = rank * units, 0 if kind == "int16" else -13
    state = 0.01 * inputs**0.5 / (200 if kind == "int16" else 1)
    scales = [(0.05, -128), (0.01, 0), (0.02, 0), (state, zero_point)]
    scales.append((0.02 * state * 4000 * (rank * memory) ** 0.5 / 60, 5))
    return operators.svdf(
        batches,
        rank,
        weights(rng, (filters, inputs), lowest),
        weights(rng, (filters, memory), lowest).astype(kind),
        rng.integers(-1000, 1001, units).astype(np.int32),
        [Quantisation((scale,), offset) for scale, offset in scales],
    )


@pytest.mark.parametrize("kind", ["int8", "int16"])
@pytest.mark.parametrize(
    ("batches", "rank", "inputs", "units", "memory", "lowest"),
    [
        (1, 1, 96, 64, 8, -128),
        (2, 2, 20, 13, 6, -127),
        (1, 1, 32, 32, 32, -128),
        (3, 3, 4, 1, 1, -128),
        (1, 2, 40, 100, 4, -127),
    ],
)
def test_svdf(
    kernels: KernelsUnderTest,
    kind: str,
    batches: int,
    rank: int,
    inputs: int,
    units: int,
    memory: int,
    lowest: int,
) -> None:
    case = svdf(kind, batches, rank, inputs, units, memory, lowest)
    ran = kernels.check_steps(case, *steps(case, 8))
    assert ran == f"{kernels.kernels.name}/svdf_state{kind[3:]}_s8"


@examples(100)
@given(case=random_models.svdfs("int8") | random_models.svdfs("int16"))
def test_any_svdf(kernels: KernelsUnderTest, case: Case) -> None:
    """Plain C computes it if an input is no whole word (simd_mac), or four weights are -128."""
    ran = kernels.check_steps(case.model, *case.inputs, *steps(case.model, 9))
    assert ran.split("/")[0] in {kernels.kernels.name, "reference"}
