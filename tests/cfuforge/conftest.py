"""The command line, run in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cfuforge import cli

SHARED = Path(__file__).parents[2] / ".." / "shared" / "models"
FAULTY = Path(__file__).parents[1] / "sim"  # the folder of the design `faulty`


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run a command and return its exit code."""

    def run(*arguments: object) -> int:
        monkeypatch.setattr("sys.argv", ["cfuforge", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        return int(exit_.value.code or 0)

    return run


@pytest.fixture
def refused(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command that must end in exit code 1 and one line, and return that line."""

    def refuse(*arguments: object) -> str:
        assert command(*arguments) == 1
        error = capsys.readouterr().err
        assert "Traceback" not in error
        lines = [line for line in error.splitlines() if line.startswith("error: ")]
        assert len(lines) == 1
        assert error.rstrip().endswith(lines[0])
        return lines[0]

    return refuse


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make ``--cfu faulty:fault=N`` a design."""
    monkeypatch.chdir(FAULTY)


@pytest.fixture(scope="session")
def shared_models() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not there: the real models are not part of the repository")
    return SHARED
