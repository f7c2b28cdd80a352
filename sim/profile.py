"""Where an inference's cycles go: by layer, by instruction, by cause."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.sim.accounting import Cause, Segment
from cfuforge.sim.run import Run
from cfuforge.sim.simulator import Progress
from cfuforge.sim.target import SimTarget
from cfuforge.sw.tflite_model import Model

__all__ = ["Profile", "profile"]

BETWEEN = -1  # the layer of cycles that belong to none


@dataclass(frozen=True)
class Profile:
    """One inference, every cycle of it with one cause.

    Parameters
    ----------
    run
        The inference; its cycles are those of a run without an account.
    layer, address, cause, cycles
        A row for each cause of each instruction in each layer: the layer's number, or -1 between
        the layers; the instruction's address, or 0 outside the firmware; a `Cause`; how many.
    functions
        Name of the function that each address of `address` is in.
    """

    run: Run
    layer: NDArray[np.int32]
    address: NDArray[np.uint32]
    cause: NDArray[np.int32]
    cycles: NDArray[np.uint32]
    functions: dict[int, str]

    def by_layer(self) -> NDArray[np.int64]:
        """Return cycles, int64, shape (layers + 1, causes); the last row is between the layers."""
        counts = np.zeros((len(self.run.layers) + 1, len(Cause)), np.int64)
        np.add.at(counts, (self.layer, self.cause), self.cycles)  # row -1 is the last
        return counts

    def by_function(self) -> dict[str, NDArray[np.int64]]:
        """Return the cycles of each cause by function, the costliest first."""
        counts: dict[str, NDArray[np.int64]] = {}
        for address in np.unique(self.address):
            here = self.address == address
            row = counts.setdefault(self.functions[int(address)], np.zeros(len(Cause), np.int64))
            np.add.at(row, self.cause[here], self.cycles[here])
        return dict(sorted(counts.items(), key=lambda item: -item[1].sum()))

    def to_json(self) -> dict[str, Any]:
        """Return a value that ``json.dumps`` takes."""
        return {
            "run": self.run.to_json(),
            "causes": [cause.name.lower() for cause in Cause],
            "layer": self.layer.tolist(),
            "address": self.address.tolist(),
            "cause": self.cause.tolist(),
            "cycles": self.cycles.tolist(),
            "functions": {f"{address:#x}": name for address, name in self.functions.items()},
        }


def profile(
    target: SimTarget,
    model: Model,
    inputs: Sequence[NDArray[Any]],
    progress: Callable[[Progress, float], None] | None = None,
) -> Profile:
    """Run one inference and account for every cycle.

    Parameters
    ----------
    target
        On a board with a VexRiscv that has caches.
    model, inputs, progress
        As in `SimTarget.run`.

    Raises
    ------
    RunError, InputError
        As in `SimTarget.run`; InputError also for another CPU.
    """
    kept: deque[Segment] = deque(maxlen=2 * len(model.operators) + 3)

    def take(segment: Segment) -> None:
        kept.append(Segment(segment.end_pc, segment.cycles, segment.counts.copy()))

    run = target.account(model, inputs, take, progress)
    inference = list(kept)[1:-1]  # without what came before it and behind it
    layers = [index // 2 if index % 2 else BETWEEN for index in range(len(inference))]
    rows = []
    for layer, segment in zip(layers, inference, strict=True):
        place, cause = np.nonzero(segment.counts)
        rows.append(
            np.stack([np.full(len(place), layer), place, cause, segment.counts[place, cause]])
        )
    layer, place, cause, cycles = np.concatenate(rows, axis=1)
    address = _addresses(target, place)
    return Profile(
        run,
        layer.astype(np.int32),
        address,
        cause.astype(np.int32),
        cycles.astype(np.uint32),
        {int(each): target.firmware.function(int(each)) for each in np.unique(address)},
    )


def _addresses(target: SimTarget, place: NDArray[Any]) -> NDArray[np.uint32]:
    origin, size = target.code
    return np.where(place < size // 4, origin + 4 * place, 0).astype(np.uint32)
