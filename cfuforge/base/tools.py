"""Start other programs: they get what they need from us, and none of them outlives us."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
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

#: What tells this process and all that it starts from any other on the machine, at any time.
TOKEN = f"{os.getpid()}-{secrets.token_hex(8)}"
_OWNERS = "CFUFORGE_OWNERS"
_REAPER = Path(__file__).with_name("reaper.py")
# What a user's environment may hold for other compilations, and no cache key knows of.
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
_guard = threading.Lock()
_ending = False


@dataclass(frozen=True)
class Done:
    """The end of a tool.

    Parameters
    ----------
    command
        Its command line.
    code
        Its exit code; minus a signal's number where that ended it.
    out, err
        What it printed.
    """

    command: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """All that it printed."""
        return self.out + self.err


def environment(more: Mapping[str, str] = {}) -> dict[str, str]:
    """Return the environment of a tool: the user's without what is meant for other builds.

    Messages are in English, and the process is marked as ours.
    """
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    owners = f"{kept.get(_OWNERS, '')}:{TOKEN}".strip(":")
    return {**kept, "LC_ALL": "C", _OWNERS: owners, **more}


def start_tool(
    command: Sequence[str], *, folder: Path | None = None, more: Mapping[str, str] = {}, **how: Any
) -> subprocess.Popen[str]:
    """Start a tool in a process group of its own; it ends when this process ends, however.

    Parameters
    ----------
    command
        The program and its arguments.
    folder
        Where it runs, and keeps its temporary files; by default in the working folder.
    more
        Further variables of its environment.
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
    """Run a tool to its end; what interrupts us ends it and all that it has started.

    Parameters
    ----------
    command, folder, more
        As for `start_tool`.
    text
        What it reads from its standard input; by default nothing.
    seconds
        How long it may take; by default as long as it likes.

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
    """Take a tool that has ended from those that `end_all` ends."""
    with _guard:
        _running.discard(process)


def end(process: subprocess.Popen[str]) -> None:
    """End a tool with all that it has started, at once."""
    _kill(process)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            with suppress(OSError, ValueError):
                stream.close()
    forget(process)


def end_all() -> None:
    """End all tools, and let no other be started: this process is about to end."""
    global _ending
    _ending = True
    _kill_running()


def _rest() -> None:
    """Do nothing more in this thread: the process ends, and what is made now would stay."""
    if threading.current_thread() is not threading.main_thread():
        threading.Event().wait()


def each(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return the results of `function` for all `items`, on every core, in their order.

    The first that fails, or an interruption, lets no further one begin.
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
    """Start the process that ends what is left of our tools when this one is killed."""
    read, _ = os.pipe()  # the other end stays open as long as this process lives
    os.set_inheritable(read, True)
    command = [sys.executable, "-I", "-S", str(_REAPER), str(read), _OWNERS, TOKEN]
    nothing = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
    with suppress(OSError):
        os.posix_spawn(sys.executable, command, os.environ, file_actions=nothing, setsid=True)
    os.close(read)
