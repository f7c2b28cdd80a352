"""Objects in another process, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cfuforge.base.apart import Apart, LostError
from cfuforge.base.errors import InputError
from cfuforge.base.fault import fault
from support.objects_apart import Thing

OWNER = """
import sys
sys.path.insert(0, sys.argv[1])
from cfuforge.base.apart import Apart
from support.objects_apart import Thing
apart = Apart(Thing, 1)
apart.call("add", 1)
apart.send("spin")
print(apart.pid, flush=True)
sys.stdin.read()
"""


def gone(pid: int) -> bool:
    """Return whether a process ends within some seconds; nobody may have fetched its exit code."""
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state in "ZX":
            return True
        time.sleep(0.05)
    return False


def test_it_answers_and_keeps_its_object() -> None:
    with Apart(Thing, 5) as apart:
        assert apart.call("add", 1) == 6
        assert apart.call("add", 1) == 7
        assert apart.pid != os.getpid()
        pid = apart.pid
    assert gone(pid)
    assert not apart.alive


def test_large_arrays_of_any_type() -> None:
    with Apart(Thing, 0) as apart:
        for kind in ("int8", "int16", "float32", "int64", "bool"):
            array = (np.arange(3_000_000) % 2).astype(kind).reshape(3, -1)
            again = apart.call("same", array)
            assert again.dtype == array.dtype
            np.testing.assert_array_equal(again, array)


def test_what_is_raised_there_is_raised_here() -> None:
    with Apart(Thing, 5) as apart:
        with pytest.raises(InputError, match=r"^no such thing as 7$"):
            apart.call("refuse", 7)
        assert apart.call("add", 2) == 7
    with Apart(Thing, "5") as apart, pytest.raises(InputError, match="must be a number, not '5'"):
        apart.call("add", 1)


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("crash", r"^crashed \(SIGSEGV\)$"),
        ("abort", r"^crashed \(SIGABRT\)$"),
        ("leave", r"^ended early \(exit code 3\)$"),
        ("spin", "^did not finish in time$"),
        ("sleep", "^did not finish in time$"),
    ],
)
def test_it_is_lost(method: str, words: str) -> None:
    with Apart(Thing, 5) as apart:
        with pytest.raises(LostError, match=words) as caught:
            apart.call(method, timeout=0.5 if "time" in words else 60)
        assert caught.value.late == ("time" in words)
        assert not apart.alive
        with pytest.raises(LostError, match=words):
            apart.call("add", 1)


def test_killed_from_outside() -> None:
    with Apart(Thing, 5) as apart:
        apart.call("add", 1)
        threading.Timer(0.3, os.kill, (apart.pid, signal.SIGKILL)).start()
        with pytest.raises(LostError, match=r"was killed \(SIGKILL, "):
            apart.call("spin")


def test_an_interruption_here_does_not_end_it_there_but_the_call() -> None:
    with Apart(Thing, 5) as apart:
        apart.call("add", 1)
        os.kill(apart.pid, signal.SIGINT)
        assert apart.call("add", 1) == 7
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            apart.call("sleep")
        assert gone(apart.pid)


def test_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    with Apart(Thing, 5, quiet=True) as apart:
        apart.call("say", "one")
        assert apart.read_output() == "one\n"
        apart.call("say", "two")
        assert apart.read_output() == "two\n"
        with pytest.raises(LostError):
            apart.call("crash")
        assert apart.read_output() == "about to crash\n"
    assert capfd.readouterr() == ("", "")


def test_the_working_folder_holds_no_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("signal", "fcntl", "multiprocessing", "numpy", "cfuforge"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('of a stranger')\n")
    monkeypatch.chdir(tmp_path)
    with Apart(Thing, 5) as apart:
        assert apart.call("same", np.ones(1)).tolist() == [1]


@pytest.mark.parametrize("ending", ["kill", "terminate", "end"])
def test_it_ends_with_its_owner(ending: str) -> None:
    """While it is in native code that does not return."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(Path(__file__).parents[2])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with owner:
        assert owner.stdout
        pid = int(owner.stdout.readline())
        os.kill(pid, 0)
        action: Any = owner.stdin.close if ending == "end" else getattr(owner, ending)
        action()
        owner.wait()
        assert gone(pid)


def test_what_is_forgotten_ends() -> None:
    apart = Apart(Thing, 5)
    pid = apart.pid
    del apart
    assert gone(pid)


def test_what_cannot_be_sent_is_an_error_and_no_end() -> None:
    with Apart(Thing, 1) as apart:
        with pytest.raises(RuntimeError, match=r"lambda.* cannot be sent"):
            apart.call("unsendable")
        assert apart.call("add", 1) == 2


def test_what_nobody_foresaw_names_its_place() -> None:
    with Apart(Thing, 1) as apart, pytest.raises(KeyError) as caught:
        apart.call("fail")
    line = str(fault(caught.value, " at input x.npy"))
    assert line.startswith("cfuforge itself has failed at input x.npy, not the model or the design")
    assert re.search(r"KeyError: 'gone' \(objects_apart\.py:\d+\); please report it", line)
