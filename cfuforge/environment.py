"""Make a checkout's virtual environment, with all that a group of ``make`` targets needs.

It runs before anything is installed, so it needs only the standard library of any Python 3.
"""

import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "pip.log"
AT_ONCE = 10  # packages: those installed stay if the next ones fail
INTERPRETER = os.fsencode("{} {}.{}".format(sys.base_prefix, *sys.version_info))


def main(group: str) -> None:
    """Make sure that the environment has what `group` needs; usually there is nothing to do."""
    if _is_ready(group):
        return
    _require_python()
    setup = [sys.executable, "-I", str(ROOT / "cfuforge" / "setup.py"), "venv", group]
    code = subprocess.run(setup, check=False).returncode
    if code:
        sys.exit(code)
    folder = os.open(str(ROOT), os.O_RDONLY)
    with suppress(OSError):  # some network file systems have no locks
        fcntl.flock(folder, fcntl.LOCK_EX)  # pip keeps it if we are killed
    if not _is_ready(group):
        _make_venv()
        _install(group, folder)


def _is_ready(group: str) -> bool:
    for each in ("test", group):  # the test group includes all others
        with suppress(OSError, ValueError):
            key, interpreter = _stamp(each).read_bytes().split(b"\n")
            fits = interpreter == INTERPRETER or not _is_supported()  # then .venv's own Python runs
            if key == _key(each) and fits and os.access(str(PYTHON), os.X_OK):
                return True
    return False


def _stamp(group: str) -> Path:
    return VENV / f"ready-{group}"


def _lock(group: str) -> Path:
    return ROOT / f"requirements-{group}.lock"


def _key(group: str) -> bytes:
    """Return a digest of what an environment depends on, besides the interpreter."""
    contents = [path.read_bytes() for path in (_lock(group), ROOT / "pyproject.toml")]
    return hashlib.sha256(b"\0".join([*contents, bytes(ROOT)])).hexdigest().encode()


def _supported_versions() -> "tuple[int, int]":
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    low, high = re.findall(r'^requires-python = ">=3\.(\d+),<3\.(\d+)"', text, re.MULTILINE)[0]
    return int(low), int(high) - 1


def _is_supported() -> bool:
    low, high = _supported_versions()
    return (3, low) <= sys.version_info[:2] <= (3, high)


def _require_python() -> None:
    """Exit with one line unless the locked packages support this Python."""
    low, high = _supported_versions()
    if not _is_supported():
        names = [f"python3.{minor}" for minor in range(high, low - 1, -1)]
        there = next((name for name in names if _imports(name, "venv")), names[0])
        _end(
            f"Python 3.{low} to 3.{high} is needed, not {sys.version.split()[0]} "
            f"({sys.executable}); name another one: make PYTHON={there} ..."
        )
    if sysconfig.get_platform() != "linux-x86_64" or not _has_glibc():
        _end(
            "Linux with glibc on x86-64 is needed, not "
            f"{sysconfig.get_platform()}; use such a machine or a container"
        )


def _imports(python: str, module: str) -> bool:
    command = [python, "-I", "-c", f"import {module}"]
    with suppress(OSError):
        return not subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode
    return False


def _has_glibc() -> bool:
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except ValueError:
        return False


def _make_venv() -> None:
    """Make `VENV` unless it exists, is complete and belongs to this interpreter."""
    made = VENV / "made-for"
    wanted = INTERPRETER + b" " + bytes(ROOT)
    with suppress(OSError):
        if made.read_bytes() == wanted and _imports(str(PYTHON), "pip"):
            return
    command = [sys.executable, "-I", "-m", "venv", "--clear", str(VENV)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        _end(f"python -m venv failed: {_last_line(done.stdout)}")
    made.write_bytes(wanted)


def _install(group: str, lock: int) -> None:
    """Install the packages in the lock of `group`, and this checkout; resume if interrupted."""
    for info in VENV.glob("lib/python*/site-packages/*.dist-info"):
        if not (info / "RECORD").is_file():  # pip was killed while installing it
            shutil.rmtree(str(info))
    text = _lock(group).read_text(encoding="ascii")
    locked = re.findall(r"^\S+==(?:.*\\\n)*.*\n", text, re.MULTILINE)
    for begin in range(0, len(locked), AT_ONCE):
        some = locked[begin : begin + AT_ONCE]
        done = f"{begin + len(some)} of {len(locked)}"
        print(f"installing Python packages into .venv: {done}", file=sys.stderr)
        _pip(["--require-hashes", "-r", "/dev/stdin"], lock, "".join(some))
    _pip(["--no-build-isolation", "-e", str(ROOT)], lock)
    _stamp(group).write_bytes(_key(group) + b"\n" + INTERPRETER)


def _pip(what: "list[str]", lock: int, standard_input: str = "") -> None:
    pip = [str(PYTHON), "-I", "-m", "pip", "--disable-pip-version-check", "--log", str(LOG)]
    done = subprocess.run(
        [*pip, "install", "--quiet", "--progress-bar", "off", "--no-deps", *what],
        input=standard_input.encode(),
        stderr=subprocess.PIPE,
        check=False,
        pass_fds=[lock],
        env={**os.environ, "PIP_USER": "0"},  # overrides a pip.conf
    )
    if done.returncode:
        offline = b"connection broken" in done.stderr
        reason = "the package index cannot be reached; " if offline else ""
        _end(f"pip failed: {reason}{_last_line(done.stderr)} (all of it: {LOG})")


def _last_line(said: bytes) -> str:
    lines = said.decode(errors="replace").strip().splitlines() or ["no message"]
    errors = [line[len("ERROR: ") :] for line in lines if line.startswith("ERROR: ")]
    return (errors or lines)[-1][:500]


def _end(problem: str) -> None:
    sys.exit(f"error: {problem}")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # ends pip, too
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit(130)
