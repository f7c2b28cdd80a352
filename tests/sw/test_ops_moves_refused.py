"""What the operators that move or resize data refuse, and in which words."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cfuforge.base.errors import InputError, RunError
from cfuforge.sw.oracle import Oracle
from support.graph import PLAIN, Quantisation, Tensor, indices, one_operator
from support.kernels import plain_runtime
from support.random_models import Case

OTHER = Quantisation((0.25,), 7)
NINE: NDArray[np.int8] = np.array([9], np.int8)
NEAREST, BILINEAR = "RESIZE_NEAREST_NEIGHBOR", "RESIZE_BILINEAR"
THREES = [indices([0]), indices([6]), indices([3])]  # every third of six


def a(*shape: int, **changes: Any) -> Tensor:
    """Return an int8 tensor of that shape."""
    return Tensor(shape, **changes)


def int32(*shape: int) -> Tensor:
    return Tensor(shape, dtype="int32")


# Refused by both; a message in the last place.
REFUSED: list[tuple[str, list[Tensor], list[Tensor], dict[str, Any], str]] = [
    (
        "SHAPE",
        [a(2, 3)],
        [Tensor((2,), dtype="int64")],
        {"outType": 4},
        "the output must be INT32, not INT64",
    ),
    (
        "PAD",
        [a(4), indices([[1, 2]])],
        [a(6)],
        {},
        "dimension 0 of output 0 must be 1 + 4 + 2, not 6",
    ),
    ("PAD", [a(4), int32(1, 2)], [a(4)], {}, "input 1, the paddings, must be a constant"),
    (
        "PAD",
        [a(1, 1, 1, 1, 1, 2), indices([[0, 0]] * 6)],
        [a(1, 1, 1, 1, 1, 2)],
        {},
        "input 0 must have 1 to 5 dimensions, not 6",
    ),
    (
        "PAD",
        [a(2, 2), indices([[1, 1]])],
        [a(2, 4)],
        {},
        "input 1, the paddings, must have 4 elements, not 2",
    ),
    ("PAD", [a(2, 0), indices([[0, 0]] * 2)], [a(2, 0)], {}, "input 0 is empty"),
    (
        "PAD",
        [a(2), indices([[0, 0]])],
        [int32(2)],
        {},
        "output 0 is INT32, which is not supported here",
    ),
    (
        "PADV2",
        [a(2), indices([[1, 1]]), a(1, quantisation=OTHER, data=NINE)],
        [a(4)],
        {},
        "input 2, the value, must have the output's scale and zero point",
    ),
    (
        "PADV2",
        [a(2), indices([[1, 1]]), a(2, data=np.array([1, 2], np.int8))],
        [a(4)],
        {},
        "input 2, the value, must have 1 element, not 2",
    ),
    (
        "PADV2",
        [a(2), indices([[1, 1]]), indices([5])],
        [a(4)],
        {},
        "input 2 is INT32, which is not supported here",
    ),
    (
        "CONCATENATION",
        [a(2), a(2, quantisation=OTHER)],
        [a(4)],
        {},
        "input 1 must have the output's scale and zero point",
    ),
    (
        "CONCATENATION",
        [Tensor((2,), PLAIN, dtype="int16")] * 2,
        [Tensor((4,), PLAIN, dtype="int16")],
        {},
        "input 0 is INT16, whose zero point must be 0, not 3",
    ),
    (
        "CONCATENATION",
        [a(2), a(2)],
        [a(4)],
        {"fusedActivationFunction": 1},
        "a fused activation function is not supported",
    ),
    ("CONCATENATION", [a(1)] * 11, [a(11)], {}, "it must have 1 to 10 inputs, not 11"),
    (
        "CONCATENATION",
        [a(2), int32(2)],
        [a(4)],
        {},
        "input 1 is INT32, which is not supported here",
    ),
    (
        "CONCATENATION",
        [Tensor((2,), PLAIN, dtype="uint8")] * 2,
        [Tensor((4,), PLAIN, dtype="uint8")],
        {},
        "output 0 is UINT8, which is not supported here",
    ),
    ("SPLIT", [indices(2), a(2, 4)], [a(2, 2)] * 2, {}, "the axis must be -2..1, not 2"),
    ("SPLIT", [int32(1), a(2, 4)], [a(2, 2)] * 2, {}, "input 0, the axis, must be a constant"),
    (
        "SPLIT_V",
        [a(4), indices([4, 0]), indices(1)],
        [a(4), a(1, 0)],
        {},
        "the axis must be -1..0, not 1",
    ),
    (
        "SPLIT_V",
        [a(2, 4), indices([4, 0]), indices(1)],
        [a(2, 4), a(2, 0)],
        {},
        "output 1 is empty",
    ),
    (
        "PACK",
        [Tensor((2,), PLAIN, dtype="uint8")],
        [Tensor((1, 2), PLAIN, dtype="uint8")],
        {"valuesCount": 1},
        "output 0 is UINT8, which is not supported here",
    ),
    (
        "UNPACK",
        [Tensor((1, 2), PLAIN, dtype="int64")],
        [Tensor((2,), PLAIN, dtype="int64")],
        {"num": 1},
        "input 0 is INT64, which is not supported here",
    ),
    (
        "TRANSPOSE",
        [a(1, 1, 1, 1, 2, 2), indices([0, 1, 2, 3, 5, 4])],
        [a(1, 1, 1, 1, 2, 2)],
        {},
        "input 0 must have 1 to 5 dimensions, not 6",
    ),
    (
        "TRANSPOSE",
        [a(2, 3), indices([-1, 0])],
        [a(3, 2)],
        {},
        "input 1, the permutation, must have each of 0..1 once; element 0 is -1",
    ),
    (
        "TRANSPOSE",
        [a(2, 2), indices([0])],
        [a(2, 2)],
        {},
        "input 1, the permutation, must have 2 elements, not 1",
    ),
    (
        "TRANSPOSE",
        [a(2, 2), int32(2)],
        [a(2, 2)],
        {},
        "input 1, the permutation, must be a constant",
    ),
    (
        "TRANSPOSE",
        [int32(2, 2), indices([1, 0])],
        [int32(2, 2)],
        {},
        "input 0 is INT32, which is not supported here",
    ),
    (
        "TRANSPOSE",
        [a(2, 2), indices([1, 0])],
        [int32(2, 2)],
        {},
        "output 0 is INT32, which is not supported here",
    ),
    (
        "STRIDED_SLICE",
        [a(6), indices([0]), indices([6]), indices([0])],
        [a(6)],
        {},
        "the stride of dimension 0 must not be 0",
    ),
    ("STRIDED_SLICE", [a(6), *THREES], [a(3)], {}, "dimension 0 of output 0 must be 2, not 3"),
    (
        "STRIDED_SLICE",
        [a(6), *THREES],
        [a(1)],
        {"shrinkAxisMask": 1},
        "output 0 must have 0 dimensions, not 1",
    ),
    (
        "STRIDED_SLICE",
        [a(6), *THREES],
        [a(3)],
        {"offset": True},
        "ends relative to begins are not supported",
    ),
    (
        "STRIDED_SLICE",
        [a(6), int32(1), *THREES[1:]],
        [a(2)],
        {},
        "input 1, the begin, must be a constant",
    ),
    (
        "STRIDED_SLICE",
        [a(1, 1, 1, 1, 1)] + [indices([1] * 5)] * 3,
        [a(1, 1, 1, 1, 1)],
        {},
        "input 0 must have 1 to 4 dimensions, not 5",
    ),
    (
        "SQUEEZE",
        [a(1, 3, 1)],
        [a(4)],
        {},
        "dimension 1 of input 0 is 3, not 1, and is missing in output 0",
    ),
    ("SQUEEZE", [a(1, 3, 1)], [int32(3)], {}, "output 0 is INT32, which is not supported here"),
    ("EXPAND_DIMS", [a(3), indices(2)], [a(3, 1)], {}, "the axis must be -2..1, not 2"),
    ("EXPAND_DIMS", [a(3), indices(0)], [a(3, 1)], {}, "dimension 0 of output 0 must be 1, not 3"),
    ("EXPAND_DIMS", [a(3), int32(1)], [a(1, 3)], {}, "input 1, the axis, must be a constant"),
    (
        "EXPAND_DIMS",
        [int32(3), indices(0)],
        [int32(1, 3)],
        {},
        "input 0 is INT32, which is not supported here",
    ),
    (
        "SLICE",
        [Tensor((3,), PLAIN, dtype="uint8"), indices([1]), indices([1])],
        [Tensor((1,), PLAIN, dtype="uint8")],
        {},
        "input 0 is UINT8, which is not supported here",
    ),
    (
        NEAREST,
        [a(1, 3, 3, 1), int32(2)],
        [a(1, 5, 6, 1)],
        {},
        "input 1, the size, must be a constant",
    ),
    (
        NEAREST,
        [a(3, 3, 1), indices([5, 6])],
        [a(5, 6, 1)],
        {},
        "input 0 must have 4 dimensions, not 3",
    ),
    (
        NEAREST,
        [a(1, 3, 3, 1), indices([[5, 6]])],
        [a(1, 5, 6, 1)],
        {},
        "input 1 must have 1 dimensions, not 2",
    ),
    (
        NEAREST,
        [a(1, 3, 3, 1), indices([5, 6])],
        [int32(1, 5, 6, 1)],
        {},
        "output 0 is INT32, which is not supported here",
    ),
    (
        BILINEAR,
        [a(1, 3, 3, 1), int32(2)],
        [a(1, 5, 6, 1)],
        {},
        "input 1, the size, must be a constant",
    ),
    (
        BILINEAR,
        [a(3, 3, 1), indices([5, 6])],
        [a(5, 6, 1)],
        {},
        "input 0 must have 4 dimensions, not 3",
    ),
    (
        BILINEAR,
        [a(1, 3, 3, 1), indices([[5, 6]])],
        [a(1, 5, 6, 1)],
        {},
        "input 1 must have 1 dimensions, not 2",
    ),
    (
        BILINEAR,
        [a(1, 3, 3, 1), indices([5, 6])],
        [int32(1, 5, 6, 1)],
        {},
        "output 0 is INT32, which is not supported here",
    ),
    (
        BILINEAR,
        [a(1, 3, 3, 1), indices([5, 6])],
        [a(1, 5, 6, 1)],
        {"alignCorners": True, "halfPixelCenters": True},
        "aligned corners and half pixel centres exclude each other",
    ),
]

# TFLM reads or writes outside of the tensors, or returns what means nothing.
REFUSED_HERE: list[tuple[str, list[Tensor], list[Tensor], dict[str, Any], str]] = [
    (
        "SHAPE",
        [a(2, 3)],
        [int32(3)],
        {"outType": 2},
        "the output must have 2 elements, the input's dimensions, not 3",
    ),
    (
        "PAD",
        [a(4), indices([[-1, 2]])],
        [a(5)],
        {},
        "the paddings of dimension 0 must not be negative as -1 and 2 are",
    ),
    (
        "CONCATENATION",
        [a(2, 3), a(2, 2)],
        [a(4, 3)],
        {},
        "dimension 1 of input 1 must be 3, not 2",
    ),
    (
        "CONCATENATION",
        [a(2), a(2)],
        [a(5)],
        {},
        "dimension 0 of output 0 must be the inputs' sum 4, not 5",
    ),
    (
        "CONCATENATION",
        [a(1, 2), a(2)],
        [a(4)],
        {},
        "input 0 must have 1 dimensions, not 2",
    ),
    ("CONCATENATION", [a(2), a(2)], [a(4)], {"axis": 1}, "the axis must be -1..0, not 1"),
    (
        "SPLIT",
        [indices(1), a(2, 5)],
        [a(2, 2)] * 2,
        {},
        "dimension 1 of input 1 must be the outputs' sum 4, not 5",
    ),
    (
        "SPLIT",
        [indices(1), a(2, 4)],
        [a(2, 3), a(2, 1)],
        {},
        "dimension 1 of output 0 must be 2, not 3",
    ),
    (
        "SPLIT",
        [indices(1), a(2, 4)],
        [a(2, 2), int32(2, 2)],
        {},
        "output 1 is INT32, which is not supported here",
    ),
    (
        "SPLIT_V",
        [a(2, 4), indices([3, 2]), indices(1)],
        [a(2, 3), a(2, 2)],
        {},
        "dimension 1 of input 0 must be the outputs' sum 5, not 4",
    ),
    (
        "PACK",
        [a(3)] * 2,
        [a(3, 3)],
        {"valuesCount": 3},
        "it must have the 3 inputs of its options, not 2",
    ),
    (
        "PACK",
        [a(3), a(4)],
        [a(2, 3)],
        {"valuesCount": 2},
        "dimension 0 of input 1 must be 3, not 4",
    ),
    (
        "PACK",
        [a(3)] * 2,
        [a(2, 3)],
        {"valuesCount": 2, "axis": -3},
        "the axis must be -2..1, not -3",
    ),
    (
        "UNPACK",
        [a(2, 3)],
        [a(2)] * 2,
        {"num": 2, "axis": 1},
        "dimension 1 of input 0 must be 2, not 3",
    ),
    (
        "UNPACK",
        [a(2, 3)],
        [a(2)] * 3,
        {"num": 2, "axis": 1},
        "it must have the 2 outputs of its options, not 3",
    ),
    (
        "UNPACK",
        [a(2, 3)],
        [a(2), a(2), a(3)],
        {"num": 3, "axis": 1},
        "dimension 0 of output 2 must be 2, not 3",
    ),
    (
        "TRANSPOSE",
        [a(2, 2), indices([0, 0])],
        [a(2, 2)],
        {},
        "input 1, the permutation, must have each of 0..1 once; element 0 is 0",
    ),
    (
        "TRANSPOSE",
        [a(2, 3), indices([1, 0])],
        [a(2, 3)],
        {},
        "dimension 1 of output 0 must be 2, not 3",
    ),
    (
        "STRIDED_SLICE",
        [a(6), indices([7]), indices([8]), indices([1])],
        [a()],
        {"shrinkAxisMask": 1},
        "dimension 0 must have one index of its 6 and a positive stride, not 7 and 1",
    ),
    (
        "STRIDED_SLICE",
        [a(6), indices([1]), indices([2]), indices([-1])],
        [a()],
        {"shrinkAxisMask": 1},
        "dimension 0 must have one index of its 6 and a positive stride, not 1 and -1",
    ),
    (
        "STRIDED_SLICE",
        [a(6), *THREES],
        [int32(2)],
        {},
        "output 0 is INT32, which is not supported here",
    ),
    (
        "STRIDED_SLICE",
        [a(6), indices([3]), indices([2]), indices([1])],
        [a(1)],
        {},
        "nothing is left of dimension 0",
    ),
    (
        "SLICE",
        [a(3, 4), indices([1, 0]), indices([3, -1])],
        [a(3, 4)],
        {},
        "the size of dimension 0 must be -1 or 1..2, not 3",
    ),
    (
        "SLICE",
        [a(3), indices([-1]), indices([1])],
        [a(1)],
        {},
        "the begin of dimension 0 must be 0..2, not -1",
    ),
    (
        "SLICE",
        [a(3), indices([1]), indices([-1])],
        [a(3)],
        {},
        "dimension 0 of output 0 must be 2, not 3",
    ),
    (
        "SLICE",
        [a(3), int32(2), indices([-1])],
        [a(3)],
        {},
        "input 1, the begin, must have 1 elements, not 2",
    ),
    (
        "SLICE",
        [a(*[1] * 6), indices([0] * 6), indices([1] * 6)],
        [a(*[1] * 6)],
        {},
        "input 0 must have 1 to 5 dimensions, not 6",
    ),
    (
        NEAREST,
        [a(1, 3, 3, 1), indices([5, 7])],
        [a(1, 5, 6, 1)],
        {},
        "dimension 2 of output 0 must be 7, not 6",
    ),
    (
        NEAREST,
        [a(1, 3, 3, 1), indices([5, 6])],
        [a(1, 5, 6, 2)],
        {},
        "dimension 3 of output 0 must be 1, not 2",
    ),
    (
        BILINEAR,
        [a(1, 3, 3, 1), indices([5, 7])],
        [a(1, 5, 6, 1)],
        {},
        "dimension 2 of output 0 must be 7, not 6",
    ),
    (
        BILINEAR,
        [a(1, 3, 3, 1), indices([5, 6])],
        [a(1, 5, 6, 2)],
        {},
        "dimension 3 of output 0 must be 1, not 2",
    ),
]


def refusal(
    name: str, inputs: list[Tensor], outputs: list[Tensor], options: dict[str, Any], expected: str
) -> None:
    with pytest.raises(InputError) as caught:
        plain_runtime(one_operator(name, inputs, outputs, **options))
    assert str(caught.value).startswith(f"{name} (operator 0): {expected}; inputs:")


@pytest.mark.parametrize(("name", "inputs", "outputs", "options", "expected"), REFUSED)
def test_refused_as_by_tflm(
    name: str, inputs: list[Tensor], outputs: list[Tensor], options: dict[str, Any], expected: str
) -> None:
    model = one_operator(name, inputs, outputs, **options)
    with pytest.raises((InputError, RuntimeError)):  # some in an inference only
        Oracle(model)(*Case.of(model, 1).inputs)
    refusal(name, inputs, outputs, options, expected)


@pytest.mark.parametrize(("name", "inputs", "outputs", "options", "expected"), REFUSED_HERE)
def test_refused_here(
    name: str, inputs: list[Tensor], outputs: list[Tensor], options: dict[str, Any], expected: str
) -> None:
    refusal(name, inputs, outputs, options, expected)


def test_a_slice_that_is_wrong_only_when_it_runs() -> None:
    runtime = plain_runtime(one_operator("SLICE", [a(5), int32(1), indices([3])], [a(3)]))
    data = np.arange(5).astype(np.int8)
    (output,) = runtime(data, np.array([2], np.int32))
    assert output.tolist() == [2, 3, 4]
    for begin in (3, -1, 5, -(2**31)):
        with pytest.raises(
            RunError, match=r"^SLICE \(operator 0\): the (begin|size) of dimension 0"
        ):
            runtime(data, np.array([begin], np.int32))
