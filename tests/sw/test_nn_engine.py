"""The kernels of the engine against TFLM, with the Verilated engine carrying out their commands."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cfuforge.sw.tflite_model import Model
from support import operators, random_models
from support.examples import examples
from support.graph import Quantisation, Tensor, indices, one_operator
from support.kernels import REAL_MODELS, KernelsUnderTest, real_model
from support.random_models import Case

thorough = examples(250)
GRID = Quantisation((0.25,), 7)


def thinned(case: Case) -> Case:
    """Return the case without four weights of -128 in a row, whose sums can be too large."""
    (operator,) = case.model.operators
    filters = operator.inputs[1]
    assert filters is not None
    assert filters.constant is not None
    axis = 3 if operator.name == "DEPTHWISE_CONV_2D" else 0
    weights = np.moveaxis(filters.data(), axis, 0)
    lowest = (weights == -128).reshape(len(weights), -1)
    kept = lowest.copy()
    kept[:, 3::4] = False
    if any(filters.zero_points):
        kept[:] = False
    if axis and operator.options["dilationWFactor"] > 1:  # the program is too large
        kept[:] = False
    if operator.name == "TRANSPOSE_CONV":  # its parts have the weights in other orders
        kept &= np.cumsum(kept, axis=1) <= 3
    fewer = np.where((lowest & ~kept).reshape(weights.shape), -127, weights).astype(np.int8)
    found, data = bytes(filters.constant), bytearray(case.model.data)
    start = data.index(found)
    data[start : start + len(found)] = np.moveaxis(fewer, 0, axis).tobytes()
    return Case(Model(bytes(data), case.model.name), case.inputs)


@thorough
@given(case=random_models.convs())
def test_conv_s8(engine_kernels: KernelsUnderTest, case: Case) -> None:
    engine_kernels.check(thinned(case), "conv_s8")


@thorough
@given(case=random_models.depthwise_convs())
def test_depthwise_conv_s8(engine_kernels: KernelsUnderTest, case: Case) -> None:
    if case.model.operators[0].options["depthMultiplier"] > 1:
        case = thinned(case)
    engine_kernels.check(case, "depthwise_conv_s8")


@thorough
@given(case=random_models.fully_connecteds())
def test_fully_connected_s8(engine_kernels: KernelsUnderTest, case: Case) -> None:
    filters = case.model.operators[0].inputs[1]
    assert filters is not None
    engine_kernels.check(
        thinned(case), "fully_connected_s8", falls_back=filters.zero_points == (-128,)
    )


# Windows and filters that do not fit the engine's stores, and dilated ones with weights of -128.
@pytest.mark.parametrize(
    ("shape", "filters", "dilation"),
    [
        pytest.param((1, 5, 7, 512), (9, 3, 3), 1, marks=pytest.mark.more),
        ((1, 6, 6, 260), (5, 5, 5), 2),
        ((1, 4, 9, 1030), (3, 2, 2), 1),
        pytest.param((2, 30, 40, 3), (3, 30, 40), 1, marks=pytest.mark.more),
        ((1, 9, 9, 16), (11, 3, 3), 2),
        ((1, 1, 20, 16), (11, 1, 3), 2),
        ((1, 6, 6, 32), (20, 3, 3), 1),
    ],
)
def test_large_windows(
    engine_kernels: KernelsUnderTest,
    shape: tuple[int, ...],
    filters: tuple[int, int, int],
    dilation: int,
) -> None:
    rng = np.random.default_rng(filters[0])
    model = operators.conv_2d(
        shape,
        Quantisation((0.1,), -11),
        np.where(rng.random((*filters, shape[3])) < 0.3, -128, rng.integers(-9, 9)).astype(np.int8),
        Quantisation(tuple(rng.uniform(0.01, 0.1, filters[0]))),
        rng.integers(-1000, 1000, filters[0], dtype=np.int32),
        Quantisation((0.3 * (filters[1] * filters[2] * shape[3]) ** 0.5,), 5),
        padding=int(shape[1] == filters[1]),
        strideH=1,
        strideW=1,
        dilationHFactor=dilation,
        dilationWFactor=dilation,
        fusedActivationFunction=0,
    )
    input_ = rng.integers(-128, 128, shape, dtype=np.int8)
    engine_kernels.check(thinned(Case(model, (input_,))), "conv_s8")


@pytest.mark.parametrize(
    ("batches", "depth", "channels"), [(1, 5003, 20), (5, 9001, 3), (101, 64, 9)]
)
def test_large_fully_connected(
    engine_kernels: KernelsUnderTest, batches: int, depth: int, channels: int
) -> None:
    rng = np.random.default_rng(depth)
    model = operators.fully_connected(
        (batches, depth),
        Quantisation((0.1,), 3),
        rng.integers(-128, 100, (channels, depth)).astype(np.int8) // 2 * 2,
        Quantisation((0.02,)),
        rng.integers(-1000, 1000, channels, dtype=np.int32),
        Quantisation((0.02 * depth**0.5,), 1),
        fusedActivationFunction=0,
    )
    input_ = rng.integers(-128, 128, (batches, depth), dtype=np.int8)
    engine_kernels.check(thinned(Case(model, (input_,))), "fully_connected_s8")


@pytest.mark.parametrize("size", [25, pytest.param(33, marks=pytest.mark.more)])
@pytest.mark.parametrize("channels", [3, 4, 20])
def test_large_depthwise_windows(
    engine_kernels: KernelsUnderTest, size: int, channels: int
) -> None:
    rng = np.random.default_rng(size)
    shape = (1, size + 2, size + 1, channels)
    model = operators.depthwise_conv_2d(
        shape,
        Quantisation((0.1,), 17),
        rng.integers(-128, 128, (1, size, size, channels), dtype=np.int8),
        Quantisation(tuple(rng.uniform(0.01, 0.1, channels)), dimension=3),
        rng.integers(-1000, 1000, channels, dtype=np.int32),
        Quantisation((20.0,), -20),
        padding=0,
        strideH=2,
        strideW=1,
        depthMultiplier=1,
        dilationHFactor=1,
        dilationWFactor=1,
        fusedActivationFunction=0,
    )
    input_ = rng.integers(-128, 128, shape, dtype=np.int8)
    engine_kernels.check(Case(model, (input_,)), "depthwise_conv_s8")


@pytest.mark.parametrize("name", ["AVERAGE_POOL_2D", "MAX_POOL_2D"])
@pytest.mark.parametrize("shape", [(1, 41, 37, 5), (2, 40, 40, 16)])
def test_pools_of_large_pictures(
    engine_kernels: KernelsUnderTest, name: str, shape: tuple[int, ...]
) -> None:
    model = operators.pool(
        name,
        shape,
        Quantisation((0.1,), 3),
        padding=1,
        strideH=1,
        strideW=1,
        filterHeight=shape[1],
        filterWidth=shape[2],
        fusedActivationFunction=0,
    )
    case = Case.of(model, 1)
    kernel = "max_pool_s8" if name == "MAX_POOL_2D" else "average_pool_s8"
    engine_kernels.check(case, kernel)


def test_four_weights_of_minus_128_in_a_row(engine_kernels: KernelsUnderTest) -> None:
    weights = np.full((2, 8), -128, np.int8)
    quantisations = (Quantisation((0.1,), 3), Quantisation((0.02,)), Quantisation((5.0,), 1))
    model = operators.fully_connected(
        (1, 8), quantisations[0], weights, quantisations[1], None, quantisations[2],
        fusedActivationFunction=0,
    )  # fmt: skip
    case = Case(model, (np.full((1, 8), -128, np.int8),))
    engine_kernels.check(case, "fully_connected_s8", falls_back=True)


@thorough
@given(case=random_models.transpose_convs())
def test_transpose_conv_s8(engine_kernels: KernelsUnderTest, case: Case) -> None:
    model = case.model.operators[0]
    strides = model.options["strideH"] * model.options["strideW"]
    engine_kernels.check(thinned(case), "transpose_conv_s8", falls_back=strides > 16)


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
    check_binary(engine_kernels, case)


@thorough
@given(case=random_models.binaries("SUB"))
def test_sub_s8(engine_kernels: KernelsUnderTest, case: Case) -> None:
    check_binary(engine_kernels, case)


@thorough
@given(case=random_models.binaries("MUL"))
def test_mul_s8(engine_kernels: KernelsUnderTest, case: Case) -> None:
    check_binary(engine_kernels, case)


def check_binary(kernels: KernelsUnderTest, case: Case) -> None:
    """Check a case, and that the engine computes it, unless an input is a single value.

    For MUL, one of them must have the output's shape.
    """
    _, ran = kernels.check_any(case)
    (operator,) = case.model.operators
    sizes = [math.prod(each.shape) for each in operator.inputs if each]
    whole = math.prod(operator.outputs[0].shape)
    if max(sizes) == whole and (min(sizes) > 1 or whole == 1):
        assert ran.startswith("engine/")


# More than one portion of values, all zero points, and shapes of any kind.
@pytest.mark.parametrize("name", ["ADD", "MUL"])
@pytest.mark.parametrize("zero_points", [(-128, -128), (-128, 5), (7, -128), (127, -3)])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((1, 20, 11, 17), (1, 20, 11, 17)),
        ((1, 20, 11, 17), (17,)),
        ((1, 20, 11, 1), (1, 20, 11, 17)),
        ((3, 1, 2, 1100), (3, 5, 2, 1100)),
        ((2, 5, 3, 11, 3), (5, 1, 11, 1)),
    ],
)
def test_large_binaries(
    engine_kernels: KernelsUnderTest,
    name: str,
    zero_points: tuple[int, int],
    first: tuple[int, ...],
    second: tuple[int, ...],
) -> None:
    inputs = [
        Tensor(shape, Quantisation((0.1,), zero))
        for shape, zero in zip((first, second), zero_points, strict=True)
    ]
    output = Tensor(np.broadcast_shapes(first, second), Quantisation((0.9,), 3))
    check_binary(engine_kernels, Case.of(one_operator(name, inputs, [output]), 1))


@thorough
@given(
    case=st.one_of(
        random_models.pads(),
        random_models.concatenations(),
        random_models.splits(),
        random_models.packs(),
        random_models.unpacks(),
        random_models.transposes(),
        random_models.strided_slices(),
        random_models.slices(),
    )
)
def test_moves(engine_kernels: KernelsUnderTest, case: Case) -> None:
    engine_kernels.check_any(case)


@pytest.mark.parametrize("shape", [(1, 20, 30, 3), (2, 9, 11, 48), (1, 7, 1, 1700), (1, 40, 50, 1)])
@pytest.mark.parametrize("pads", [(0, 1, 2, 1), (3, 0, 0, 2), (1, 1, 1, 1), (0, 0, 5, 0)])
def test_large_pads(
    engine_kernels: KernelsUnderTest, shape: tuple[int, ...], pads: tuple[int, int, int, int]
) -> None:
    above, below, left, right = pads
    output = (shape[0], shape[1] + above + below, shape[2] + left + right, shape[3])
    model = one_operator(
        "PAD",
        [Tensor(shape, GRID), indices([0, 0, above, below, left, right, 0, 0])],
        [Tensor(output, GRID)],
    )
    _, ran = engine_kernels.check_any(Case.of(model, 1))
    assert ran == "engine/pad"


@pytest.mark.parametrize("axis", [1, 2, 3])
@pytest.mark.parametrize("sizes", [(16, 32), (3, 5, 9), (4, 70)])
def test_large_concatenations_and_splits(
    engine_kernels: KernelsUnderTest, axis: int, sizes: tuple[int, ...]
) -> None:
    shape = [2, 23, 19, 21]
    parts = [Tensor((*shape[:axis], size, *shape[axis + 1 :]), GRID) for size in sizes]
    whole = Tensor((*shape[:axis], sum(sizes), *shape[axis + 1 :]), GRID)
    joined = one_operator("CONCATENATION", parts, [whole], axis=axis)
    split = one_operator(
        "SPLIT_V", [whole, indices([*sizes]), indices(axis)], parts, numSplits=len(sizes)
    )
    for model in (joined, split):
        _, ran = engine_kernels.check_any(Case.of(model, 1))
        assert ran == "engine/move"


@pytest.mark.parametrize("order", [(0, 3, 1, 2), (0, 2, 1, 3), (0, 2, 3, 1), (3, 2, 1, 0)])
@pytest.mark.parametrize("shape", [(1, 16, 20, 24), (1, 3, 50, 30), (2, 40, 2, 40)])
def test_large_transposes(
    engine_kernels: KernelsUnderTest, shape: tuple[int, ...], order: tuple[int, ...]
) -> None:
    output = Tensor([shape[axis] for axis in order], GRID)
    model = one_operator("TRANSPOSE", [Tensor(shape, GRID), indices([*order])], [output])
    _, ran = engine_kernels.check_any(Case.of(model, 1))
    assert ran.endswith("/move")


@pytest.mark.parametrize(("name", "inputs"), REAL_MODELS)
def test_every_layer_of_real_models_runs_on_the_engine(
    engine_kernels: KernelsUnderTest, shared_models: Path, name: str, inputs: str | None
) -> None:
    model, array = real_model(shared_models, name, inputs)
    ran = engine_kernels.check_layers(model, array)
    for operator, kernel in zip(model.operators, ran, strict=True):
        assert kernel.startswith("engine/" if operator.macs else ("reference/", "engine/"))
