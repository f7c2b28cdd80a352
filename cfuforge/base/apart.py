"""Keep an object in a separate Python process, where native code may crash without harm."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator, Mapping
from multiprocessing.connection import Connection, Pipe
from typing import Any

from cfuforge.base.errors import RunError
from cfuforge.base.fault import note_place

__all__ = ["Apart", "LostError", "limited", "serve"]

# It has this process's import path, without the working folder.
_PROGRAM = (
    "import sys; sys.path[:] = sys.argv[2:]; "
    "from cfuforge.base.apart import serve; serve(int(sys.argv[1]))"
)


class LostError(RunError):
    """The process is gone; the message continues a subject: ``crashed (SIGSEGV)``.

    Parameters
    ----------
    code
        Its exit code; the negative signal number if a signal ended it.
    """

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code

    @property
    def late(self) -> bool:
        """Whether it was ended because it took too long."""
        return self.code == -signal.SIGALRM

    def __str__(self) -> str:
        if self.late:
            return "did not finish in time"
        if self.code == -signal.SIGKILL:
            return "was killed (SIGKILL, by someone or because memory ran out)"
        if self.code < 0:
            return f"crashed ({signal.Signals(-self.code).name})"
        return f"ended early (exit code {self.code})"


class Apart:
    """An object that lives in another process, for use by one thread at a time.

    Parameters
    ----------
    make
        An importable class or function that makes the object there.
    arguments
        For it.
    quiet
        Capture its standard output and error, for `said`.
    environment
        Environment variables in addition to this process's.

    Notes
    -----
    The constructor does not wait for the process. What `make` raises, every call raises. The
    process ignores SIGINT, and ends when this one does, for whatever reason.
    """

    def __init__(
        self,
        make: Callable[..., Any],
        *arguments: Any,
        quiet: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._output = _memory() if quiet else None
        self.connection, other = Pipe()
        with other:
            command = [sys.executable, "-c", _PROGRAM, str(other.fileno()), *map(str, sys.path)]
            self._process = subprocess.Popen(
                command,
                pass_fds=[other.fileno()],
                stdin=subprocess.PIPE,  # closing it ends `serve`
                stdout=self._output,
                stderr=self._output,
                env={**os.environ, **(environment or {})},
            )
        self.end = weakref.finalize(
            self, _end, os.getpid(), self._process, self.connection, self._output
        )
        self._send((make, arguments))

    def __enter__(self) -> Apart:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    @property
    def pid(self) -> int:
        """The process ID."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process is running."""
        return self.end.alive and self._process.poll() is None

    def call(self, method: str, *arguments: Any, timeout: float | None = None) -> Any:
        """Call a method of the object and return its result.

        Parameters
        ----------
        method
            Its name.
        arguments
            For it.
        timeout
            Seconds that it may take.

        Raises
        ------
        LostError
            When the process crashes, ends, or takes longer.
        """
        try:
            self.send(method, *arguments, timeout=timeout)
            return self.receive()
        except Exception:
            raise
        except BaseException:
            self.end()  # otherwise the next call would receive this one's answer
            raise

    def send(self, method: str, *arguments: Any, timeout: float | None = None) -> None:
        """Begin a call; `connection` becomes readable when the result is ready for `receive`."""
        if self._output is not None:
            os.ftruncate(self._output, 0)
        self._send((method, arguments, timeout))

    def receive(self) -> Any:
        """Return the result of a call, or raise what it raised; see `call`."""
        try:
            good, value = self.connection.recv()
        except (EOFError, OSError):
            raise LostError(self._process.wait()) from None
        if good:
            return value
        raise value

    def read_output(self) -> str:
        """Return the beginning of what the process has written since the last call."""
        assert self._output is not None
        return os.pread(self._output, 1 << 16, 0).decode(errors="replace")

    def _send(self, value: Any) -> None:
        with contextlib.suppress(OSError):  # it is gone: `receive` reports it
            self.connection.send(value)


@contextlib.contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """End this `Apart` process if the body takes longer, even inside native code."""
    signal.setitimer(signal.ITIMER_REAL, seconds or 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def serve(handle: int) -> None:
    """Run the process of an `Apart`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other process ends this one
    for each in (signal.SIGALRM, signal.SIGIO):
        signal.signal(each, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM, signal.SIGIO})
    _end_with_standard_input()
    connection = Connection(handle)
    made: Any = None
    refused: Exception | None = None
    try:
        try:
            make, arguments = connection.recv()
            made = make(*arguments)
        except Exception as error:
            note_place(error)
            refused = error
        while True:
            method, arguments, timeout = connection.recv()
            try:
                if refused:
                    raise refused
                with limited(timeout):
                    answer = True, getattr(made, method)(*arguments)
            except Exception as error:
                note_place(error)
                answer = False, error
            _answer(connection, answer)
    except (EOFError, OSError):
        pass  # the other process is done


def _answer(connection: Connection, answer: tuple[bool, Any]) -> None:
    """Send an answer; if it cannot be pickled, send an error instead."""
    try:
        connection.send(answer)
    except OSError:
        raise
    except Exception as error:  # pickling failed before anything was sent
        _, value = answer
        connection.send((False, RuntimeError(f"{value!r} cannot be sent: {error!r}")))


def _end_with_standard_input() -> None:
    """End this process as soon as the other end of its standard input is closed."""
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(0, fcntl.F_SETFL, fcntl.fcntl(0, fcntl.F_GETFL) | os.O_ASYNC)  # with SIGIO
    poll = select.poll()
    poll.register(0, 0)
    if poll.poll(0):
        raise SystemExit  # already closed


def _memory() -> int:
    """Return an in-memory file in append mode."""
    file = os.memfd_create("said")
    fcntl.fcntl(file, fcntl.F_SETFL, os.O_APPEND)
    return file


def _end(
    owner: int, process: subprocess.Popen[bytes], connection: Connection, output: int | None
) -> None:
    if os.getpid() != owner:
        return  # in a fork, the process belongs to the parent
    connection.close()
    process.kill()
    process.wait()
    assert process.stdin
    process.stdin.close()
    if output is not None:
        os.close(output)
