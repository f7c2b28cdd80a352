"""Whatever the locale's encoding is, commands print and write files, and nothing is a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "cfuforge"]
TEXT = "größe → 中 ☃"
LOCALES = [
    {"LC_ALL": "C"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},  # files are ASCII too
    {"PYTHONIOENCODING": "latin-1"},
    {"PYTHONIOENCODING": "gbk"},
    {"PYTHONIOENCODING": "ascii:strict"},
]


@pytest.fixture(params=LOCALES, ids=lambda each: "-".join(each.values()))
def run(request: pytest.FixtureRequest, tmp_path: Path):  # type: ignore[no-untyped-def]
    """Run a command in a locale, and return what it printed."""

    def start(*arguments: object, code: int = 0) -> str:
        done = subprocess.run(
            [*COMMAND, *map(str, arguments)],
            env={**os.environ, **request.param},
            cwd=tmp_path,
            capture_output=True,
        )
        said = (done.stdout + done.stderr).decode("latin-1")
        assert "Traceback" not in said
        assert "itself has failed" not in said
        assert done.returncode == code, said
        return said

    return start


@pytest.fixture
def my_cfu(tmp_path: Path) -> Path:
    """Return a CFU of which every text has letters of many languages."""
    subprocess.run([*COMMAND, "new", "my_cfu"], cwd=tmp_path, check=True)
    folder = tmp_path / "my_cfu"
    for path in (folder / "__init__.py", folder / "kernels" / "conv_s8.c"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("four", TEXT).replace("sum so far", TEXT), encoding="utf-8")
    assert TEXT in (folder / "__init__.py").read_text(encoding="utf-8")
    return folder


def test_a_cfu_with_letters_of_many_languages(run, my_cfu: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert "gr" in run("describe", "./my_cfu")
    run("describe", "./my_cfu", "--header")
    run("check", "--cfu", "my_cfu", "--count", 1, "--jobs", 1, "--json", "größe.json")
    run("tflm-kernels", "kernels", "--cfu", "my_cfu")
    assert TEXT in (tmp_path / "kernels" / "cfuforge" / "nn" / "cfu.h").read_text(encoding="utf-8")


def test_help_and_errors(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for command in ("check", "profile", "model"):
        run(command, "--help")
    run("model", "inspect")
    run("check", "--model", f"{TEXT}.tflite", code=1)
    run("check", f"--{TEXT}", code=2)
    run("check", "--cfu", f"./{TEXT}.py", code=1)
