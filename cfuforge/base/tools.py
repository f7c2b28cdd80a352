"""Run other programs, with a controlled environment; none of them outlives this process."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from cfuforge.base.errors import EnvironmentLacksError

__all__ = [
    "TOKEN",
    "Done",
    "each",
    "end",
    "end_all",
    "environment",
    "forget",
    "run_tool",
    "start_tool",
]

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Identifies this process and all that it starts, unlike any other on the machine at any time.
TOKEN = f"{os.getpid()}-{secrets.token_hex(8)}"
_OWNERS = "CFUFORGE_OWNERS"
_REAPER = Path(__file__).with_name("reaper.py")
# Variables meant for other compilations, which no cache key covers.
_FOREIGN = {
    *("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MAKEFILES", "GNUMAKEFLAGS"),
    *("CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH", "COMPILER_PATH"),
    *("GCC_EXEC_PREFIX", "CC", "CXX", "AR", "LINK", "LD", "OBJCACHE", "VM_USER_CFLAGS"),
    *("CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "LDLIBS", "USER_CPPFLAGS", "USER_LDFLAGS"),
    *("USER_LDLIBS", "OPT", "OPT_FAST", "OPT_SLOW", "OPT_GLOBAL", "SOURCE_DATE_EPOCH"),
    *(
        "PYTHONUTF8",
        "PYTHONCOERCECLOCALE",
        "PYTHONIOENCODING",
        "PYTHONSTARTUP",
        "PYTHONINSPECT",
        "PYTHONWARNINGS",
        "PYTHONPROFILEIMPORTTIME",
    ),
}
_running: set[subprocess.Popen[str]] = set()
_guard = threading.RLock()  # a signal may come while its thread starts a tool
_ending = False


@dataclass(frozen=True)
class Done:
    """The result of a finished tool.

    Parameters
    ----------
    command
        Its command line.
    code
        Its exit code; the negative signal number if a signal ended it.
    out, err
        What it printed.
    """

    command: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything that it printed."""
        return self.out + self.err


def environment(more: Mapping[str, str] = {}) -> dict[str, str]:
    """Return the environment for a tool: the user's, without variables meant for other builds.

    It sets English messages, and marks the process as ours.
    """
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    owners = f"{kept.get(_OWNERS, '')}:{TOKEN}".strip(":")
    return {**kept, "LC_ALL": "C", _OWNERS: owners, **more}


def start_tool(
    command: Sequence[str], *, folder: Path | None = None, more: Mapping[str, str] = {}, **how: Any
) -> subprocess.Popen[str]:
    """Start a tool in a process group of its own; it ends when this process does, in any way.

    Parameters
    ----------
    command
        The program and its arguments.
    folder
        Its working folder, also for temporary files; by default the current one.
    more
        Additional environment variables.
    how
        As for `subprocess.Popen`.

    Raises
    ------
    EnvironmentLacksError
        When it cannot be started.
    """
    _start_reaper()
    temporary = {"TMPDIR": str(folder)} if folder else {}
    settings = {"env": environment({**temporary, **more}), "start_new_session": True, **how}
    with _guard:
        if _ending:
            _rest()
            raise SystemExit(1)
        try:
            process = subprocess.Popen([*command], cwd=folder, **settings)
        except (OSError, subprocess.SubprocessError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise EnvironmentLacksError(
                f"{Path(command[0]).name} cannot be started: {reason} ({command[0]}); install it "
                "again"
            ) from error
        _running.add(process)
    return process


def run_tool(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    more: Mapping[str, str] = {},
    text: str | None = None,
    seconds: float | None = None,
) -> Done:
    """Run a tool to its end; an interruption ends it and all that it has started.

    Parameters
    ----------
    command, folder, more
        As for `start_tool`.
    text
        Its standard input; empty by default.
    seconds
        Time limit; none by default.

    Raises
    ------
    EnvironmentLacksError
        When it cannot be started.
    subprocess.TimeoutExpired
        When it takes longer than `seconds`.
    """
    process = start_tool(
        command,
        folder=folder,
        more=more,
        stdin=subprocess.PIPE if text is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    try:
        out, err = process.communicate(text, seconds)
    except BaseException:
        end(process)
        raise
    finally:
        forget(process)
    if _ending:
        _rest()
    return Done(tuple(command), process.returncode, out, err)


def forget(process: subprocess.Popen[str]) -> None:
    """Remove an ended tool from those that `end_all` ends."""
    with _guard:
        _running.discard(process)


def end(process: subprocess.Popen[str]) -> None:
    """Kill a tool and all that it has started, at once."""
    _kill(process)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            with suppress(OSError, ValueError):
                stream.close()
    forget(process)


def end_all() -> None:
    """Kill all tools and allow no new ones, because this process is about to end."""
    global _ending
    _ending = True
    _guard.acquire(timeout=2)  # a thread that holds it is starting a tool
    killed = list(_running)
    _kill_running()
    deadline = time.monotonic() + 2
    while any(process.poll() is None for process in killed) and time.monotonic() < deadline:
        time.sleep(0.01)  # until then they may write


def _rest() -> None:
    """Block any thread but the main one: the process ends, and a new tool would be left behind."""
    if threading.current_thread() is not threading.main_thread():
        threading.Event().wait()


def each(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return the results of `function` for all `items` in order, computed on all cores.

    After the first failure or an interruption, no further call begins.
    """
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        waiting = [pool.submit(function, item) for item in items]
        try:
            return [future.result() for future in waiting]
        except BaseException as error:
            for future in waiting:
                future.cancel()
            if not isinstance(error, Exception):
                _kill_running()
            raise


def _kill_running() -> None:
    for process in list(_running):
        _kill(process)


def _kill(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


@cache
def _start_reaper() -> None:
    """Start the process that kills leftover tools if this one is killed."""
    read, _ = os.pipe()  # the other end stays open while this process runs
    os.set_inheritable(read, True)
    command = [sys.executable, "-I", "-S", str(_REAPER), str(read), _OWNERS, TOKEN]
    nothing = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
    with suppress(OSError):
        os.posix_spawn(sys.executable, command, os.environ, file_actions=nothing, setsid=True)
    os.close(read)
