"""What kernels keep from the model's preparation on, on the simulated SoC."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

from cfuforge import check, simulate
from cfuforge.base.errors import InputError, RunError
from cfuforge.inspection.inspect import inspect
from cfuforge.sim.target import SimTarget
from cfuforge.soc.board import board
from cfuforge.sw import models
from cfuforge.sw.tflite_model import Model
from support.keeping import folding

KEPT = [256 if index in (0, 2, 4, 6, 8) else 0 for index in range(13)]


def run(fault: int, **options: Any) -> Any:
    target = SimTarget(folding(fault), board("sim"), **options)
    return target.run(Model.read(models.KWS_MODEL), [np.load(models.kws_inputs()[9])])


def test_a_kernel_that_folds_the_zero_point_is_exact_and_its_bytes_are_reported() -> None:
    found = simulate(cfu=folding())
    assert found.exact
    cfu, plain = found.cfu, found.plain
    assert cfu is not None
    assert [layer.persistent_bytes for layer in cfu.layers] == KEPT
    assert {layer.persistent_bytes for layer in plain.layers} == {0}
    layers = json.loads(json.dumps(cfu.to_json()))["layers"]
    assert [layer["persistent_bytes"] for layer in layers] == KEPT
    (arena,) = inspect(cfu=folding()).arenas
    assert (arena.persistent, arena.largest_persistent) == (sum(KEPT), 256)
    assert arena.total == cfu.arena_bytes
    assert check(inputs=models.kws_inputs()[0], cfu=folding(), jobs=1).exact


def test_the_slim_firmware_prepares_kernels_as_well() -> None:
    slim = run(0, slim=Model.read(models.KWS_MODEL))
    assert [layer.persistent_bytes for layer in slim.layers] == KEPT
    assert slim.outputs == run(0).outputs


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
