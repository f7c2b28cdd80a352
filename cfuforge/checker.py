"""One input after the other through a design on this machine, and through the oracle."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from cfuforge.first_wrong import Difference, first_wrong_layer, wrong_values
from cfuforge.sim.host_target import HostDesign, HostMachine
from cfuforge.sim.run import LayerRun
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model

__all__ = ["Answer", "Checker"]


@dataclass(frozen=True)
class Answer:
    """What became of one input.

    Parameters
    ----------
    outputs
        The design's, in the order of the model's.
    wrong
        How many of their values differ from the oracle's.
    difference
        The first wrong layer. None when there is none; values are wrong all the same when layers
        spoil each other's memory.
    layers
        What ran each operator.
    seconds
        The time of it all.
    """

    outputs: tuple[NDArray[Any], ...]
    wrong: int
    difference: Difference | None
    layers: tuple[LayerRun, ...]
    seconds: float

    @property
    def exact(self) -> bool:
        """Whether every layer and every output equals the oracle's."""
        return self.difference is None and self.wrong == 0


class Checker:
    """A model prepared for a design and in the oracle; the CFU keeps its state between inputs.

    Every layer of every input is compared, and for that every tensor has memory of its own. The
    first input also runs with the memory shared, as on the SoC.

    Raises
    ------
    InputError
        When the runtime or the oracle refuses the model.
    """

    def __init__(self, design: HostDesign, model: Model) -> None:
        self._model = model
        self._machine = HostMachine(design, model, preserve_all_tensors=True)
        self._shared: HostMachine | None = HostMachine(design, model, cfu=self._machine.cfu)
        # Our runtime has come first: TFLM trusts what a damaged file says.
        self._oracle = Oracle(model, keep_all=True)

    def __call__(self, inputs: Sequence[NDArray[Any]]) -> Answer:
        """Run one input.

        Raises
        ------
        RunError
            When the CFU does not answer, or an operator fails.
        """
        started = time.perf_counter()
        outputs = self._machine(inputs)
        if self._model.stateful:
            self._oracle.reset()
        right = self._oracle.layers(*inputs)
        difference = first_wrong_layer(self._model, self._machine, right)
        wrong = self._wrong(outputs, right)
        if self._shared:
            shared = self._shared(inputs)
            if difference is None and self._wrong(shared, right):
                outputs, wrong = shared, self._wrong(shared, right)
            self._shared = None
        seconds = time.perf_counter() - started
        return Answer(tuple(outputs), wrong, difference, self._machine.layers, seconds)

    def _wrong(self, outputs: Sequence[NDArray[Any]], right: Mapping[int, NDArray[Any]]) -> int:
        """Return how many output values differ."""
        pairs = zip(outputs, self._model.outputs, strict=True)
        return sum(int(wrong_values(got, right[each.index]).sum()) for got, each in pairs)
