"""The kernels of simd_mac against TFLM, with the Verilated CFU answering their instructions."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from support import operators, random_models
from support.examples import examples
from support.graph import Quantisation
from support.kernels import REAL_MODELS, KernelsUnderTest, real_model
from support.random_models import Case

thorough = examples(250)


@thorough
@given(case=random_models.convs())
def test_conv_s8(simd_mac_kernels: KernelsUnderTest, case: Case) -> None:
    simd_mac_kernels.check(case, "conv_s8")


@thorough
@given(case=random_models.depthwise_convs())
def test_depthwise_conv_s8(simd_mac_kernels: KernelsUnderTest, case: Case) -> None:
    simd_mac_kernels.check(case, "depthwise_conv_s8")


@thorough
@given(case=random_models.fully_connecteds())
def test_fully_connected_s8(simd_mac_kernels: KernelsUnderTest, case: Case) -> None:
    simd_mac_kernels.check(case, "fully_connected_s8")


# Larger than the random ones: more than one block, band and group of planes.
@pytest.mark.parametrize("channels", [8, 36, 42])
@pytest.mark.parametrize(("height", "width"), [(1, 60), (60, 1), (33, 21)])
@pytest.mark.parametrize("stride", [1, 2])
def test_large_depthwise_layers(
    simd_mac_kernels: KernelsUnderTest, channels: int, height: int, width: int, stride: int
) -> None:
    rng = np.random.default_rng(channels)
    model = operators.depthwise_conv_2d(
        (2, height, width, channels),
        Quantisation((0.1,), 17),
        rng.integers(-128, 128, (1, 3, 3, channels), dtype=np.int8),
        Quantisation(tuple(rng.uniform(0.01, 0.1, channels)), dimension=3),
        rng.integers(-1000, 1000, channels, dtype=np.int32),
        Quantisation((0.5,), -20),
        padding=0,
        strideH=stride,
        strideW=stride,
        depthMultiplier=1,
        dilationHFactor=1,
        dilationWFactor=1,
        fusedActivationFunction=0,
    )
    input_ = rng.integers(-128, 128, (2, height, width, channels), dtype=np.int8)
    simd_mac_kernels.check(Case(model, (input_,)), "depthwise_conv_s8")


@pytest.mark.parametrize("depth", [4, 12, 20, 64, 65, 300])
@pytest.mark.parametrize("taps", [1, 3])
def test_large_conv_layers(simd_mac_kernels: KernelsUnderTest, depth: int, taps: int) -> None:
    rng = np.random.default_rng(depth)
    model = operators.conv_2d(
        (2, 11, 13, depth),
        Quantisation((0.1,), -128),
        rng.integers(-128, 128, (18, taps, taps, depth), dtype=np.int8),
        Quantisation(tuple(rng.uniform(0.01, 0.1, 18))),
        rng.integers(-1000, 1000, 18, dtype=np.int32),
        Quantisation((0.3 * taps * depth**0.5,), 5),
        padding=0,
        strideH=1,
        strideW=1,
        dilationHFactor=1,
        dilationWFactor=1,
        fusedActivationFunction=1,
    )
    input_ = rng.integers(-128, 128, (2, 11, 13, depth), dtype=np.int8)
    simd_mac_kernels.check(Case(model, (input_,)), "conv_s8")


@pytest.mark.parametrize(("name", "inputs"), REAL_MODELS)
def test_every_layer_of_real_models_runs_on_the_cfu(
    simd_mac_kernels: KernelsUnderTest, shared_models: Path, name: str, inputs: str | None
) -> None:
    model, array = real_model(shared_models, name, inputs)
    ran = simd_mac_kernels.check_layers(model, array)
    for operator, kernel in zip(model.operators, ran, strict=True):
        assert kernel.startswith("simd_mac/" if operator.macs else "reference/")
