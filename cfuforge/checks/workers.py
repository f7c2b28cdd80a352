"""Check inputs in parallel processes; a kernel that crashes or hangs ends only one of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection, wait
from operator import itemgetter
from typing import NoReturn

from cfuforge.base.apart import Apart, LostError
from cfuforge.base.errors import ForgeError, RunError
from cfuforge.base.fault import fault
from cfuforge.base.progress import SILENT, Progress
from cfuforge.checks.one_input import Answer, Checker
from cfuforge.inputs.files import Sample
from cfuforge.sim.host_target import HostDesign
from cfuforge.sw.tflite_model import Model

__all__ = ["Workers", "cores"]

QUIET = 10.0  # seconds without an answer after which to say what is under way


def cores() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0))


class Workers:
    """Processes with a `Checker` each, as a context manager.

    Parameters
    ----------
    count
        Number of processes.
    design, model
        What to check.
    timeout
        Seconds that the design and TFLM may each take for one input.
    progress
        Receives a note when an input takes long.
    """

    def __init__(
        self,
        count: int,
        design: HostDesign,
        model: Model,
        timeout: float,
        progress: Progress = SILENT,
    ) -> None:
        self._timeout, self._progress = timeout, progress
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
        """Check sequences of samples; yield number, first sample and answer of each when done.

        Raises
        ------
        InputError
            When the model is refused.
        RunError
            When the CFU does not respond, or the kernels or TFLM crash or take too long.
        ForgeError
            When cfuforge itself has a bug.
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
        waited = 0.0
        while any(not failed or number < min(failed) for _, number, _ in busy.values()):
            ready = wait(list(busy), QUIET + waited)
            waited = 0.0 if ready else QUIET + 2 * waited
            if not ready:
                _, _, sample = min(busy.values(), key=itemgetter(1))
                self._progress.note(
                    f"No input has ended for {waited:.0f} s: {sample.name} is still running, and "
                    f"is stopped after {self._timeout:g} s (timeout=)."
                )
            for connection in ready:
                assert isinstance(connection, Connection)
                worker, number, sample = busy.pop(connection)
                try:
                    answer = worker.receive()
                except Exception as error:
                    failed[number] = error, sample
                    continue
                yield number, sample, answer
                give(worker)
        if failed:  # several processes: report the error of the first input, not of the fastest
            self._fail(*failed[min(failed)])

    def _fail(self, error: Exception, sample: Sample) -> NoReturn:
        """Raise the error of a sample, in a user's words."""
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
