"""``cfuforge app``: what it prints, returns and refuses."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from cfuforge.base.document import SCHEMA_VERSION
from cfuforge.base.git import commit
from cfuforge.cli import app as cli
from support.documents import valid


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run the command line in this process and return its exit code."""
    monkeypatch.setattr("sys.argv", ["cfuforge", *map(str, arguments)])
    with pytest.raises(SystemExit) as exit_:
        cli.run()
    return int(exit_.value.code or 0)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Return an application that prints its data, and fails when they begin with 9."""
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "main.cc").write_text(
        '#include "tensorflow/lite/micro/micro_log.h"\n'
        "extern const unsigned char data[];\nextern const unsigned int data_size;\n"
        'int main() { MicroPrintf("%u bytes, %d first", data_size, data[0]); '
        "return data[0] == 9; }\n"
    )
    (tmp_path / "good.bin").write_bytes(bytes([1, 2, 3]))
    (tmp_path / "bad.bin").write_bytes(bytes([9]))
    return folder


def test_on_the_simulated_soc(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], program: Path
) -> None:
    written = program.parent / "run.json"
    good = f"data={program.parent / 'good.bin'}"
    assert run(monkeypatch, "app", program, "--data", good, "--cfu", "none", "--json", written) == 0
    captured = capfd.readouterr()
    assert captured.out == "3 bytes, 1 first\n"
    value = valid(written)
    cycles = value["cycles"]
    line = f"main returned 0 after {cycles:,} cycles on board sim, CFU none"
    assert captured.err.splitlines()[-1] == line
    assert 0 < cycles < 100_000
    assert value.pop("tools").keys() > {"cfuforge", "verilator", "firmware compiler"}
    hashed = {"file": "good.bin", "sha256": sha256(bytes([1, 2, 3])).hexdigest()}
    assert value == {
        **{"schema": "app", "schema_version": SCHEMA_VERSION, "git": commit()},
        **{"application": program.name, "data": {"data": hashed}},
        **{"design": "none", "board": "sim", "returned": 0},
        **{"cycles": cycles, "uart": "3 bytes, 1 first\n"},
    }
    bad = f"data={program.parent / 'bad.bin'}"
    assert run(monkeypatch, "app", program, "--data", bad, "--cfu", "none") == 1


def test_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], program: Path
) -> None:
    good = f"data={program.parent / 'good.bin'}"
    assert run(monkeypatch, "app", program, "--data", good, "--host") == 0
    assert capfd.readouterr().out == "3 bytes, 1 first\n"
    bad = f"data={program.parent / 'bad.bin'}"
    assert run(monkeypatch, "app", program, "--data", bad, "--host") == 1
    assert capfd.readouterr().err == "main returned 1 on this machine\n"


def test_an_application_that_ends_without_a_word(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "main.c").write_text("#include <stdlib.h>\nint main(void) { abort(); }\n")
    assert run(monkeypatch, "app", tmp_path, "--host") == 1
    line = f"error: {tmp_path.name} crashed (SIGABRT) on this machine\n"
    assert capfd.readouterr().err == line
    assert run(monkeypatch, "app", tmp_path, "--cfu", "none") == 1
    assert f"error: {tmp_path.name} called abort() after " in capfd.readouterr().err


@pytest.mark.parametrize(("suffix", "called"), [("c", "gone"), ("cc", "gone(int)")])
def test_a_function_of_nobody_is_no_array(
    refused, tmp_path: Path, suffix: str, called: str
) -> None:  # type: ignore[no-untyped-def]
    text = "int gone(int);\nint main() { return gone(2); }\n"
    (tmp_path / f"main.{suffix}").write_text(text)
    line = refused("app", tmp_path, "--host")
    assert f"undefined symbol: {called}, referenced by main.{suffix}:2" in line
    assert line.endswith(f"no source of {tmp_path.name} defines the function gone")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--data", "data"], "--data must be NAME=FILE, not 'data'"),
        (
            ["--host", "--json", "run.json"],
            "--json run.json is for the simulated SoC, not for --host",
        ),
        (
            ["--json", "absent/run.json"],
            "absent/run.json cannot be written: there is no folder absent",
        ),
        (["--host"], "; name a file for the array data with --data (data=FILE)"),
        (["--data", "data=/absent"], "data data: /absent cannot be read: No such file"),
    ],
)
def test_what_is_refused(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    program: Path,
    arguments: list[str],
    error: str,
) -> None:
    assert run(monkeypatch, "app", program, *arguments) == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert error in line
