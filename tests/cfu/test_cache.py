"""The cache: built once whatever happens, and never half."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cfuforge.cfu.cache import cache_dir, cached, clear, digest, entries
from cfuforge.cfu.errors import EnvironmentLacksError

KEY = digest("key")

TWO_AT_ONCE = """
import sys, time
from cfuforge.cfu.cache import cached

def build(work):
    (work / "began").write_text("x")
    with open(sys.argv[1], "a") as log:
        log.write("built\\n")
    time.sleep(1)
    (work / "whole").write_text("x")

assert (cached("thing", "0" * 32, build) / "whole").exists()
"""


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("CFUFORGE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def fill(work: Path) -> None:
    (work / "x").write_bytes(bytes(100))


def test_it_builds_once() -> None:
    calls = []
    for _ in range(3):
        folder = cached("thing", digest("a"), lambda work: calls.append(fill(work)))
        assert (folder / "x").stat().st_size == 100
    assert len(calls) == 1
    assert entries() == {folder.name: 100}


def test_a_failed_build_leaves_nothing() -> None:
    def fail(work: Path) -> None:
        fill(work)
        raise ValueError("half done")

    with pytest.raises(ValueError, match="half done"):
        cached("thing", KEY, fail)
    assert entries() == {}
    assert (cached("thing", KEY, fill) / "x").exists()


def test_two_at_once_build_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TWO_AT_ONCE, str(tmp_path / "log")]
    running = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert (tmp_path / "log").read_text() == "built\n"


def test_digests_follow_the_content(tmp_path: Path) -> None:
    path, other = tmp_path / "a", tmp_path / "b"
    path.write_text("1")
    other.write_text("1")
    same = digest(path, 1)
    assert same == digest(other, 1)
    assert same != digest(other, 2)
    assert digest("ab", "c") != digest("a", "bc")
    other.write_text("2")
    assert same != digest(other, 1)


def test_clear(empty_cache: Path) -> None:
    cached("thing", KEY, fill)
    (empty_cache / "zig").mkdir()
    (empty_cache / "letters").mkdir()
    (empty_cache / "thing-of-beauty").write_text("not ours")
    clear()
    assert entries() == {}
    assert sorted(path.name for path in empty_cache.iterdir()) == ["letters", "thing-of-beauty"]


def test_what_a_killed_build_left_is_swept_in_time(empty_cache: Path) -> None:
    old, new = empty_cache / ".building-old", empty_cache / ".building-new"
    old.mkdir(parents=True)
    new.mkdir()
    os.utime(old, (0, 0))
    cached("thing", KEY, fill)
    assert not old.exists()
    assert new.exists()


def test_a_build_that_another_process_finishes_meanwhile(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = empty_cache / ".building-gone"
    listed = Path.glob

    def glob(folder: Path, pattern: str) -> list[Path]:
        return [*listed(folder, pattern), gone]

    monkeypatch.setattr(Path, "glob", glob)
    assert (cached("thing", KEY, fill) / "x").exists()


def test_a_relative_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CFUFORGE_CACHE", "near")
    assert cache_dir() == tmp_path / "near"


def test_unwritable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CFUFORGE_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(EnvironmentLacksError, match="set CFUFORGE_CACHE"):
        cached("thing", KEY, fill)


def test_the_default_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CFUFORGE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_dir() == tmp_path / "cfuforge"
