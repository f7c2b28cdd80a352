"""A refused model's reason in a user's words: its type, its floats, its subgraphs."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from cfuforge.base.errors import InputError
from cfuforge.sw.acceptance import ARENA, accept, refusal
from cfuforge.sw.alone import refusals
from cfuforge.sw.explained import explained, quantising
from cfuforge.sw.tflite_model import Model
from support import operators
from support.graph import Graph, Quantisation, Tensor, changed

ONE = Quantisation((1.0,))


def dense(activations: str, weights: str, **options: Any) -> Model:
    """Return a FULLY_CONNECTED of these types."""
    graph = Graph()
    width = {"int4": 0.5, "int8": 1, "int16": 2, "float16": 2, "float32": 4}[weights]
    data = np.zeros(int(8 * width), np.uint8)
    quantisation = None if "float" in activations else ONE
    given = graph.tensor(Tensor((1, 4), quantisation, dtype=activations, name="x"))
    filter_ = graph.tensor(
        Tensor((2, 4), None if "float" in weights else ONE, data, dtype=weights, name="w")
    )
    made = graph.tensor(Tensor((1, 2), quantisation, dtype=activations, name="y"))
    graph.operator("FULLY_CONNECTED", [given, filter_, -1], [made], **options)
    return graph.model("dense", [given], [made])


def with_subgraphs(model: Model, count: int) -> Model:
    """Return a model with copies of its subgraph."""

    def copy(file: Any) -> None:
        file.subgraphs += [deepcopy(file.subgraphs[0]) for _ in range(count - 1)]

    return Model(changed(model.data, copy), model.name)


def test_a_model_that_runs_has_no_reason() -> None:
    assert refusal(dense("int8", "int8")) == ""


@pytest.mark.parametrize(
    ("weights", "what"), [("float32", ": its operators"), ("int8", " with int8 weights (dynamic")]
)
def test_a_float_model(weights: str, what: str) -> None:
    with pytest.raises(InputError) as caught:
        accept(dense("float32", weights))
    assert str(caught.value).startswith(f"dense: this is a float model{what}")
    assert "\n" not in str(caught.value)
    assert len(caught.value.lines) == 4
    assert "representative_dataset" in "".join(caught.value.lines)


def test_a_model_that_is_float_in_part() -> None:
    graph = Graph()
    given = graph.tensor(Tensor((1, 4), ONE, name="x"))
    real, less, more = (graph.tensor(Tensor((1, 4), dtype="float32", name=n)) for n in "rls")
    made = graph.tensor(Tensor((1, 4), ONE, name="y"))
    graph.operator("DEQUANTIZE", [given], [real])
    graph.operator("NEG", [real], [less])
    graph.operator("LOGISTIC", [less], [more])
    graph.operator("QUANTIZE", [more], [made])
    reason = refusal(graph.model("mixed", [given], [made]))
    assert "a float model in part: 1 of 4 operators compute with FLOAT32, first LOGISTIC" in reason
    assert quantising(reason)


def test_floats_are_not_why_another_operator_is_refused() -> None:
    graph = Graph()
    given = graph.tensor(Tensor((1, 4), ONE, name="x"))
    made, real = (
        graph.tensor(Tensor((1, 4), ONE, name="y")),
        graph.tensor(Tensor((1, 4), dtype="float32", name="z")),
    )
    graph.operator("CUMSUM", [given, given], [made])
    graph.operator("DEQUANTIZE", [made], [real])
    assert refusal(graph.model("x", [given], [real])) == "CUMSUM (operator 0) is not supported"


def test_a_type_is_named_and_not_its_dimensions() -> None:
    reason = refusal(dense("int8", "int4"))
    assert reason == (
        "tensor 1 'w': values of type INT4 are not supported: quantise weights to int8"
    )
    graph = Graph()
    given, made = (graph.tensor(Tensor((1,) * 9, ONE, name=name)) for name in "xy")
    graph.operator("RELU", [given], [made])
    assert refusal(graph.model("deep", [given], [made])) == (
        "tensor 0 'x': 9 dimensions are not supported, at most 8 are"
    )
    graph = Graph()
    given, made = (graph.tensor(Tensor((1, 4), dtype="complex64", name=name)) for name in "xy")
    graph.operator("RELU", [given], [made])
    assert "values of type COMPLEX64 are not supported" in refusal(
        graph.model("c", [given], [made])
    )


@pytest.mark.parametrize(("number", "name"), [(4, "TANH"), (5, "SIGN_BIT"), (77, "number 77")])
def test_an_activation_function_is_named(number: int, name: str) -> None:
    reason = refusal(dense("int8", "int8", fusedActivationFunction=number))
    assert f"the fused activation function {name} is not supported" in reason


def test_what_inspect_would_say_is_not_put_off_to_inspect() -> None:
    said = "the model needs at least 9 bytes; cfuforge model inspect says how many"
    assert explained(dense("int8", "int8"), said) == "the model needs at least 9 bytes"
    lstm = "the fused activation function must be 4, TANH, not 1; inputs: tensor 4 'a'"
    assert explained(dense("int8", "int8"), lstm) == (
        "the fused activation function must be TANH, not RELU; inputs: tensor 4 'a'"
    )


def test_more_than_one_subgraph() -> None:
    reason = refusal(with_subgraphs(dense("int8", "int8"), 2))
    assert reason == (
        "the model has 2 subgraphs, and only one can run: convert it with one signature"
    )
    graph = Graph()
    given, made = (graph.tensor(Tensor((1, 4), ONE, name=name)) for name in "xy")
    graph.operator("RELU", [given], [made])
    graph.operator("WHILE", [made], [made], condSubgraphIndex=1, bodySubgraphIndex=1)
    looping = with_subgraphs(graph.model("loop", [given], [made]), 3)
    assert "has 3 subgraphs, and only one can run: WHILE (operator 1) calls" in refusal(looping)
    assert refusals(looping, ARENA) == {1: "WHILE is not supported"}


def test_an_operator_is_not_refused_for_tensors_that_are_not_its_own() -> None:
    graph = Graph()
    given, made, last = (graph.tensor(Tensor((1, 4), ONE, name=name)) for name in "xyz")
    graph.tensor(Tensor((), dtype="resource", name="states"))
    handle = graph.tensor(Tensor((2,), data=np.zeros(1, np.uint8), dtype="int4", name="other"))
    graph.operator("RELU", [given], [made])
    graph.operator("READ_VARIABLE", [handle], [last])
    model = graph.model("x", [given], [last])
    assert refusals(model, ARENA) == {1: "READ_VARIABLE is not supported"}
    assert refusals(operators.softmax((1, 4), 1.0, 0, 1.0), ARENA) == {}
