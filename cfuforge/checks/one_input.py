"""Run inputs one by one through a design on the host, and through the oracle."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from cfuforge.base.apart import limited
from cfuforge.base.errors import RunError
from cfuforge.comparisons.first_wrong import Difference, first_wrong_layer, wrong_values
from cfuforge.comparisons.verdict import right_values
from cfuforge.sim.host_target import HostDesign, HostMachine
from cfuforge.sw import sanitizer
from cfuforge.sw.oracle import Oracle, start_oracle
from cfuforge.sw.run import LayerRun
from cfuforge.sw.tflite_model import Model

__all__ = ["Answer", "Checker"]


@dataclass(frozen=True)
class Answer:
    """The result of one input.

    Parameters
    ----------
    outputs
        The design's outputs in model order, of the first wrong inference or else of the first.
    wrong
        Number of their values that differ from the oracle's.
    difference
        The first wrong layer; None if there is none. Values can be wrong even so, if layers
        overwrite each other's memory.
    layers
        A record of each operator's run.
    instructions
        Number of instructions that the CFU executed, in one or two inferences.
    seconds
        The total time.
    """

    outputs: tuple[NDArray[Any], ...]
    wrong: int
    difference: Difference | None
    layers: tuple[LayerRun, ...]
    instructions: int
    seconds: float

    @property
    def exact(self) -> bool:
        """Whether every layer and every output equals the oracle's."""
        return self.difference is None and self.wrong == 0


class Checker:
    """A model prepared for a design and for the oracle; the CFU keeps its state between inputs.

    Every layer of every input is compared, so every tensor has memory of its own. The first
    sequence also runs with shared memory, as on the SoC.

    Parameters
    ----------
    design
        The design.
    data, name
        The model's file and name.
    timeout
        Seconds that the design and TFLM may each take for an input. TFLM's timeout is an error; the
        design's ends this process, one of a `cfuforge.base.apart.Apart`.

    Raises
    ------
    InputError
        When the runtime or the oracle refuses the model.
    """

    def __init__(self, design: HostDesign, data: bytes, name: str, timeout: float) -> None:
        if design.sanitize:
            sanitizer.prepare()
        start_oracle()
        self._model = model = Model(data, name)
        self._timeout = timeout
        with limited(timeout):
            self._machine = HostMachine(design, model, preserve_all_tensors=True)
            self._shared: HostMachine | None = HostMachine(design, model, cfu=self._machine.cfu)
        # After our runtime has accepted the model: TFLM trusts even a damaged file.
        self._oracle = Oracle(model, keep_all=True, timeout=timeout)

    def check(self, sequence: Sequence[Sequence[NDArray[Any]]], name: str) -> Answer:
        """Run the inputs of a sequence; `name` is the first one's name.

        Raises
        ------
        RunError
            When the CFU does not respond, an operator fails, or TFLM crashes.
        """
        started, executed = time.perf_counter(), self._executed()
        try:
            outputs, wrong, difference = self._first_wrong(sequence)
        except RunError as error:
            raise RunError(f"{error}; the input is {name}") from error
        seconds = time.perf_counter() - started
        executed = self._executed() - executed
        layers = self._machine.layers
        return Answer(tuple(outputs), wrong, difference, layers, executed, seconds)

    def _executed(self) -> int:
        return self._machine.cfu.executed if self._machine.cfu else 0

    def _first_wrong(
        self, sequence: Sequence[Sequence[NDArray[Any]]]
    ) -> tuple[list[NDArray[Any]], int, Difference | None]:
        """Compare inferences until one is wrong; return the first one's outputs if none is."""
        compared = [self._compared(sequence[0], 1)]
        for number, inputs in enumerate(sequence[1:], 2):
            if any(compared[-1][1:]):
                break
            compared.append(self._compared(inputs, number))
        self._shared = None
        return compared[-1] if any(compared[-1][1:]) else compared[0]

    def _compared(
        self, inputs: Sequence[NDArray[Any]], inference: int
    ) -> tuple[list[NDArray[Any]], int, Difference | None]:
        """Return the outputs, the number of wrong values in them, and the first wrong layer."""
        again = inference > 1
        with limited(self._timeout):
            outputs = self._machine(inputs, again=again)
            shared = self._shared(inputs, again=again) if self._shared else outputs
        right = self._oracle.run_layers(*inputs) if again else right_values(self._oracle, inputs)
        kernels = [layer.kernel for layer in self._machine.layers]
        values = self._machine.values
        difference = first_wrong_layer(self._model, kernels, values, right, inference)
        wrong = self._wrong(outputs, right)
        if difference is None and (worse := self._wrong(shared, right)):
            outputs, wrong = shared, worse
        return outputs, wrong, difference

    def _wrong(self, outputs: Sequence[NDArray[Any]], right: Mapping[int, NDArray[Any]]) -> int:
        """Return the number of output values that differ."""
        pairs = zip(outputs, self._model.outputs, strict=True)
        return sum(int(wrong_values(got, right[each.index]).sum()) for got, each in pairs)
