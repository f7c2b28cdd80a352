"""The command line, run in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cfuforge.cli import app as cli
from support import operators
from support.graph import Quantisation, Tensor, one_operator

SHARED = Path(__file__).parents[2] / ".." / "shared" / "models"
FAULTY = Path(__file__).parents[1] / "sim"  # the folder of the design `faulty`


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run a command and return its exit code."""

    def run(*arguments: object) -> int:
        monkeypatch.setattr("sys.argv", ["cfuforge", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_:
            cli.run()
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


@pytest.fixture
def crashes_tflm(tmp_path: Path) -> Path:
    """Return a model that our runtime takes, and whose missing bias TFLM does not survive."""
    one, shape = Quantisation((1.0,)), (1, 2, 2, 1)
    filter_ = np.ones((1, 1, 1, 1), np.int8)
    model = one_operator(
        "DEPTHWISE_CONV_2D",
        [Tensor(shape, one), Tensor(filter_.shape, one, filter_, name="filter"), None],
        [Tensor(shape, one)],
        strideH=1,
        strideW=1,
        depthMultiplier=1,
    )
    path = tmp_path / "no_bias.tflite"
    path.write_bytes(model.data)
    return path


@pytest.fixture
def aborts_tflm(tmp_path: Path) -> Path:
    """Return a model with a row that TFLM cannot sum up when all its values are equal."""
    path = tmp_path / "long_row.tflite"
    path.write_bytes(operators.softmax((1, 512), 1.0, 0, 1.0).data)
    return path


@pytest.fixture(scope="session")
def shared_models() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not there: the real models are not part of the repository")
    return SHARED
