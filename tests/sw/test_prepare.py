"""What kernels keep from the model's preparation on, on the host."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given

from cfuforge.base.errors import InputError, RunError
from cfuforge.sim.host_target import HostTarget
from cfuforge.sw import models
from cfuforge.sw.host_runtime import HostRuntime
from cfuforge.sw.kernels import KernelSet
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model
from support import random_models
from support.examples import examples
from support.graph import Graph, Quantisation, Tensor
from support.keeping import PREPARED, folding, keeping_kernel
from support.kernels import KernelsUnderTest
from support.random_models import Case

KWS_CONVS = {0: 64, 2: 64, 4: 64, 6: 64, 8: 64}  # channels, by operator
CASES = {
    "conv_s8": random_models.convs(),
    "depthwise_conv_s8": random_models.depthwise_convs(),
    "transpose_conv_s8": random_models.transpose_convs(),
    "fully_connected_s8": random_models.fully_connecteds(),
    "svdf_state8_s8": random_models.svdfs("int8"),
    "svdf_state16_s8": random_models.svdfs("int16"),
    "lstm_s8": random_models.lstms().map(lambda cases: cases[0]),
    "average_pool_s8": random_models.average_pools(),
    "max_pool_s8": random_models.max_pools(),
    "reduce_sum_s8": random_models.reductions("mean") | random_models.reductions("sum_"),
    "add_s8": random_models.binaries("ADD"),
    "sub_s8": random_models.binaries("SUB"),
    "mul_s8": random_models.binaries("MUL"),
    "lookup_s8": random_models.unaries("ABS") | random_models.unaries("TANH"),
    "sigmoid_s8": random_models.unaries("LOGISTIC") | random_models.unaries("TANH"),
    "rescale_s8": random_models.unaries("LEAKY_RELU") | random_models.unaries("RELU6"),
    "hard_swish_s8": random_models.unaries("HARD_SWISH"),
    "convert": random_models.conversions(),
    "move": random_models.transposes() | random_models.concatenations() | random_models.splits(),
    "pad": random_models.pads().filter(lambda case: len(case.inputs) == 1),
}
LOOKED_UP = 320  # values


def kws() -> Model:
    return Model.read(models.KWS_MODEL)


def test_every_prepare_function_is_tried() -> None:
    assert {f"nn_{kernel}_prepare" for kernel in CASES} == set(PREPARED)


@pytest.mark.parametrize("kernel", CASES)
def test_a_kernel_gets_what_it_keeps(tmp_path: Path, kernel: str) -> None:
    tested = KernelsUnderTest(keeping_kernel(tmp_path, f"nn_{kernel}_prepare"))
    seen = set()

    @examples(80)
    @given(case=CASES[kernel])
    def run(case: Case) -> None:
        outputs, ran = tested.run(case.model, *case.inputs)
        for output, right in zip(outputs, Oracle(case.model)(*case.inputs), strict=True):
            np.testing.assert_array_equal(output, right)
        large = case.model.outputs[0].nbytes >= LOOKED_UP
        if kernel == "lookup_s8":
            assert ran == ["test/kept"] or not large
        else:
            assert ran == ["test/kept"] or (large and ran == ["reference/lookup_s8"])
        seen.update(ran)

    run()
    assert "test/kept" in seen


def test_a_table_with_a_constant_value_is_made_once(tmp_path: Path) -> None:
    kernels = KernelsUnderTest(keeping_kernel(tmp_path, "nn_lookup_s8_prepare"))
    rng = np.random.default_rng(5)
    array = rng.integers(-128, 128, (1, 20, 20), np.int8)
    for constant in (True, False):
        graph = Graph()
        value = np.array([[[7]]], np.int8)
        places = [
            graph.tensor(Tensor(array.shape, Quantisation((0.5,), 3))),
            graph.tensor(Tensor(value.shape, Quantisation((0.25,)), value if constant else None)),
            graph.tensor(Tensor(array.shape, Quantisation((0.7,)))),
        ]
        graph.operator("ADD", places[:2], places[2:])
        given = places[: 1 if constant else 2]
        model = graph.model("add", given, places[2:])
        inputs = [array, value][: len(given)]
        outputs, ran = kernels.run(model, *inputs)
        np.testing.assert_array_equal(outputs[0], Oracle(model)(*inputs)[0])
        # The table is not known when the model is prepared if its value is not.
        assert ran == ["test/kept" if constant else "reference/lookup_s8"]


COMPUTED = """
#include "nn.h"
static void compute(const void *persistent, const void *input1, const void *input2, void *output) {
  const int32_t size = *(const int32_t *)persistent;
  for (int32_t i = 0; i < size; ++i)
    ((int8_t *)output)[i] = ((const int8_t *)input1)[i] ^ ((const int8_t *)input2)[i];
}
nn_status nn_add_s8_prepare(nn_context *ctx, const nn_add_params *params, const nn_broadcast *shape,
                            const int8_t *input1, const int8_t *input2) {
  ctx->persistent_size = sizeof(int32_t);
  if (!ctx->persistent || shape->rank > 1) return NN_OK;
  *(int32_t *)ctx->persistent = shape->axes[0].size;
  NN_RAN(ctx, "xor");
  ctx->compute = compute;
  return NN_OK;
}
"""


def test_a_prepared_layer_is_computed_without_its_kernel(tmp_path: Path) -> None:
    (tmp_path / "add_s8.c").write_text(COMPUTED)
    kernels = KernelsUnderTest(KernelSet("test", tmp_path))
    rng = np.random.default_rng(8)
    for width, kernel in ((5, "test/xor"), (1, "reference/add_s8")):
        graph = Graph()
        arrays = [rng.integers(-128, 128, (1, 2, n), np.int8) for n in (5, width)]
        places = [graph.tensor(Tensor(a.shape, Quantisation((0.5,), 3))) for a in arrays]
        made = [graph.tensor(Tensor((1, 2, 5), Quantisation((0.7,)))) for _ in range(2)]
        graph.operator("ADD", places, made[:1])
        graph.operator("ADD", [places[0], made[0]], made[1:])
        (output,), ran = kernels.run(graph.model("add", places, made[1:]), *arrays)
        assert ran == [kernel, "test/xor"]
        if width == 5:
            np.testing.assert_array_equal(output, arrays[1])


@pytest.mark.parametrize("given_", ["filter", "bias"])
def test_weights_that_are_computed_are_not_there_to_prepare_from(given_: str) -> None:
    rng = np.random.default_rng(6)
    weights = rng.integers(-128, 128, (4, 1, 1, 3), np.int8)
    bias = np.array([5, -6, 7, 1000], np.int32)
    graph = Graph()
    arrays = {"input": rng.integers(-128, 128, (1, 4, 4, 3), np.int8)}
    tensors = [
        graph.tensor(Tensor((1, 4, 4, 3), Quantisation((0.5,), -9))),
        graph.tensor(
            Tensor(weights.shape, Quantisation((0.1,)), None if given_ == "filter" else weights)
        ),
        graph.tensor(
            Tensor((4,), Quantisation((0.05,)), None if given_ == "bias" else bias, dtype="int32")
        ),
    ]
    made = graph.tensor(Tensor((1, 4, 4, 4), Quantisation((0.9,))))
    graph.operator("CONV_2D", tensors, [made], padding=1, strideW=1, strideH=1)
    extra = tensors[1] if given_ == "filter" else tensors[2]
    model = graph.model("computed", [tensors[0], extra], [made])
    arrays[given_] = weights if given_ == "filter" else bias
    _, ran = KernelsUnderTest(KernelSet.of(folding())).run(model, *arrays.values())
    assert ran == ["reference/conv_s8"]


@examples(120)
@given(case=random_models.convs())
def test_a_folded_zero_point_is_exact(case: Case) -> None:
    outputs, _ = KernelsUnderTest(KernelSet.of(folding())).run(case.model, *case.inputs)
    np.testing.assert_array_equal(outputs[0], Oracle(case.model)(*case.inputs)[0])


def test_each_layer_keeps_its_own_and_a_second_preparation_fills_it_again() -> None:
    model, array = kws(), np.load(models.kws_inputs()[9])
    design = folding()
    run = HostTarget(design).run(model, [array])
    assert {each.index for each in run.offloaded} == KWS_CONVS.keys()
    assert {each.index: each.persistent_bytes for each in run.layers if each.persistent_bytes} == {
        index: 4 * channels for index, channels in KWS_CONVS.items()
    }
    runtime = HostRuntime(model, kernels=KernelSet.of(design), arena_size=1 << 17)
    kept = runtime.persistent()
    assert [(index, size) for index, size, _ in kept] == [(i, 4 * c) for i, c in KWS_CONVS.items()]
    assert all(at % 16 == 0 for _, _, at in kept)
    first = [runtime.arena[at : at + size].copy() for _, size, at in kept]
    assert len({each.tobytes() for each in first}) == len(KWS_CONVS)
    expected = Oracle(model)(array)[0]
    for _ in range(2):
        np.testing.assert_array_equal(runtime(array)[0], expected)
        for (_, size, at), values in zip(kept, first, strict=True):
            np.testing.assert_array_equal(runtime.arena[at : at + size], values)
            runtime.arena[at : at + size] = 0x55
        runtime.reset()
        assert runtime.persistent() == kept


def test_the_plain_kernels_keep_nothing() -> None:
    runtime = HostRuntime(kws())
    assert runtime.persistent() == []
    assert {layer.persistent_bytes for layer in runtime.layers} == {0}


REFUSED = {
    1: r"the kernel does not do this shape or parameter; inputs: tensor 0 .*",
    2: r"the tensor arena of [\d,]+ bytes is too small: the model needs at least 107\d{7} bytes; "
    r"cfuforge model inspect says how many",
    4: r"its kernel asks for -4 bytes of persistent memory; inputs: .*",
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_preparation_that_fails_is_one_line(fault: int) -> None:
    with pytest.raises(InputError) as caught:
        HostTarget(folding(fault)).run(kws(), [np.load(models.kws_inputs()[9])])
    assert "\n" not in str(caught.value)
    assert re.fullmatch(rf"kws: CONV_2D \(operator 0\): {REFUSED[fault]}", str(caught.value))


def test_what_is_kept_must_not_change() -> None:
    reason = (
        r"operator 2 CONV_2D wrote byte [\d,]+ of the arena, byte 4 of what the kernel of operator "
        r"2 CONV_2D keeps and must not change; a kernel may write its outputs, "
    )
    with pytest.raises(RunError, match=reason):
        HostTarget(folding(3)).run(kws(), [np.load(models.kws_inputs()[9])])
