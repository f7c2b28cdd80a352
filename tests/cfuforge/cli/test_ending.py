"""However the command line ends, it ends as it should, and nothing of it stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "cfuforge"]
MODEL = """
from cfuforge.cli import ending
ending.watch()
from cfuforge.cfu.design import Design
from cfuforge.sim.cfu_model import CfuModel
CfuModel(Design.load("none").verilog_file())
"""
RUNS = {  # what soon runs which tool, with an empty cache
    "zig cc": [*COMMAND, "sim"],
    "zig clang": [sys.executable, "-c", MODEL],
}


def start(cache: Path, command: list[str], **how: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "CFUFORGE_CACHE": str(cache), "TMPDIR": str(cache.parent)}
    settings = {
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True},
        "preexec_fn": lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # not as under nohup
        **how,
    }
    return subprocess.Popen(command, env=environment, **settings)  # type: ignore[call-overload, no-any-return]


def processes(cache: Path) -> list[str]:
    """Return the command lines of what runs with this cache."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            marked = f"CFUFORGE_CACHE={cache}".encode() in (folder / "environ").read_bytes()
            if marked:
                found.append((folder / "cmdline").read_bytes().decode().replace("\0", " "))
        except OSError:
            continue
    return found


def ended(cache: Path) -> bool:
    """Wait until nothing runs any more, which takes a moment."""
    deadline = time.monotonic() + 10
    while processes(cache) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not processes(cache)


def left(cache: Path) -> list[str]:
    unfinished = [*cache.glob(".*"), *cache.glob("locks/*"), *cache.glob("logs/*")]
    return [str(path) for path in [*unfinished, *set(cache.parent.iterdir()) - {cache}]]


def when(cache: Path, tool: str, running: subprocess.Popen[str]) -> None:
    """Wait until a tool of that name runs."""
    deadline = time.monotonic() + 200
    while not any(tool in line for line in processes(cache)):
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline, processes(cache)
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("tool", "number", "code"),
    [
        ("zig clang", signal.SIGINT, 130),
        ("zig clang", signal.SIGTERM, 143),
        ("zig clang", signal.SIGHUP, 129),
        ("zig cc", signal.SIGINT, 130),
        pytest.param("zig cc", signal.SIGTERM, 143, marks=pytest.mark.more),
        pytest.param("zig cc", signal.SIGHUP, 129, marks=pytest.mark.more),
    ],
)
def test_signals_while_tools_run(
    tmp_path: Path, tool: str, number: signal.Signals, code: int
) -> None:
    cache = tmp_path / "cache"
    running = start(cache, RUNS[tool])
    when(cache, tool, running)
    running.send_signal(number)
    running.send_signal(number)  # an impatient user
    _, said = running.communicate(timeout=20)
    assert running.returncode == code
    assert "Traceback" not in said
    assert ended(cache)
    assert left(cache) == []


STARTS_LATE = """
import subprocess
import threading
import time
from cfuforge.base import tools

class Late(subprocess.Popen):
    def __init__(self, *arguments, **options):
        time.sleep(0.5)
        super().__init__(*arguments, **options)

subprocess.Popen = Late
threading.Thread(target=tools.start_tool, args=(["sleep", "100"],), daemon=True).start()
time.sleep(0.2)
tools.end_all()
print(*(process.poll() for process in tools._running))
"""


def test_a_tool_that_a_thread_is_just_starting_ends_too() -> None:
    done = subprocess.run([sys.executable, "-c", STARTS_LATE], capture_output=True, text=True)
    assert done.stdout == "-9\n", done.stderr


@pytest.mark.parametrize("tool", ["zig cc", "zig clang"])
def test_killed(tmp_path: Path, tool: str) -> None:
    cache = tmp_path / "cache"
    running = start(cache, RUNS[tool])
    when(cache, tool, running)
    running.kill()
    running.communicate()
    assert ended(cache)
    after = start(cache, [*COMMAND, "cache", "clear"])
    assert "is empty" in after.communicate()[0]
    assert left(cache) == []


def watches(running: subprocess.Popen[str]) -> bool:
    """Return whether the process catches SIGTERM: before that it is Python that starts."""
    status = Path(f"/proc/{running.pid}/status").read_text()
    caught = int(
        next(line for line in status.splitlines() if line.startswith("SigCgt")).split()[1], 16
    )
    return bool(caught >> (signal.SIGTERM - 1) & 1)


@pytest.mark.parametrize("delay", [0, 0.1, 0.3, 0.9])
def test_an_interruption_at_any_moment(tmp_path: Path, delay: float) -> None:
    cache = tmp_path / "cache"
    running = start(cache, RUNS["zig cc"], start_new_session=True)
    while not watches(running):
        time.sleep(0.001)
    time.sleep(delay)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does
    time.sleep(0.01)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=20)
    assert running.returncode == 130, said
    assert "Traceback" not in said
    assert ended(cache)
    assert left(cache) == []


def test_a_standard_output_that_is_closed(tmp_path: Path) -> None:
    shell = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *COMMAND, "describe", "simd_mac"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (shell.returncode, shell.stderr) == (0, "")


def test_nobody_reads_the_standard_output() -> None:
    running = subprocess.Popen(
        [*COMMAND, "describe", "simd_mac"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout
    running.stdout.close()
    assert running.stderr
    said = running.stderr.read()
    running.stderr.close()
    assert running.wait() in (1, 141)
    assert said == ""


def test_a_standard_output_that_is_full() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, "describe", "simd_mac"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "standard output" in done.stderr
    assert "No space left" in done.stderr or "disk is full" in done.stderr


def test_a_working_folder_that_was_deleted(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["sh", "-c", 'cd "$1"; rmdir "$1"; shift; exec "$@"', "sh", gone, *COMMAND, "sim"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == ("error: the working folder was deleted; change to one that is there\n")
