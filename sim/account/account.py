"""The account of an inference's cycles by layer, instruction, cause and call."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.base.errors import InputError
from cfuforge.sim.account.counting import Cause, Segment
from cfuforge.sim.account.listing import Listing
from cfuforge.sim.target import SimTarget
from cfuforge.sw.objects import FIRMWARE
from cfuforge.sw.run import Run
from cfuforge.sw.tflite_model import Model

__all__ = ["BETWEEN", "Account", "account"]

BETWEEN = -1  # the layer number of cycles between layers


@dataclass(frozen=True)
class Account:
    """One inference, with one cause for every cycle.

    Parameters
    ----------
    target, model
        What ran.
    run
        The inference; its cycles are those of a run without an account.
    layer, address, cause, cycles
        Arrays with a row for each layer, instruction and cause: the layer's number, or -1 between
        layers; the instruction's address, or 0 outside the firmware; the `Cause`; the number of
        cycles.
    calls
        By layer, the tree of calls with that layer's counts: `cfuforge.sim.account.counting.CALL`.
        All layers have the same nodes.
    activities
        Cycles of each of the CFU's activities, int64, shape (layers + 1, activities, 2): all, and
        those in which the CPU waited for it. The last row is for between layers.
    """

    target: SimTarget
    model: Model
    run: Run
    layer: NDArray[np.int32]
    address: NDArray[np.uint32]
    cause: NDArray[np.int32]
    cycles: NDArray[np.uint32]
    calls: dict[int, NDArray[np.void]]
    activities: NDArray[np.int64]

    @cached_property
    def listing(self) -> Listing:
        """The code that ran."""
        design = self.target.design
        folders = {"sw": FIRMWARE.parent} | (
            {design.name: design.kernels} if design.kernels else {}
        )
        return Listing(self.target.firmware, design.instructions, folders)

    def by_layer(self) -> NDArray[np.int64]:
        """Return cycles, int64, shape (layers + 1, causes); the last row is for between layers."""
        counts = np.zeros((len(self.run.layers) + 1, len(Cause)), np.int64)
        np.add.at(counts, (self.layer, self.cause), self.cycles)  # BETWEEN is the last row
        return counts

    def by_address(self) -> dict[int, NDArray[np.int64]]:
        """Return the cycles of each cause, by instruction address."""
        addresses, which = np.unique(self.address, return_inverse=True)
        counts = np.zeros((len(addresses), len(Cause)), np.int64)
        np.add.at(counts, (which, self.cause), self.cycles)
        return dict(zip(addresses.tolist(), counts, strict=True))

    def by_address_and_layer(self) -> dict[int, list[list[int]]]:
        """Return lists of [layer, cause, cycles], by instruction address."""
        counts: dict[tuple[int, int, int], int] = {}
        columns = (self.address, self.layer, self.cause, self.cycles)
        for *where, cycles in zip(*(column.tolist() for column in columns), strict=True):
            key = (where[0], where[1], where[2])
            counts[key] = counts.get(key, 0) + cycles  # BETWEEN occurs more than once
        found: dict[int, list[list[int]]] = {}
        for (address, layer, cause), cycles in sorted(counts.items()):
            found.setdefault(address, []).append([layer, cause, cycles])
        return found


def account(target: SimTarget, model: Model, inputs: Sequence[NDArray[Any]]) -> Account:
    """Run one inference and account for every cycle.

    Parameters
    ----------
    target
        A simulated board whose CPU is a VexRiscv with caches.
    model, inputs
        As in `SimTarget.run`.

    Raises
    ------
    RunError, InputError
        As in `SimTarget.run`; also InputError for any other CPU, and for a CFU that does what its
        activities do not name.
    """
    kept: deque[Segment] = deque(maxlen=2 * len(model.operators) + 3)

    def take(segment: Segment) -> None:
        kept.append(segment.copy())

    run = target.account(model, inputs, take)
    inference = list(kept)[1:-1]  # drop the segments before and after it
    layers = [index // 2 if index % 2 else BETWEEN for index in range(len(inference))]
    rows = []
    tree = inference[-1].calls
    calls = {layer: tree.copy() for layer in layers}
    for layer, segment in zip(layers, inference, strict=True):
        word, cause = np.nonzero(segment.counts)
        rows.append(np.stack([np.full(len(word), layer), word, cause, segment.counts[word, cause]]))
    for each in calls.values():
        each["calls"] = each["cycles"] = 0
    for layer, segment in zip(layers, inference, strict=True):
        for field in ("calls", "cycles"):
            calls[layer][field][: len(segment.calls)] += segment.calls[field]
    activities = np.zeros((len(model.operators) + 1, *inference[-1].activities.shape), np.int64)
    np.add.at(activities, layers, [segment.activities for segment in inference])  # BETWEEN is last
    layer, word, cause, cycles = np.concatenate(rows, axis=1)
    return Account(
        target,
        model,
        run,
        layer.astype(np.int32),
        _addresses(target, word),
        cause.astype(np.int32),
        cycles.astype(np.uint32),
        calls,
        _named(target, activities),
    )


def _named(target: SimTarget, activities: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the activities that the design names; others are its mistake."""
    names = target.design.activities
    if not names:
        return activities[:, :0]
    highest = int(np.flatnonzero(activities.any(axis=(0, 2)))[-1])
    if highest >= len(names):
        raise InputError(
            f"the signal 'activity' of {target.design.spec} is {highest}, but its activities are "
            f"only {len(names)}: name them all"
        )
    return activities[:, : len(names)]


def _addresses(target: SimTarget, word: NDArray[Any]) -> NDArray[np.uint32]:
    origin, size = target.code
    return np.where(word < size // 4, origin + 4 * word, 0).astype(np.uint32)
