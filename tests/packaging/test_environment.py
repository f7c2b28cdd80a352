"""What ``make`` does first: Debian's part in one line, then an environment that goes on."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = [f"tiny{number}" for number in range(25)]
BACKEND = """\
import shutil
def build_editable(folder, *_):
    shutil.copy("checkout-1-py3-none-any.whl", folder)
    return "checkout-1-py3-none-any.whl"
"""
PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "checkout"
version = "1"
requires-python = ">=3.10,<3.14"
"""


def write_wheel(folder: Path, name: str) -> str:
    """Write a package of one module, and return the line of a lock that names it."""
    info = f"{name}-1.dist-info"
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
        record += f"{path},sha256={digest.rstrip('=')},{len(text)}\n"
    wheel = folder / f"{name}-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record + f"{info}/RECORD,,\n"}.items():
            archive.writestr(path, text)
    return f"{name}==1 \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


class Checkout:
    """A checkout of a project so small that its environment is made in seconds."""

    def __init__(self, folder: Path) -> None:
        self.root, self.wheels = folder / "a bäre checkout", folder / "wheels"
        self.wheels.mkdir()
        (self.root / "cfuforge").mkdir(parents=True)
        for name in ("environment.py", "setup.py"):
            shutil.copy(ROOT / "cfuforge" / name, self.root / "cfuforge")
        (self.root / "pyproject.toml").write_text(PROJECT)
        (self.root / "backend.py").write_text(BACKEND)
        write_wheel(self.root, "checkout")
        self.lock = "".join(write_wheel(self.wheels, name) for name in PACKAGES)
        (self.root / "requirements-sim.lock").write_text(self.lock)

    def command(self, python: str = sys.executable, group: str = "sim") -> list[str]:
        return [python, "-I", str(self.root / "cfuforge" / "environment.py"), group]

    def environment(self, **more: str) -> dict[str, str]:
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels)}
        return {**os.environ, **offline, **more}

    def make(self, group: str = "sim", **more: str) -> subprocess.CompletedProcess[str]:
        environment, command = self.environment(**more), self.command(group=group)
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    def is_complete(self) -> bool:
        imports = f"import pip, checkout, {', '.join(PACKAGES)}"
        command = [str(self.root / ".venv" / "bin" / "python"), "-c", imports]
        return not subprocess.run(command, check=False).returncode

    def installed(self) -> dict[str, int]:
        """Return when each package came."""
        found = self.root.glob(".venv/lib/python*/site-packages/tiny*.dist-info/RECORD")
        return {path.parent.name.split("-")[0]: path.stat().st_mtime_ns for path in found}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_it_is_made_once_and_anew_for_another_python_or_folder(checkout: Checkout) -> None:
    assert checkout.make().returncode == 0
    assert checkout.is_complete()
    began = os.times()
    done = checkout.make(PATH="")  # nothing is looked for
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    used = os.times()
    assert (
        used.children_user + used.children_system < began.children_user + began.children_system + 1
    )

    checkout.root = checkout.root.rename(checkout.root.with_name("elsewhere"))
    assert checkout.make().returncode == 0
    pip = subprocess.run([str(checkout.root / ".venv" / "bin" / "pip"), "--version"], check=False)
    assert pip.returncode == 0  # a script names its interpreter's folder
    assert checkout.is_complete()

    other = "/usr/bin/python3" if sys.base_prefix != "/usr" else ""
    if not other or subprocess.run([other, "-c", "import ensurepip"], check=False).returncode:
        pytest.skip("there is no second Python with venv here")
    command, environment = checkout.command(other), checkout.environment()
    assert subprocess.run(command, env=environment, check=False).returncode == 0
    assert (checkout.root / ".venv" / "pyvenv.cfg").read_text().startswith("home = /usr/bin\n")
    assert checkout.is_complete()


def test_what_failed_goes_on_and_what_is_damaged_is_mended(checkout: Checkout) -> None:
    nobody = {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_RETRIES": "1"}
    done = checkout.make(**nobody, PIP_INDEX_URL="http://127.0.0.1:9/simple")
    assert done.returncode == 1
    message = done.stderr.splitlines()[-1]
    assert message.startswith("error: pip failed: the package index cannot be reached; No matching")

    last = checkout.wheels / "tiny24-1-py3-none-any.whl"
    last.rename(checkout.root / last.name)
    done = checkout.make()
    assert done.returncode == 1
    message = done.stderr.splitlines()[-1]
    assert message.startswith("error: pip failed: No matching distribution found for tiny24==1")
    assert "pip.log" in message
    before = checkout.installed()
    assert len(before) == 20

    packages = next(checkout.root.glob(".venv/lib/python*/site-packages"))
    (packages / "tiny3-1.dist-info" / "RECORD").unlink()  # as when pip is killed
    (packages / "tiny3.py").unlink()
    (checkout.root / last.name).rename(last)
    assert checkout.make().returncode == 0
    after = checkout.installed()
    assert [name for name, when in before.items() if after[name] != when] == ["tiny3"]
    assert checkout.is_complete()

    shutil.rmtree(packages / "pip")
    (checkout.root / "requirements-sim.lock").write_text(checkout.lock + "# changed\n")
    assert checkout.make().returncode == 0
    assert checkout.is_complete()


def test_ended_by_any_signal_it_goes_on_and_two_at_once_do(checkout: Checkout) -> None:
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)):
        with subprocess.Popen(
            checkout.command(),
            stderr=subprocess.PIPE,
            text=True,
            env=checkout.environment(),
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # as in a terminal
        ) as process:
            assert process.stderr
            assert process.stderr.readline() == "installing Python packages into .venv: 10 of 25\n"
            process.send_signal(number)
            assert process.wait() == code
            assert "Traceback" not in process.stderr.read()
    both = [subprocess.Popen(checkout.command(), env=checkout.environment()) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]  # after a pip that was left
    assert checkout.is_complete()


def test_an_unsupported_python_is_told_in_one_line(checkout: Checkout) -> None:
    project = checkout.root / "pyproject.toml"
    project.write_text(PROJECT.replace(">=3.10,<3.14", ">=3.20,<3.22"))
    done = checkout.make()
    assert done.returncode == 1
    assert done.stderr.startswith("error: Python 3.20 to 3.21 is needed, not 3.")
    assert done.stderr.endswith("name another one: make PYTHON=python3.21 ...\n")
    assert done.stderr.count("\n") == 1
    assert not (checkout.root / ".venv").exists()


def test_debians_part_is_told_before_pip(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "make").symlink_to(str(shutil.which("make")))
    done = checkout.make("test", PATH=str(tmp_path / "bin"))
    assert done.returncode == 1
    assert done.stderr.startswith("error: missing on this machine: g++")
    assert "; install with: apt-get install -y g++ " in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (checkout.root / ".venv").exists()


def test_a_simulation_needs_no_compiler_of_debian(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    done = checkout.make("sim", PATH=str(tmp_path / "bin"))
    assert done.returncode == 0, done.stderr
    assert checkout.is_complete()
