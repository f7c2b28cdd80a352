"""The operators that move or resize data, through the runtime, against TFLM."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from cfuforge.sw.oracle import Oracle
from support import random_models
from support.examples import examples
from support.graph import PLAIN, Quantisation, Tensor, indices, one_operator
from support.kernels import plain_runtime
from support.random_models import Case

often = examples(200)
OTHER = Quantisation((0.25,), 7)


def check(case: Case, ran: str) -> None:
    """Compare all outputs with TFLM's."""
    runtime, expected = plain_runtime(case.model), Oracle(case.model)(*case.inputs)
    results = runtime(*case.inputs)
    assert len(results) == len(expected)
    for result, right in zip(results, expected, strict=True):
        np.testing.assert_array_equal(result, right)
    assert runtime.layers[0].ran == f"reference/{ran}"


def a(*shape: int, **changes: Any) -> Tensor:
    """Return an int8 tensor of that shape."""
    return Tensor(shape, **changes)


@often
@given(case=random_models.pads())
def test_pad(case: Case) -> None:
    check(case, "pad")


@often
@given(case=random_models.concatenations())
def test_concatenation(case: Case) -> None:
    check(case, "move")


@often
@given(case=random_models.splits())
def test_split(case: Case) -> None:
    check(case, "move")


@often
@given(case=random_models.packs())
def test_pack(case: Case) -> None:
    check(case, "move")


@often
@given(case=random_models.unpacks())
def test_unpack(case: Case) -> None:
    check(case, "move")


@often
@given(case=random_models.transposes())
def test_transpose(case: Case) -> None:
    check(case, "move")


@often
@given(case=random_models.strided_slices())
def test_strided_slice(case: Case) -> None:
    check(case, "move")


@often
@given(case=random_models.reshapings())
def test_squeeze_and_expand_dims(case: Case) -> None:
    check(case, "move")


@often
@given(case=random_models.dimensions())
def test_shape(case: Case) -> None:
    check(case, "shape")


@often
@given(case=random_models.slices())
def test_slice(case: Case) -> None:
    check(case, "move")


@often
@given(case=random_models.resizes())
def test_resize(case: Case) -> None:
    bilinear = case.model.operators[0].name == "RESIZE_BILINEAR"
    check(case, "resize_bilinear_s8" if bilinear else "resize_nearest")


def int32(*shape: int) -> Tensor:
    return Tensor(shape, dtype="int32")


THREES = [indices([0]), indices([6]), indices([3])]  # every third of six
NEAREST, BILINEAR = "RESIZE_NEAREST_NEIGHBOR", "RESIZE_BILINEAR"
CORNERED = {"alignCorners": True}
CORNERS: list[tuple[str, str, list[Tensor], list[Tensor], dict[str, Any]]] = [
    ("pad", "PAD", [a(4), indices([[0, 0]])], [a(4)], {}),
    ("pad", "PAD", [a(1, 1, 1, 1), indices([[0, 0]] * 4)], [a(1, 1, 1, 1)], {}),
    ("pad", "PAD", [a(2), indices([1, 1])], [a(4)], {}),
    ("pad", "PAD", [a(2), indices([[1, 1]])], [a(4, quantisation=OTHER)], {}),
    ("pad", "PAD", [a(2, quantisation=None), indices([[1, 1]])], [a(4, quantisation=None)], {}),
    ("pad", "PADV2", [a(2), indices([[1, 1]])], [a(4)], {}),
    ("move", "CONCATENATION", [a(1)], [a(1)], {"axis": 0}),
    ("move", "CONCATENATION", [a(1, 1, 1, 1, 1, 2)] * 2, [a(1, 1, 1, 1, 1, 4)], {"axis": -1}),
    ("move", "SPLIT", [indices([-1]), a(2, 4)], [a(2, 4)], {"numSplits": 1}),
    ("move", "SPLIT", [indices(5), a(1, 1, 1, 1, 1, 4)], [a(1, 1, 1, 1, 1, 2)] * 2, {}),
    ("move", "SPLIT_V", [a(2, 4), int32(2), indices(1)], [a(2, 3), a(2, 1)], {}),
    ("move", "PACK", [a(3), a(3, quantisation=OTHER)], [a(2, 3)], {"valuesCount": 2}),
    ("move", "UNPACK", [a(1, 1)], [a(1)], {"num": 1}),
    ("move", "TRANSPOSE", [a(1), indices([0])], [a(1)], {}),
    ("move", "TRANSPOSE", [a(2, 3, 4, 5, 6), indices([4, 3, 2, 1, 0])], [a(6, 5, 4, 3, 2)], {}),
    ("move", "STRIDED_SLICE", [a(1), *[indices([-1]), indices([7]), indices([9])]], [a(1)], {}),
    ("move", "STRIDED_SLICE", [a(6), *THREES], [a(2, quantisation=OTHER)], {}),
    ("move", "STRIDED_SLICE", [a(6), *THREES], [a(2)], {"ellipsisMask": 1}),
    ("move", "STRIDED_SLICE", [a(6), *THREES], [a(2)], {"newAxisMask": 1}),
    ("move", "STRIDED_SLICE", [a(6), *THREES], [a()], {"shrinkAxisMask": 1, "beginMask": 1}),
    ("move", "SQUEEZE", [a(1, 3, 1, 1, 1, 1, 1, 1)], [a(3, quantisation=OTHER)], {}),
    (
        "move",
        "SQUEEZE",
        [Tensor((1, 3), PLAIN, dtype="int64")],
        [Tensor((3,), PLAIN, dtype="int64")],
        {},
    ),
    (
        "move",
        "SQUEEZE",
        [Tensor((1, 3), PLAIN, dtype="uint8")],
        [Tensor((3,), PLAIN, dtype="uint8")],
        {},
    ),
    ("move", "EXPAND_DIMS", [a(3), indices([0])], [a(1, 3, quantisation=OTHER)], {}),
    ("move", "SLICE", [a(1), indices([0]), indices([-1])], [a(1, quantisation=OTHER)], {}),
    ("resize_nearest", NEAREST, [a(1, 1, 1, 1), indices([1, 1])], [a(1, 1, 1, 1)], {}),
    ("resize_nearest", NEAREST, [a(1, 9, 5, 3), indices([1, 1])], [a(1, 1, 1, 3)], CORNERED),
    ("resize_bilinear_s8", BILINEAR, [a(1, 1, 1, 1), indices([1, 1])], [a(1, 1, 1, 1)], {}),
    ("resize_bilinear_s8", BILINEAR, [a(1, 9, 5, 3), indices([1, 1])], [a(1, 1, 1, 3)], CORNERED),
    ("resize_bilinear_s8", BILINEAR, [a(1, 3, 3, 1), indices([1, 600])], [a(1, 1, 600, 1)], {}),
]


@pytest.mark.parametrize(("ran", "name", "inputs", "outputs", "options"), CORNERS)
def test_corner(
    ran: str, name: str, inputs: list[Tensor], outputs: list[Tensor], options: dict[str, Any]
) -> None:
    check(Case.of(one_operator(name, inputs, outputs, **options), 1), ran)
