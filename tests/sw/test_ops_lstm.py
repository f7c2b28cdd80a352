"""UNIDIRECTIONAL_SEQUENCE_LSTM of the runtime against TFLM: random, at the corners, refused."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from cfuforge.base.errors import InputError
from cfuforge.sw.kernels import NN
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model
from support import random_models
from support.examples import examples
from support.graph import Quantisation
from support.kernels import plain_runtime
from support.operators import Gate, lstm
from support.random_models import Case

HALF = Quantisation((1 / 128,))


def check(model: Model, *inputs: Any) -> None:
    """Compare several inferences, whose state goes on."""
    runtime, oracle = plain_runtime(model), Oracle(model)
    for array in inputs:
        np.testing.assert_array_equal(runtime(array)[0], oracle(array)[0])
    assert [layer.ran for layer in runtime.layers] == ["reference/lstm_s8"]
    assert runtime.layers[0].scratch_bytes == 0


@examples(300)
@given(cases=random_models.lstms())
def test_lstm(cases: tuple[Case, Case]) -> None:
    check(cases[0].model, *(array for case in cases for array in case.inputs))


def gate(units: int, inputs: int, value: int = 127) -> Gate:
    weights = np.full((units, inputs), value, np.int8)
    hidden = np.full((units, units), value, np.int8)
    return Gate(weights, hidden, np.zeros(units, np.int32), HALF, HALF)


def model(shape: tuple[int, int, int] = (1, 2, 3), units: int = 2, **changes: Any) -> Model:
    arguments: dict[str, Any] = {
        "gates": [gate(units, shape[2])] * 4,
        "input_quantisation": HALF,
        "hidden_quantisation": HALF,
        "cell_scale": 2.0**-11,
    }
    return lstm(shape, **{**arguments, **changes})


@pytest.mark.parametrize("zero_point", [-128, 127])
@pytest.mark.parametrize("value", [-128, 127])
@pytest.mark.parametrize("scale", [2.0**-20, 2.0**-7, 8.0])
def test_corners(zero_point: int, value: int, scale: float) -> None:
    """One unit, saturated gates, for so long that the cell state saturates too."""
    case = model(
        (1, 40, 1),
        1,
        gates=[gate(1, 1, value)] * 4,
        input_quantisation=Quantisation((scale,), zero_point),
        hidden_quantisation=Quantisation((1 / 128,), -1 - zero_point),
    )
    for x in (-128, 127):
        check(case, np.full((1, 40, 1), x, np.int8))


@pytest.mark.parametrize("time_major", [False, True])
def test_more_units_and_inputs_than_a_block(time_major: bool) -> None:
    rng = np.random.default_rng(5)
    units, inputs = 33, 17
    gates = [
        dataclasses.replace(
            gate(units, inputs),
            input_weights=rng.integers(-128, 128, (units, inputs)).astype(np.int8),
            hidden_weights=rng.integers(-128, 128, (units, units)).astype(np.int8),
        )
        for _ in range(4)
    ]
    case = model((3, 2, inputs), units, gates=gates, time_major=time_major)
    check(case, rng.integers(-128, 128, (3, 2, inputs)).astype(np.int8))


def test_the_table_is_the_sigmoid() -> None:
    text = (NN / "sigmoid_q15.h").read_text()
    points = [
        int(word) for word in text.split("{", 1)[1].split("}", 1)[0].split(",") if word.strip()
    ]
    exact = [65536 / (1 + math.exp(-i / 24)) for i in range(256)]
    assert len(points) == 256
    assert all(-0.5 <= point - right <= 1.11 for point, right in zip(points, exact, strict=True))


def refused(bad: Model) -> str:
    with pytest.raises(InputError) as caught:
        plain_runtime(bad)
    text = str(caught.value)
    assert text.startswith("UNIDIRECTIONAL_SEQUENCE_LSTM (operator 0): ")
    said, listed = text.split(": ", 1)[1].split("; inputs: tensors ")
    assert listed.startswith("0, 1, 2, 3, 4, 5, 6, 7, 8, ")
    assert "; outputs: te" in listed  # a line is cut at 255 characters
    return said


def test_refused() -> None:
    with pytest.raises(InputError):
        Oracle(model(peephole=True))
    said = "input 9 is there: peepholes, projection and layer normalisation are not supported"
    assert refused(model(peephole=True)) == said
    said = "the fused activation function must be 4, TANH, not 0"
    assert refused(model(activation=0)) == said
    said = "the cell state's scale must be 2^-43..2^2, not about 2^3"
    assert refused(model(cell_scale=8.0)) == said
    said = "state: the cell state must have a positive scale"
    assert refused(model(cell_scale=0.0)) == said


def changed(**changes: Any) -> str:
    gates = [gate(2, 3)] * 4
    gates[2] = dataclasses.replace(gates[2], **changes)
    return refused(model(gates=gates))


def test_refused_gates() -> None:
    wrong = np.zeros((2, 4), np.int8)
    assert changed(input_weights=wrong) == "cell gate: the input's weights must be 2 by 3"
    assert changed(hidden_weights=wrong) == "cell gate: the hidden state's weights must be 2 by 2"
    assert changed(bias=np.zeros(3, np.int32)) == "the bias must have 2 elements, not 3"
    negative = Quantisation((-1.0,))
    said = "cell gate: the input's weights must not have a negative scale"
    assert changed(input_quantisation=negative) == said
    many = Quantisation((0.5, 0.5))
    said = "cell gate: the hidden state's weights must have one scale, not 2"
    assert changed(hidden_quantisation=many) == said
