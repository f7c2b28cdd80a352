"""Processes that check inputs side by side; a kernel that crashes or hangs takes only one along."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection, wait
from typing import NoReturn

from cfuforge.base.apart import Apart, LostError
from cfuforge.base.errors import ForgeError, RunError
from cfuforge.base.fault import fault
from cfuforge.checks.one_input import Answer, Checker
from cfuforge.inputs.files import Sample
from cfuforge.sim.host_target import HostDesign
from cfuforge.sw.tflite_model import Model

__all__ = ["Workers", "cores"]


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


class Workers:
    """Processes with a `Checker` each, for use in a ``with`` statement.

    Parameters
    ----------
    count
        How many.
    design, model
        What each of them checks.
    timeout
        Seconds that one input may take with the design, and in TFLM.
    """

    def __init__(self, count: int, design: HostDesign, model: Model, timeout: float) -> None:
        self._timeout = timeout
        self._design = design
        arguments = design, model.data, model.name, timeout
        environment = design.environment()
        self._workers = [Apart(Checker, *arguments, environment=environment) for _ in range(count)]

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self._workers:
            worker.end()

    def check(
        self, sequences: Iterable[tuple[Sample, ...]]
    ) -> Iterator[tuple[int, Sample, Answer]]:
        """Check sequences of samples; return number, first sample and answer of each at once.

        Raises
        ------
        InputError
            When the model is refused.
        RunError
            When the CFU does not answer, or the kernels or TFLM crash or take too long.
        ForgeError
            When cfuforge itself fails.
        """
        left = enumerate(sequences)
        busy: dict[Connection, tuple[Apart, int, Sample]] = {}
        failed: dict[int, tuple[Exception, Sample]] = {}

        def give(worker: Apart) -> None:
            if not failed and (following := next(left, None)):
                number, sequence = following
                sample = sequence[0]
                worker.send("check", [each.arrays for each in sequence], sample.name)
                busy[worker.connection] = worker, number, sample

        for worker in self._workers:
            give(worker)
        while any(not failed or number < min(failed) for _, number, _ in busy.values()):
            for connection in wait(list(busy)):
                assert isinstance(connection, Connection)
                worker, number, sample = busy.pop(connection)
                try:
                    answer = worker.receive()
                except Exception as error:
                    failed[number] = error, sample
                    continue
                yield number, sample, answer
                give(worker)
        if failed:  # several processes: the first input is told, not the fastest
            self._fail(*failed[min(failed)])

    def _fail(self, error: Exception, sample: Sample) -> NoReturn:
        """Raise what went wrong with a sample, in a user's words."""
        who = f"the model with {self._design.kernels.whose}"
        if isinstance(error, LostError) and error.late:
            raise RunError(
                f"{who} did not finish input {sample.name} within {self._timeout:g} s; "
                "a larger timeout= lets it run longer"
            ) from error
        if isinstance(error, LostError):
            raise RunError(f"{who} {error} at input {sample.name}") from error
        if isinstance(error, ForgeError):
            raise error
        raise fault(error, f" at input {sample.name}") from error
