"""What needs no clang: the seeds, and what fuzzing once found, in the runtime as it is built."""

import subprocess
import sys
from pathlib import Path

import pytest

from cfuforge.base.errors import InputError
from cfuforge.sw.host_runtime import HostRuntime

HERE = Path(__file__).parent
CONTROL = 8  # bytes behind the file: execution.h
FINDINGS = sorted((HERE / "findings").iterdir())


def verdict(data: bytes, arena_size: int) -> str:
    """Return why the runtime refuses the model; nothing when it takes it."""
    try:
        assert HostRuntime(data, arena_size=arena_size).arena_used_bytes <= arena_size
    except InputError as error:
        return str(error) or "\n"
    return ""


@pytest.mark.parametrize("path", FINDINGS, ids=[path.name for path in FINDINGS])
def test_what_was_found(path: Path) -> None:
    data = path.read_bytes()[:-CONTROL]
    for size in (0, 100, 1000, 4000, 1 << 20):
        said = verdict(data, size)
        assert "\n" not in said


@pytest.mark.more
def test_every_operator_has_a_seed(tmp_path: Path) -> None:
    program = "import sys, pathlib, seeds; seeds.write_seeds(pathlib.Path(sys.argv[1]))"
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "seeds" / "small").iterdir())) > 400
