"""One input after the other through a design on this machine, and through the oracle."""

from __future__ import annotations

import time
from collections.abc import Sequence
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
        Where that begins; None when nothing is wrong, or when a second inference with all tensors
        kept is right.
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


class Checker:
    """A model prepared for a design and in the oracle; the CFU keeps its state between inputs.

    Raises
    ------
    InputError
        When the runtime or the oracle refuses the model.
    """

    def __init__(self, design: HostDesign, model: Model) -> None:
        self._design = design
        self._model = model
        # Our runtime comes first: TFLM trusts what a damaged file says.
        self._machine = HostMachine(design, model)
        self._oracle = Oracle(model)
        self._keeping: tuple[HostMachine, Oracle] | None = None

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
        right = self._oracle(*inputs)
        wrong = sum(int(wrong_values(*pair).sum()) for pair in zip(outputs, right, strict=True))
        difference = self._difference(inputs) if wrong else None
        seconds = time.perf_counter() - started
        return Answer(tuple(outputs), wrong, difference, self._machine.layers, seconds)

    def _difference(self, inputs: Sequence[NDArray[Any]]) -> Difference | None:
        if self._keeping is None:
            machine = HostMachine(
                self._design, self._model, preserve_all_tensors=True, cfu=self._machine.cfu
            )
            self._keeping = machine, Oracle(self._model, keep_all=True)
        machine, oracle = self._keeping
        if self._model.stateful:
            oracle.reset()
        return first_wrong_layer(self._model, machine, oracle, inputs)
