"""What kernels keep from the model's preparation on, on the simulated SoC."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cfuforge import check, simulate
from cfuforge.base.errors import InputError, RunError
from cfuforge.inspection.inspect import inspect
from cfuforge.sim.target import SimTarget
from cfuforge.soc.board import board
from cfuforge.sw.tflite_model import Model
from support.graph import Graph, Quantisation, Tensor, constant
from support.keeping import folding

KEPT = [32, 0, 64]  # bytes of each operator of `small_model`


def small_model() -> Model:
    """Return two convolutions of inputs with a zero point, and a pool between them."""
    graph, rng = Graph(), np.random.default_rng(1)
    scale = [Quantisation((0.5,), 3), Quantisation((9.0,), -5), Quantisation((200.0,), 7)]
    shapes = [(1, 6, 6, 4), (1, 6, 6, 8), (1, 3, 3, 8), (1, 3, 3, 16)]
    places = [
        graph.tensor(Tensor(shape, scale[at], name=f"t{at}"))
        for shape, at in zip(shapes, (0, 1, 1, 2), strict=True)
    ]
    step = {"strideW": 1, "strideH": 1, "fusedActivationFunction": 0}
    for number, size in ((0, 3), (2, 1)):
        weights = rng.integers(-127, 128, (shapes[number + 1][3], size, size, shapes[number][3]))
        bias = rng.integers(-999, 999, len(weights))
        filter_scale = Quantisation((0.25,) * len(weights))
        product = Quantisation((0.25 * scale[number // 2].scales[0],) * len(weights))
        constants = [
            graph.tensor(constant(weights.astype(np.int8), filter_scale)),
            graph.tensor(constant(bias.astype(np.int32), product)),
        ]
        if number == 2:
            pool = {"filterHeight": 2, "filterWidth": 2, "strideW": 2, "strideH": 2}
            graph.operator("MAX_POOL_2D", [places[1]], [places[2]], **pool)
        inputs = [places[number], *constants]
        dilation = {"dilationWFactor": 1, "dilationHFactor": 1}
        graph.operator("CONV_2D", inputs, [places[number + 1]], **step, **dilation)
    return graph.model("small", places[:1], places[-1:])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kept") / "small.tflite"
    path.write_bytes(small_model().data)
    return path


def run(fault: int, **options: Any) -> Any:
    model, target = small_model(), SimTarget(folding(fault), board("sim"), **options)
    inputs = np.random.default_rng(2).integers(-128, 128, model.inputs[0].shape, np.int8)
    return target.run(model, [inputs])


def test_a_kernel_that_folds_the_zero_point_is_exact_and_its_bytes_are_reported(
    model: Path,
) -> None:
    found = simulate(model, cfu=folding())
    assert found.exact
    cfu, plain = found.cfu, found.plain
    assert cfu is not None
    assert [layer.persistent_bytes for layer in cfu.layers] == KEPT
    assert {layer.persistent_bytes for layer in plain.layers} == {0}
    layers = json.loads(json.dumps(cfu.to_json()))["layers"]
    assert [layer["persistent_bytes"] for layer in layers] == KEPT
    (arena,) = inspect(model, cfu=folding()).arenas
    assert (arena.persistent, arena.largest_persistent) == (sum(KEPT), 64)
    assert arena.total == cfu.arena_bytes
    assert check(model, cfu=folding(), jobs=1).exact


def test_the_slim_firmware_prepares_kernels_as_well() -> None:
    slim = run(0, slim=small_model())
    assert [layer.persistent_bytes for layer in slim.layers] == KEPT
    assert slim.outputs == run(0).outputs
    assert len(set(np.ravel(slim.outputs[0]).tolist())) > 9  # not all at a limit


REFUSED = {
    1: r"CONV_2D \(operator 0\): the kernel does not do this shape or parameter",
    2: r"CONV_2D \(operator 0\): the tensor arena of [\d,]+ bytes is too small",
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_preparation_that_fails_is_one_line(fault: int) -> None:
    with pytest.raises((InputError, RunError)) as caught:
        run(fault)
    assert "\n" not in str(caught.value)
    assert re.search(REFUSED[fault], str(caught.value))


def test_what_is_kept_must_not_change() -> None:
    reason = (
        r"operator 2 CONV_2D wrote to 0x40\w{6}, byte 4 of what the kernel of operator 2 CONV_2D "
        r"keeps and must not change"
    )
    with pytest.raises(RunError, match=reason):
        run(3)
