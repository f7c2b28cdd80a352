"""The kernels of the engine against TFLM, with the Verilated engine carrying out their commands."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given

from cfuforge.sw.tflite_model import Model
from support import random_models
from support.examples import examples
from support.kernels import REAL_MODELS, KernelsUnderTest, real_model
from support.random_models import Case

thorough = examples(250)


def narrowed(case: Case) -> Case:
    """Return the case with filters that the engine takes: weights of -128 become -127."""
    filters = case.model.operators[0].inputs[1]
    assert filters is not None
    assert filters.constant is not None
    found = bytes(filters.constant)
    data = bytearray(case.model.data)
    start = data.index(found)
    data[start : start + len(found)] = found.replace(b"\x80", b"\x81")
    return Case(Model(bytes(data), case.model.name), case.inputs)


@thorough
@given(case=random_models.convs())
def test_conv_s8(engine_kernels: KernelsUnderTest, case: Case) -> None:
    engine_kernels.check(narrowed(case), "conv_s8")


@thorough
@given(case=random_models.depthwise_convs())
def test_depthwise_conv_s8(engine_kernels: KernelsUnderTest, case: Case) -> None:
    engine_kernels.check(narrowed(case), "depthwise_conv_s8")


@thorough
@given(case=random_models.fully_connecteds())
def test_fully_connected_s8(engine_kernels: KernelsUnderTest, case: Case) -> None:
    filters = case.model.operators[0].inputs[1]
    assert filters is not None
    engine_kernels.check(narrowed(case), "fully_connected_s8", falls_back=any(filters.zero_points))


@thorough
@given(case=random_models.transpose_convs())
def test_transpose_conv_s8(engine_kernels: KernelsUnderTest, case: Case) -> None:
    model = case.model.operators[0]
    strides = model.options["strideH"] * model.options["strideW"]
    engine_kernels.check(narrowed(case), "transpose_conv_s8", falls_back=strides > 16)


@thorough
@given(case=random_models.max_pools())
def test_max_pool_s8(engine_kernels: KernelsUnderTest, case: Case) -> None:
    engine_kernels.check(case, "max_pool_s8")


@thorough
@given(case=random_models.average_pools())
def test_average_pool_s8(engine_kernels: KernelsUnderTest, case: Case) -> None:
    engine_kernels.check(case, "average_pool_s8", falls_back=parts(case) > 16)


def parts(case: Case) -> int:
    """Return the number of parts of the output whose windows have as many rows and columns."""
    (operator,) = case.model.operators
    (source,), (output,) = case.model.inputs, case.model.outputs
    changes = 1
    for axis, name in ((1, "Height"), (2, "Width")):
        stride, kernel = operator.options[f"stride{name[0]}"], operator.options[f"filter{name}"]
        size, count = source.shape[axis], output.shape[axis]
        padding = max(0, (count - 1) * stride + kernel - size) // 2
        if operator.options["padding"] == 1:
            padding = 0
        begins = [index * stride - padding for index in range(count)]
        values = [min(begin + kernel, size) - max(begin, 0) for begin in begins]
        changes *= 1 + sum(a != b for a, b in itertools.pairwise(values))
    return changes


@thorough
@given(case=random_models.reductions("mean"))
def test_mean(engine_kernels: KernelsUnderTest, case: Case) -> None:
    engine_kernels.check_any(case)


@thorough
@given(case=random_models.binaries("ADD"))
def test_add_s8(engine_kernels: KernelsUnderTest, case: Case) -> None:
    engine_kernels.check_any(case)


@thorough
@given(case=random_models.binaries("SUB"))
def test_sub_s8(engine_kernels: KernelsUnderTest, case: Case) -> None:
    engine_kernels.check_any(case)


@pytest.mark.parametrize(("name", "inputs"), REAL_MODELS)
def test_every_layer_of_real_models_runs_on_the_engine(
    engine_kernels: KernelsUnderTest, shared_models: Path, name: str, inputs: str | None
) -> None:
    model, array = real_model(shared_models, name, inputs)
    ran = engine_kernels.check_layers(model, array)
    for operator, kernel in zip(model.operators, ran, strict=True):
        assert kernel.startswith("engine/" if operator.macs else ("reference/", "engine/"))
