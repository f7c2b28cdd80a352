"""The same inputs give the same bytes, whoever makes them where: Verilog, firmware, bitstream."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from platformdirs import user_cache_path

from cfuforge.base.cache import cache_dir

MAKE = Path(__file__).with_name("make_everything.py")
PYTHONS = "CFUFORGE_PYTHONS"  # other interpreters that have the locked packages, as PATH is written
NEEDED = "import amaranth, capstone, elftools, litedram, litex, migen, numpy, ziglang"


def other_python() -> str:
    """Return an interpreter of another version that has the packages; skip where there is none."""
    named = [each for each in os.environ.get(PYTHONS, "").split(os.pathsep) if each]
    for python in [
        *named,
        *filter(None, map(shutil.which, map("python3.{}".format, range(10, 14)))),
    ]:
        ask = f"import sys; {NEEDED}; print(sys.version_info[:2])"
        done = subprocess.run([python, "-W", "ignore", "-c", ask], capture_output=True, text=True)
        if done.returncode == 0 and done.stdout.strip() != str(sys.version_info[:2]):
            return python
    pytest.skip(f"no other Python has the locked packages: name one's path in {PYTHONS}")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that YoWASP's tools see, which see none below /tmp."""
    cache_dir().mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="same-bits-", dir=cache_dir()) as folder:
        yield Path(folder)


def checkout(folder: Path) -> Path:
    """Copy the package to `folder`, as a wheel would lay it out, and return the folder."""
    for name in ("", ".cfu", ".gateware", ".sim", ".soc", ".sw"):
        source = Path(str(import_module(f"cfuforge{name}").__file__)).parent
        target = folder / f"cfuforge{name}".replace(".", "/")
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=ignored)
    return folder


def make(
    what: str, place: Path, python: str, seed: int, name: str, **others: str
) -> dict[str, bytes]:
    """Make everything in a process of its own, with an empty cache; return the files."""
    home = place / name
    for folder in ("home", "tmp", "work", "out"):
        (home / folder).mkdir(parents=True)
    environment = {
        "PATH": "/usr/bin:/bin",
        "PYTHONWARNINGS": "ignore",
        "PYTHONHASHSEED": str(seed),
        "PYTHONPATH": str(checkout(home / "checkout")),
        "CFUFORGE_CACHE": str(home / "cache"),
        "HOME": str(home / "home"),
        "TMPDIR": str(home / "tmp"),
        "YOWASP_CACHE_DIR": os.environ.get("YOWASP_CACHE_DIR", str(user_cache_path("YoWASP"))),
        **others,
    }
    done = subprocess.run(
        [python, str(MAKE), what, str(home / "out")],
        cwd=home / "work",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_bytes() for path in sorted((home / "out").iterdir())}


def check(one: dict[str, bytes], other: dict[str, bytes], count: int) -> None:
    assert len(one) >= count
    assert list(one) == list(other)
    assert [name for name in one if one[name] != other[name]] == []


MADE = [
    pytest.param("verilog", 25, marks=pytest.mark.more),
    pytest.param("firmware", 2, marks=pytest.mark.long),
]  # compiled twice


@pytest.mark.parametrize(("what", "count"), MADE)
def test_another_hash_seed_and_another_folder(what: str, count: int, place: Path) -> None:
    one = make(what, place, sys.executable, 1, "one")
    elsewhere = {"LC_ALL": "C", "TZ": "Asia/Tokyo"}
    check(one, make(what, place, sys.executable, 2, "a second ö", **elsewhere), count)


@pytest.mark.parametrize(("what", "count"), MADE)
def test_another_python(what: str, count: int, place: Path) -> None:
    python = other_python()
    one = make(what, place, sys.executable, 1, "one")
    check(one, make(what, place, python, 3, "other"), count)


@pytest.mark.long
def test_bitstream_elsewhere(place: Path) -> None:
    one = make("bitstream", place, sys.executable, 1, "one")
    check(one, make("bitstream", place, sys.executable, 2, "two"), 2)


@pytest.mark.long
def test_bitstream_of_another_python(place: Path) -> None:
    python = other_python()
    one = make("bitstream", place, sys.executable, 1, "one")
    check(one, make("bitstream", place, python, 3, "other"), 2)
