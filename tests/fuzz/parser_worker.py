"""A process that runs parsers on files, each within limits: `Worker`; as a program, the process.

An execution may take 5 s of processor time, which a timer of the kernel ends, and 500 MB of
addresses beside what the process had before, which the kernel refuses to go beyond.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import resource
import select
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from cfuforge.base.errors import ForgeError

sys.path.append(str(Path(__file__).parents[1]))  # the parsers import support

__all__ = ["SECONDS", "Outcome", "Worker", "load_target", "targets"]

HERE = Path(__file__).parent
SECONDS = 5  # of processor time
WAIT = 60  # seconds after which a process that does nothing hangs
BYTES = 500_000_000
PAGE = resource.getpagesize()


@dataclass(frozen=True)
class Outcome:
    """What became of an execution.

    Parameters
    ----------
    finding
        What was wrong, with the traceback; empty when nothing was.
    said
        Why the file was refused, without numbers and paths; empty when it was taken.
    seconds
        Of processor time.
    """

    finding: str
    said: str
    seconds: float


def targets(folder: Path = HERE / "parsers") -> list[Path]:
    """Return the files of the parsers to fuzz."""
    return sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))


def load_target(path: Path) -> ModuleType:
    """Import a file with ``seeds() -> list[bytes]`` and ``run(data, folder)``."""
    spec = importlib.util.spec_from_file_location(f"fuzz_{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Worker:
    """A process for one target; it is started again when an execution was its last.

    Parameters
    ----------
    target
        The target's file.
    seconds, bytes, wait
        The limits.
    """

    def __init__(
        self, target: Path, seconds: float = SECONDS, bytes: int = BYTES, wait: float = WAIT
    ) -> None:
        self._command = [sys.executable, "-W", "error", __file__, target, str(seconds), str(bytes)]
        self._seconds, self._wait = seconds, wait
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def run(self, data: bytes) -> Outcome:
        """Run the target on a file's content."""
        if self._process is None:
            self._process = self._started()
        process = self._process
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(struct.pack("<I", len(data)) + data)
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], self._wait)
            line = process.stdout.readline() if ready else b""
        except BrokenPipeError:
            ready, line = [process.stdout], b""
        if line:
            return Outcome(**json.loads(line))
        if not ready:
            self._end()
            return Outcome(f"no end after {self._wait:g} s", "", 0.0)
        code = process.wait()
        self._end()
        if code == -signal.SIGPROF:
            return Outcome(f"more than {self._seconds:g} s", "", self._seconds)
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return Outcome(f"the process ended: {name}", "", 0.0)

    def _started(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdout
        if process.stdout.readline() != b"ready\n":
            raise RuntimeError(f"{self._command[4]} does not start")
        return process

    def _end(self) -> None:
        if self._process:
            self._process.kill()
            for stream in (self._process.stdin, self._process.stdout):
                assert stream
                stream.close()
            self._process.wait()
            self._process = None


def serve(target: Path, seconds: float, most: int) -> None:
    """Answer every file on the standard input with a line."""
    given, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed is no answer
    module = load_target(target)
    with tempfile.TemporaryDirectory() as folder:
        with suppress(ForgeError):
            module.run(module.seeds()[0], Path(folder))  # what is loaded once does not count
        answers.write(b"ready\n")
        answers.flush()
        while size := given.read(4):
            data = given.read(struct.unpack("<I", size)[0])
            answer = execute(module, data, Path(folder), seconds, most)
            answers.write(json.dumps(answer).encode() + b"\n")
            answers.flush()


def execute(module: Any, data: bytes, folder: Path, seconds: float, most: int) -> dict[str, Any]:
    """Return the fields of an `Outcome`."""
    finding = said = ""
    began = time.process_time()
    limit_memory(most)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        module.run(data, folder)
    except ForgeError as error:
        said = str(error)
        if memory_error(error):
            finding = f"more than {most / 1e6:g} MB, and said: {said!r:.500}"
    except BaseException:
        finding = traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        limit_memory(None)
    said = re.sub(r"/\S+|\d+", "#", said)[:200]
    return {"finding": finding, "said": said, "seconds": time.process_time() - began}


def limit_memory(most: int | None) -> None:
    """Let addresses grow by so much; None for any."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (hard if most is None else PAGE * pages + most, hard))


def memory_error(error: BaseException | None) -> bool:
    """Whether an error came of one that memory was short."""
    while error:
        if isinstance(error, MemoryError):
            return True
        error = error.__cause__ or error.__context__
    return False


if __name__ == "__main__":
    serve(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
