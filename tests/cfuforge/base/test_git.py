"""The commit of the working folder: told where there is one, and never an error."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from cfuforge.base import git
from cfuforge.base.git import commit


def run_git(*arguments: str) -> str:
    identity = ("-c", "user.name=n", "-c", "user.email=e")
    done = subprocess.run(
        ["git", *identity, *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    run_git("init", "-q")
    assert commit() is None
    Path("x").write_text("1")
    run_git("add", "x")
    run_git("commit", "-q", "-m", "x")
    return tmp_path


def test_where_there_is_one(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = run_git("rev-parse", "HEAD")
    Path("unknown").touch()
    (repository / "below").mkdir()
    monkeypatch.chdir("below")
    assert commit() == {"commit": head, "changed": False}
    (repository / "x").write_text("2")
    assert commit() == {"commit": head, "changed": True}


def test_nothing_is_written_and_no_monitor_runs(repository: Path) -> None:
    monitor = repository / "monitor"
    monitor.write_text("#!/bin/sh\ntouch ran\n")
    monitor.chmod(0o755)
    run_git("config", "core.fsmonitor", str(monitor))
    index = (repository / ".git" / "index").read_bytes()
    assert commit()
    assert not (repository / "ran").exists()
    assert (repository / ".git" / "index").read_bytes() == index


def test_where_there_is_none(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/proc/1/none")
    commit()
    (repository / ".git" / "HEAD").write_text("nonsense")
    assert commit() is None
    monkeypatch.chdir("/")
    assert commit() is None
    monkeypatch.setenv("PATH", "/nonexistent")
    assert commit() is None


def test_a_git_that_takes_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(git, "_SECONDS", 0.2)
    began = time.monotonic()
    assert commit() is None
    assert time.monotonic() - began < 10
