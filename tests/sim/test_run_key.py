"""The key of a cached run: what decides the run, and nothing else."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from cfuforge import Design, Model, SimTarget, board
from cfuforge.sim import target
from cfuforge.sw.elf import Firmware
from cfuforge.sw.models import KWS_MODEL

SIM = Path(target.__file__).parent


@pytest.fixture(scope="module")
def kws() -> Model:
    return Model.read(KWS_MODEL)


@pytest.fixture(scope="module")
def simulated() -> SimTarget:
    return SimTarget(Design.load("none"), board("sim"))


def imported(path: Path, seen: set[Path]) -> Iterator[Path]:
    """Yield the files of `sim` that a file imports, and those that these do."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cfuforge.sim"):
            names = [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
            for name in names:
                file = SIM.parent / f"{(name or '').removeprefix('cfuforge.').replace('.', '/')}.py"
                if file.is_file() and file not in seen:
                    seen.add(file)
                    yield file
                    yield from imported(file, seen)


def test_all_that_runs_is_in_the_key() -> None:
    own_runs = {SIM / "account", SIM / "trace"}  # never from the cache
    ran = {file for file in imported(target.CODE[0], set()) if file.parent not in own_runs}
    assert ran < set(target.CODE)
    assert all(file.is_file() for file in target.CODE)


def test_docstrings_are_not_in_the_key_and_code_is(
    simulated: SimTarget, kws: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = simulated._key(kws)
    copies = [Path(shutil.copy(file, tmp_path)) for file in target.CODE]
    monkeypatch.setattr(target, "CODE", copies)
    assert simulated._key(kws) == key
    for path in copies:
        text = path.read_text()
        path.write_text('"""Another docstring."""\n# and a comment\n' + text.split('"""', 2)[2])
        assert simulated._key(kws) == key
        path.write_text(text + "\nANOTHER = 1\n")
        assert simulated._key(kws) != key
        path.write_text(text)


def test_the_programs_bytes_are_in_the_key_and_its_lines_are_not(
    simulated: SimTarget,
    kws: Model,
    program: Callable[[str], Firmware],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def key(text: str) -> tuple[bytes, str]:
        firmware = program(text)
        monkeypatch.setattr(simulated, "firmware", firmware)
        return firmware.path.read_bytes(), simulated._key(kws)

    plain, commented, other = (key(t) for t in ("li a0, 1\n", "\n# one\nli a0, 1\n", "li a0, 2\n"))
    assert plain[0] != commented[0]
    assert plain[1] == commented[1] != other[1]


def test_model_limits_input_hardware_and_harness_are_in_the_key(
    simulated: SimTarget, kws: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zeros, ones = (np.full(4, value, np.int8).tobytes() for value in (0, 1))
    keys = [simulated._key(kws, *parts) for parts in ([zeros, 1], [zeros, 2], [ones, 1])]
    keys.append(simulated._key(Model(kws.data + b"\0", kws.name), zeros, 1))
    for owner, name in ((simulated, "cfu"), (target, "HARNESS")):
        changed = tmp_path / name
        changed.write_text(getattr(owner, name).read_text() + "\n")
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, changed)
            keys.append(simulated._key(kws, zeros, 1))
    assert len(set(keys)) == len(keys)
