"""Whatever the locale's encoding is, commands print and write files, and nothing is a traceback."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

# Commands one after another, with ";" between them: what they import is imported once.
COMMANDS = """
import sys
from cfuforge.start import main

rest = sys.argv[1:]
while rest:
    end = rest.index(";")
    sys.argv, rest = ["cfuforge", *rest[:end]], rest[end + 1 :]
    code = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code or 0
    print(f"exit code {code}")
"""
TEXT = "größe → 中 ☃"
LOCALES = [
    {"LC_ALL": "C"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},  # files are ASCII too
    {"PYTHONIOENCODING": "latin-1"},
    pytest.param({"PYTHONIOENCODING": "gbk"}, marks=pytest.mark.more),
    {"PYTHONIOENCODING": "ascii:strict"},
]


@pytest.fixture(params=LOCALES, ids=lambda each: "-".join(each.values()))
def run(request: pytest.FixtureRequest, tmp_path: Path):  # type: ignore[no-untyped-def]
    """Run commands in a locale, and return what they printed; the values are their exit codes."""

    def start(commands: dict[tuple[object, ...], int]) -> str:
        arguments = [part for command in commands for part in (*map(str, command), ";")]
        done = subprocess.run(
            [sys.executable, "-c", COMMANDS, *arguments],
            env={**os.environ, **request.param},
            cwd=tmp_path,
            capture_output=True,
        )
        said = (done.stdout + done.stderr).decode("latin-1")
        assert "Traceback" not in said
        assert "itself has failed" not in said
        assert done.returncode == 0, said
        codes = [int(code) for code in re.findall(r"^exit code (\d+)$", said, re.M)]
        assert codes == list(commands.values()), said
        return said

    return start


@pytest.fixture
def my_cfu(tmp_path: Path) -> Path:
    """Return a CFU of which every text has letters of many languages."""
    subprocess.run([sys.executable, "-m", "cfuforge", "new", "my_cfu"], cwd=tmp_path, check=True)
    folder = tmp_path / "my_cfu"
    for path in (folder / "__init__.py", folder / "kernels" / "conv_s8.c"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("four", TEXT).replace("sum so far", TEXT), encoding="utf-8")
    assert TEXT in (folder / "__init__.py").read_text(encoding="utf-8")
    return folder


def test_a_cfu_with_letters_of_many_languages(run, my_cfu: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    check = ("check", "--cfu", "my_cfu", "--count", 1, "--jobs", 1, "--json", "größe.json")
    said = run(
        {
            ("describe", "./my_cfu"): 0,
            ("describe", "./my_cfu", "--header"): 0,
            check: 0,
            ("tflm-kernels", "kernels", "--cfu", "my_cfu"): 0,
        }
    )
    assert "gr" in said.partition("exit code")[0]
    assert (tmp_path / "größe.json").is_file()
    assert TEXT in (tmp_path / "kernels" / "cfuforge" / "nn" / "cfu.h").read_text(encoding="utf-8")


def test_help_and_errors(run) -> None:  # type: ignore[no-untyped-def]
    run(
        {
            **{(command, "--help"): 0 for command in ("check", "profile", "model")},
            ("model", "inspect"): 0,
            ("check", "--model", f"{TEXT}.tflite"): 1,
            ("check", f"--{TEXT}"): 2,
            ("check", "--cfu", f"./{TEXT}.py"): 1,
        }
    )
