"""What the runtime says of models and arenas that it cannot use."""

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from cfuforge.base.errors import InputError
from cfuforge.sw.tflite_model import Model
from support.examples import examples
from support.graph import PLAIN, Quantisation, Tensor, changed, one_operator
from support.kernels import plain_runtime
from support.operators import conv_2d, fully_connected, svdf

QUARTER = Quantisation((0.25,), 3)


def a_conv() -> bytes:
    filter_ = np.arange(2 * 3 * 3 * 4, dtype=np.int8).reshape(2, 3, 3, 4)
    bias = np.array([5, -5], np.int32)
    scales = Quantisation((0.5, 0.25), 0)
    options = {"padding": 0, "strideW": 1, "strideH": 1}
    options |= {"dilationWFactor": 1, "dilationHFactor": 1}
    return conv_2d((1, 5, 5, 4), QUARTER, filter_, scales, bias, QUARTER, **options).data


def an_fc() -> bytes:
    filter_ = np.arange(12, dtype=np.int8).reshape(3, 4)
    return fully_connected((2, filter_.shape[1]), QUARTER, filter_, QUARTER, None, QUARTER).data


def message(data: bytes, **arguments: Any) -> str:
    with pytest.raises(InputError) as caught:
        plain_runtime(data, **arguments)
    text = str(caught.value)
    assert text
    assert "\n" not in text
    return text


@pytest.mark.parametrize("make", [a_conv, an_fc])
def test_what_is_changed_below_is_good_before(make: Callable[[], bytes]) -> None:
    plain_runtime(changed(make(), lambda model: None))


@pytest.mark.parametrize("data", [b"", b"TFL3", b"\x08\0\0\0TFLITE 3" + bytes(100)])
def test_no_model(data: bytes) -> None:
    assert message(data) == "not a TensorFlow Lite model: the file identifier TFL3 is missing"


def test_root_outside() -> None:
    data = b"\xff\xff\xff\xffTFL3" + a_conv()[8:]
    start = "the model is damaged: its root refers to something outside the file"
    assert message(data).startswith(start)


def verdict(data: bytes) -> str:
    """Return what the runtime has to say; nothing when it takes the model."""
    try:
        plain_runtime(data)
    except InputError as error:
        return str(error) or "an empty message"
    return ""


def test_truncated() -> None:
    data = a_conv()
    verdicts = [verdict(data[:length]) for length in range(len(data))]
    assert "an empty message" not in verdicts
    assert all(verdicts[: len(data) - 16])  # the last bytes may be no more than padding


@examples(2000)
@given(
    data=st.sampled_from([a_conv(), an_fc()]),
    place=st.integers(0, 1 << 16),
    value=st.one_of(
        st.sampled_from([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]), st.integers(0, 0xFFFFFFFF)
    ),
)
def test_damaged_never_crashes(data: bytes, place: int, value: int) -> None:
    place %= len(data) - 4
    damaged = data[:place] + value.to_bytes(4, "little") + data[place + 4 :]
    assert verdict(damaged) != "an empty message"


def test_unsupported_operator_has_name_and_index() -> None:
    def change(model: Any) -> None:
        code = model.operatorCodes[0]
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.LSH_PROJECTION

    assert message(changed(a_conv(), change)) == "LSH_PROJECTION (operator 0) is not supported"


def test_unsupported_custom_operator() -> None:
    def change(model: Any) -> None:
        code = model.operatorCodes[0]
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
        code.customCode = "MyOperator"

    assert message(changed(a_conv(), change)) == "MyOperator (operator 0) is not supported"


def set_tensor(tensor: int, **values: Any) -> Callable[[Any], None]:
    def change(model: Any) -> None:
        for name, value in values.items():
            setattr(model.subgraphs[0].tensors[tensor], name, value)

    return change


def set_quantisation(tensor: int, **values: Any) -> Callable[[Any], None]:
    def change(model: Any) -> None:
        for name, value in values.items():
            setattr(model.subgraphs[0].tensors[tensor].quantization, name, value)

    return change


def set_operator(**values: Any) -> Callable[[Any], None]:
    def change(model: Any) -> None:
        for name, value in values.items():
            setattr(model.subgraphs[0].operators[0], name, value)

    return change


def set_options(**values: Any) -> Callable[[Any], None]:
    def change(model: Any) -> None:
        for name, value in values.items():
            setattr(model.subgraphs[0].operators[0].builtinOptions, name, value)

    return change


def set_graph(**values: Any) -> Callable[[Any], None]:
    def change(model: Any) -> None:
        for name, value in values.items():
            setattr(model.subgraphs[0], name, value)

    return change


def set_model(**values: Any) -> Callable[[Any], None]:
    def change(model: Any) -> None:
        for name, value in values.items():
            setattr(model, name, value)

    return change


def two_subgraphs(model: Any) -> None:
    model.subgraphs = [model.subgraphs[0]] * 2


INT16, FLOAT32, STRING = (
    schema.TensorType.INT16,
    schema.TensorType.FLOAT32,
    schema.TensorType.STRING,
)
INPUT, FILTER, BIAS = 0, 1, 2
CONV_OUTPUT, FC_OUTPUT = 3, 2
CONV, FC = "CONV_2D (operator 0): ", "FULLY_CONNECTED (operator 0): "
CHANGES = [
    (a_conv, set_model(version=2), "the model's schema version must be 3, not 2"),
    (a_conv, two_subgraphs, "the model must have 1 subgraph, not 2"),
    (a_conv, set_tensor(INPUT, type=INT16), CONV + "the input must be INT8, not INT16"),
    (a_conv, set_tensor(INPUT, type=STRING), "tensor 0 'input': STRING with 4 dim"),
    (a_conv, set_tensor(BIAS, type=FLOAT32), CONV + "the bias must be INT32, not FLOAT32"),
    (
        a_conv,
        set_tensor(BIAS, shape=[1], quantization=None),
        CONV + "the bias must have 2 elements, not 1",
    ),
    (a_conv, set_tensor(INPUT, shape=[5, 5, 4]), CONV + "the input must have 4 dimensions, not 3"),
    (
        a_conv,
        set_tensor(INPUT, shape=[1, 5, -5, 4]),
        "tensor 0 'input': dimension 2 is -5, negative or too large",
    ),
    (
        a_conv,
        set_tensor(INPUT, shape=[1, 1 << 20, 1 << 20, 4]),
        "tensor 0 'input': dimension 2 is 1048576, negative or too large",
    ),
    (
        a_conv,
        set_tensor(INPUT, shape=[1 << 16] * 4),  # 0 bytes in 32 bits, and in 64
        "tensor 0 'input': dimension 1 is 65536, negative or too large",
    ),
    (
        a_conv,
        set_tensor(INPUT, shape=[1] * 9),
        "tensor 0 'input': INT8 with 9 dimensions is not supported",
    ),
    (
        a_conv,
        set_tensor(FILTER, buffer=9),
        "tensor 1 'filter': its data is buffer 9, and the model has 3",
    ),
    (
        a_conv,
        set_tensor(FILTER, buffer=0),
        CONV + "input 1 is tensor 1 'filter', which nothing has written",
    ),
    (
        a_conv,
        set_model(buffers=None),
        "tensor 0 'input': its data is buffer 0, and the model has 0",
    ),
    (a_conv, set_tensor(INPUT, shape=[1, 5, 0, 4]), CONV + "the input is empty"),
    (
        a_conv,
        set_tensor(INPUT, shape=[1, 5, 5, 3]),
        CONV + "the input's depth 3 must be a multiple of the filter's, 4",
    ),
    (a_conv, set_tensor(INPUT, shape=[1, 6, 5, 4]), CONV + "height: the output must be 6, not 5"),
    (
        a_conv,
        set_tensor(FILTER, shape=[2, 3, 3, 5]),
        "tensor 1 'filter': the model has 72 of its 90 bytes",
    ),
    (
        a_conv,
        set_quantisation(INPUT, zeroPoint=[200]),
        "tensor 0 'input': zero points must be -128..127",
    ),
    (
        a_conv,
        set_quantisation(FILTER, zeroPoint=[0, 1]),
        "tensor 1 'filter': zero points must be -128..127, and 0 where there is one a channel",
    ),
    (
        a_conv,
        set_quantisation(FILTER, zeroPoint=[0, 0, 0]),
        "tensor 1 'filter': it must have 1 zero point or one for each of 2 scales, not 3",
    ),
    (
        a_conv,
        set_quantisation(FILTER, scale=[1.0] * 7),
        "tensor 1 'filter': it must have 1 scale or one for each index of a dimension, not 7",
    ),
    (
        a_conv,
        set_quantisation(FILTER, scale=[], zeroPoint=[]),
        CONV + "the filter must have 1 scale or one for each of 2 channels, not 0",
    ),
    (a_conv, set_quantisation(INPUT, scale=[-1.0]), CONV + "the output must have a positive scale"),
    (
        a_conv,
        set_quantisation(FILTER, scale=[1.0, -1.0]),
        CONV + "the filter's scale 1 must not be neg",
    ),
    (
        a_conv,
        set_quantisation(FILTER, scale=[1.0] * 3, zeroPoint=[0]),
        CONV + "the filter must have 1 scale or one",
    ),
    (a_conv, set_operator(inputs=[0, 9, 2]), CONV + "input 1 is tensor 9, and the model has 4 ten"),
    (a_conv, set_operator(inputs=[0, -2, 2]), CONV + "input 1 is tensor -2, and the model has 4"),
    (a_conv, set_operator(inputs=[0]), CONV + "the filter is missing"),
    (a_conv, set_graph(inputs=[]), CONV + "input 0 is tensor 0 'input', which nothing"),
    (a_conv, set_graph(inputs=[4]), "the model's input 0 is tensor 4, and the model has 4 tensors"),
    (a_conv, set_graph(inputs=[0, 1]), "the model's input 1 is tensor 1 'filter', which"),
    (a_conv, set_graph(outputs=[-1]), "the model's output 0 is tensor -1, and the model has 4"),
    (a_conv, set_operator(outputs=[2]), CONV + "the output must be INT8, not INT32"),
    (
        a_conv,
        set_tensor(CONV_OUTPUT, buffer=1),
        CONV + "output 0 is tensor 3 'output', which is a constant",
    ),
    (a_conv, set_operator(outputs=[]), CONV + "it must have 1 output, not 0"),
    (a_conv, set_operator(outputs=[3, 3]), CONV + "it must have 1 output, not 2"),
    (a_conv, set_operator(opcodeIndex=7), "operator 0: the model has no operator code 7"),
    (a_conv, set_operator(builtinOptions=None), CONV + "the model has no options for it"),
    (a_conv, set_options(strideW=0), CONV + "width: stride 0, dilation 1 and filter 3 must be pos"),
    (a_conv, set_options(dilationHFactor=-1), CONV + "height: stride 1, dilation -1 and filter 3"),
    (a_conv, set_options(padding=1), CONV + "height: the output must be 3, not 5"),
    (
        a_conv,
        set_options(fusedActivationFunction=4),
        CONV + "the fused activation function 4 is not",
    ),
    (an_fc, set_options(weightsFormat=1), FC + "shuffled weights are not supported"),
    (an_fc, set_tensor(FILTER, shape=[12]), FC + "the filter must have 2 dimensions, not 1"),
    (an_fc, set_tensor(INPUT, shape=[7]), FC + "7 inputs are no multiple of the filter's depth 4"),
    (an_fc, set_tensor(FC_OUTPUT, shape=[7]), FC + "the output must have 2 batches of 3 channels"),
]


@pytest.mark.parametrize(("make", "change", "expected"), CHANGES, ids=[c[2] for c in CHANGES])
def test_message(make: Callable[[], bytes], change: Callable[[Any], None], expected: str) -> None:
    assert message(changed(make(), change)).startswith(expected)


def test_an_operator_names_its_tensors() -> None:
    assert message(changed(a_conv(), set_tensor(FILTER, type=INT16, shape=[2, 3, 3, 2]))) == (
        "CONV_2D (operator 0): the filter must be INT8, not INT16; inputs: tensor 0 'input', "
        "tensor 1 'filter', tensor 2 'bias'; outputs: tensor 3 'output'"
    )


def test_names_that_are_long_or_have_several_lines() -> None:
    said = message(changed(a_conv(), set_tensor(INPUT, type=INT16, name="a\nb" * 100)))
    assert said.startswith(
        CONV + "the input must be INT8, not INT16; inputs: tensor 0 'a ba ba ba ba ba ba ba b', "
        "tensor 1 'filter'"
    )


def test_cycles() -> None:
    """Two operators that read what the other one writes; one that reads its own output."""

    def two(model: Any) -> None:
        graph = model.subgraphs[0]
        first, second = graph.operators[0], copy.copy(graph.operators[0])
        graph.tensors[INPUT].shape = graph.tensors[CONV_OUTPUT].shape = [1, 5, 5, 4]
        first.inputs, second.inputs, second.outputs = [CONV_OUTPUT, 1], [INPUT, 1], [INPUT]
        graph.tensors[FILTER].shape = [4, 1, 1, 4]
        graph.tensors[FILTER].quantization.scale = [1.0]
        graph.tensors[FILTER].quantization.zeroPoint = [0]
        graph.operators = [first, second]
        graph.inputs = []

    def own(model: Any) -> None:
        two(model)
        model.subgraphs[0].operators = model.subgraphs[0].operators[:1]

    def written_twice(model: Any) -> None:
        two(model)
        model.subgraphs[0].operators.reverse()
        model.subgraphs[0].inputs = [INPUT]

    nothing = CONV + "input 0 is tensor 3 'output', which nothing has written"
    assert message(changed(a_conv(), two)) == nothing
    assert message(changed(a_conv(), own)) == nothing
    assert message(changed(a_conv(), written_twice)) == (
        CONV + "output 0 is tensor 0 'input', which has been written before"
    )


def test_a_variable_is_not_written_into_the_model() -> None:
    """SVDF's state, where the model has data for it: TFLM allocates the variable as well."""
    weights, bias = np.full((2, 3), 9, np.int8), np.zeros(2, np.int32)
    data = svdf(1, 1, weights, weights, bias, [QUARTER] * 5).data
    constant = changed(data, set_tensor(4, buffer=1, type=schema.TensorType.INT8))
    inputs = np.full((1, 3), 100, np.int8)
    expected = plain_runtime(Model(data))(inputs)[0]
    np.testing.assert_array_equal(plain_runtime(Model(constant))(inputs)[0], expected)


def test_every_arena_up_to_the_one_that_is_enough() -> None:
    """Each is refused with a number of bytes; what is said in the end is enough."""
    for data in (a_conv(), an_fc()):
        used = plain_runtime(data).arena_used_bytes
        for size in range(used):
            told = int(
                re.findall(r"needs (?:at least )?(\d+) bytes", message(data, arena_size=size))[0]
            )
            assert size < told <= used
        plain_runtime(data, arena_size=used)


@pytest.mark.parametrize("model", ["mlperf_kws_dscnn_int8", "mlperf_ad_fcae_int8"])
def test_small_arena_tells_the_bytes_needed(shared_models: Path, model: str) -> None:
    data = (shared_models / f"{model}.tflite").read_bytes()
    used = plain_runtime(data).arena_used_bytes
    assert plain_runtime(data, arena_size=used).arena_used_bytes == used
    said = message(data, arena_size=used - 1)
    expected = (
        rf"the tensor arena of \d+ bytes is too small: the model needs (at least )?{used} bytes"
    )
    assert re.match(expected, said)


def test_arena_too_small_to_prepare_names_the_operator(shared_models: Path) -> None:
    data = (shared_models / "mlperf_kws_dscnn_int8.tflite").read_bytes()
    assert re.fullmatch(
        r"DEPTHWISE_CONV_2D \(operator 5\): the tensor arena of 4000 bytes is too small: "
        r"the model needs at least \d+ bytes; cfuforge model inspect says how many",
        message(data, arena_size=4000),
    )


def test_an_arena_that_no_machine_has() -> None:
    """Six tensors of a gigabyte: their sum fits into 32 bits only where it wraps."""
    huge = Tensor((1 << 15, 1 << 15), PLAIN)
    model = one_operator(
        "PACK", [huge], [Tensor((1, 1 << 15, 1 << 15), PLAIN)], axis=0, valuesCount=1
    )

    def more_inputs(given: Any) -> None:
        graph = given.subgraphs[0]
        graph.tensors += [graph.tensors[0]] * 4
        graph.inputs = [0, *range(2, 6)]
        graph.outputs = [*range(1, 6)]

    assert message(changed(model.data, more_inputs)).startswith(
        "the tensor arena of 1048576 bytes is too small: the model needs at least 21474"
    )


def test_no_arena_at_all() -> None:
    assert message(a_conv(), arena_size=0).startswith("the tensor arena of 0 bytes is too small")


def test_input_of_the_wrong_shape_or_type() -> None:
    runtime = plain_runtime(Model(a_conv(), "conv"))
    with pytest.raises(InputError, match=r"must have shape \(1, 5, 5, 4\), not \(5, 5, 4\)"):
        runtime(np.zeros((5, 5, 4), np.int8))
    with pytest.raises(InputError, match="must be int8, not uint8"):
        runtime(np.zeros((1, 5, 5, 4), np.uint8))
