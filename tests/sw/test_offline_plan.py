"""A plan of the arena that comes with the model is followed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from cfuforge.base.errors import InputError
from cfuforge.sw import models
from cfuforge.sw.host_runtime import HostRuntime
from cfuforge.sw.model_firmware import slim_sources
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model
from support.graph import planned
from support.kernels import plain_runtime

KWS = Model.read(models.KWS_MODEL)
COUNT = len(KWS.tensors)
ARENA = 1 << 20


def with_plan(offsets: Sequence[int], count: int | None = None) -> Model:
    return Model(planned(KWS.data, offsets, count), "planned")


def places(runtime: HostRuntime) -> dict[int, int]:
    found = {tensor.index: runtime.offset(tensor) for tensor in KWS.tensors}
    return {index: place for index, place in found.items() if place is not None}


def planned_bytes(runtime: HostRuntime) -> int:
    return runtime.arena_used_bytes - (ARENA - runtime.lasting)


def outputs(model: Model) -> tuple[list[Any], list[Any]]:
    inputs = np.load(models.kws_inputs()[0])
    runtime = plain_runtime(model, arena_size=ARENA)
    return runtime(inputs), Oracle(model)(inputs)


def test_every_offset_is_taken() -> None:
    plain = plain_runtime(KWS, arena_size=ARENA)
    activations = places(plain)
    offsets = np.full(COUNT, -1, np.int32)
    for order, index in enumerate(sorted(activations, reverse=True)):
        offsets[index] = 16 * 600 * order
    model = with_plan(offsets)
    runtime = plain_runtime(model, arena_size=ARENA)
    assert places(runtime) == {index: offsets[index] for index in activations}
    grown = runtime.arena_used_bytes - plain.arena_used_bytes
    last = KWS.tensors[min(activations)]
    assert grown == offsets.max() + -(-last.nbytes // 16) * 16 - planned_bytes(plain)
    ours, right = outputs(model)
    np.testing.assert_array_equal(ours[0], right[0])


def test_what_the_plan_leaves_out_is_placed_around_it() -> None:
    offsets = np.full(COUNT, -1, np.int32)
    offsets[KWS.operators[1].outputs[0].index] = 160
    runtime = plain_runtime(with_plan(offsets), arena_size=ARENA)
    assert runtime.offset(KWS.operators[1].outputs[0]) == 160
    ours, right = outputs(with_plan(offsets))
    np.testing.assert_array_equal(ours[0], right[0])


@pytest.mark.parametrize("offset", [-1, 8, 33])
def test_a_plan_without_a_usable_offset_changes_nothing(offset: int) -> None:
    plain, planned = (
        plain_runtime(model, arena_size=ARENA)
        for model in (KWS, with_plan(np.full(COUNT, offset, np.int32)))
    )
    assert places(planned) == places(plain)
    assert planned.arena_used_bytes == plain.arena_used_bytes


def test_it_does_not_count_where_every_tensor_is_kept() -> None:
    offsets = np.zeros(COUNT, np.int32)
    runtime = plain_runtime(with_plan(offsets), arena_size=ARENA, preserve_all_tensors=True)
    taken = [
        range(place, place + KWS.tensors[index].nbytes) for index, place in places(runtime).items()
    ]
    taken.sort(key=lambda each: each.start)
    assert all(one.stop <= other.start for one, other in pairwise(taken))


def test_a_slim_firmware_has_its_code_where_the_model_has_one() -> None:
    has = [
        "offline_plan.cc" not in {path.name for path in slim_sources(model)}  # it takes its place
        for model in (KWS, with_plan([-1] * COUNT))
    ]
    assert has == [False, True]


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (with_plan([-1] * (COUNT - 1)), f"must have an offset for each of {COUNT} tensors"),
        (with_plan([-1] * 3, COUNT), f"must have an offset for each of {COUNT} tensors"),
        (with_plan([-2] * COUNT), "puts tensor 0 at -2, where no arena reaches"),
        (with_plan([2**30 + 16] * COUNT), "puts tensor 0 at 1073741840, where no arena reaches"),
        (with_plan([1 << 20] * COUNT), r"the model needs [\d,]+ bytes"),
    ],
)
def test_a_plan_that_cannot_be_followed(model: Model, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        plain_runtime(model, arena_size=ARENA)
    assert re.fullmatch(r"[^\n]+", str(caught.value))
