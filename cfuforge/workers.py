"""Processes that check inputs side by side; a kernel that crashes or hangs takes only one along."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe, wait
from types import TracebackType
from typing import Any

from cfuforge.cfu.errors import ForgeError, RunError
from cfuforge.checker import Answer, Checker
from cfuforge.inputs import Sample
from cfuforge.sim.host_target import HostDesign
from cfuforge.sw.tflite_model import Model

__all__ = ["Workers", "cores", "work"]

_PROGRAM = "import sys; from cfuforge.workers import work; work(int(sys.argv[1]))"


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
        Seconds that one input may take.
    """

    def __init__(self, count: int, design: HostDesign, model: Model, timeout: float) -> None:
        self._timeout = timeout
        self._design = design
        self._workers = [_Worker() for _ in range(count)]  # all start before any is waited for
        for worker in self._workers:
            worker.send((design, model.data, model.name))

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.end()

    def check(self, samples: Iterable[Sample]) -> Iterator[tuple[int, Sample, Answer]]:
        """Check `samples`; return number, sample and answer of each as soon as it is there.

        Raises
        ------
        InputError
            When the model is refused.
        RunError
            When the CFU does not answer, or the kernels crash or take too long.
        """
        left = enumerate(samples)
        busy: dict[Connection, tuple[_Worker, int, Sample, float]] = {}

        def give(worker: _Worker) -> None:
            if following := next(left, None):
                worker.send(following[1].arrays)
                busy[worker.connection] = worker, *following, time.monotonic() + self._timeout

        for worker in self._workers:
            give(worker)
        while busy:
            first = min(task[-1] for task in busy.values())
            ready = wait(list(busy), max(0.0, first - time.monotonic()))
            if not ready:
                late = next(task[2] for task in busy.values() if task[-1] == first)
                raise RunError(
                    f"{self._who()} did not finish input {late.name} within {self._timeout:g} s; "
                    "a larger --timeout lets it run longer"
                )
            for connection in ready:
                assert isinstance(connection, Connection)
                worker, number, sample, _ = busy.pop(connection)
                answer = worker.receive()
                if isinstance(answer, ForgeError):
                    raise answer
                if isinstance(answer, int):
                    raise RunError(f"{self._who()} {_ended(answer)} at input {sample.name}")
                yield number, sample, answer
                give(worker)

    def _who(self) -> str:
        if self._design.kernels:
            return f"the model with the kernels of {self._design.name}"
        return "the model with the plain kernels"


class _Worker:
    """One process, and the pipe to it."""

    def __init__(self) -> None:
        self.connection, other = Pipe()
        command = [sys.executable, "-c", _PROGRAM, str(other.fileno())]
        self._process = subprocess.Popen(command, pass_fds=[other.fileno()])
        other.close()

    def send(self, value: Any) -> None:
        with suppress(OSError):  # it has crashed: `receive` tells
            self.connection.send(value)

    def receive(self) -> Answer | ForgeError | int:
        """Return the answer, the error that it met, or the exit code of a crash."""
        try:
            answer: Answer | ForgeError = self.connection.recv()
        except (EOFError, OSError):
            return self._process.wait()
        return answer

    def end(self) -> None:
        self.connection.close()
        self._process.kill()
        self._process.wait()


def work(handle: int) -> None:
    """Be a worker: take the design and the model, then inputs, and answer each."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's ends this process
    connection = Connection(handle)
    refused: ForgeError | None = None
    checker: Checker | None = None
    try:
        design, data, name = connection.recv()
        try:
            checker = Checker(design, Model(data, name))
        except ForgeError as error:
            refused = error
        while True:
            inputs = connection.recv()
            try:
                answer = checker(inputs) if checker else refused
            except ForgeError as error:
                answer = error
            connection.send(answer)
    except (EOFError, OSError):
        pass  # the parent needs no more


def _ended(code: int) -> str:
    """Say how a process ended."""
    if code < 0:
        return f"crashed ({signal.Signals(-code).name})"
    return f"ended early (exit code {code})"
