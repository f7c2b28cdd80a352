"""What arguments say is looked at before anything is built: the error is all that is printed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cfuforge.base import cache
from cfuforge.soc.board import BOARDS
from support.documents import valid

ABSENT = "there is no CFU 'absent'"
NO_BOARD = f"board must be one of {', '.join(sorted(BOARDS))}, not 'absent'"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with inputs that do not fit, and with an empty cache."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CFUFORGE_CACHE", str(tmp_path / "cache"))
    np.save(tmp_path / "small.npy", np.zeros(7, np.int8))
    (tmp_path / "labels.txt").write_text("one\n")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.c").write_text("int main(void) { return 0; }\n")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("profile --board fomu", "board fomu has CPU small+mul+cfu, but a profile needs full+cfu"),
        ("profile --against simd_mac --against absent", ABSENT),
        ("profile --against simd_mac --cfu absent", ABSENT),
        ("profile --input small.npy", "must have the shape 1x49x10x1"),
        ("profile --json absent/x.json", "there is no folder absent"),
        ("sim --trace layer=99", "has layers 0 to 12, but no layer=99"),
        ("sim --trace-file x.fst", "--trace-file x.fst needs --trace"),
        ("sim --trace layer=1 --trace-file x.txt", "a trace file must end in .fst or .vcd"),
        ("sim --after-synthesis gowin", "a netlist must be for ice40 or xc7, not 'gowin'"),
        ("sim --input absent.npy", "input absent.npy does not exist"),
        ("sim --labels labels.txt", "labels.txt names 1 classes"),
        ("sim --dtype int3", "--dtype must be int8, uint8, int16 or float32, not 'int3'"),
        ("sim --scale-to 3", "--scale-to must be"),
        ("sim --board absent", NO_BOARD),
        ("sim --json absent/x.json", "there is no folder absent"),
        ("sim --board arty --clock fast", "the clock must be a frequency such as 60e6 or 60MHz"),
        ("sim --board arty --clock auto", "make one with: cfuforge bitstream --board arty --clock"),
        ("sim --clock auto", "board sim has no FPGA"),
        ("profile --board arty --clock 59.1e6", "the nearest clock is 59MHz"),
        ("check --dtype int3", "--dtype must be int8, uint8, int16 or float32, not 'int3'"),
        ("check --input small.npy", "must have the shape 1x49x10x1"),
        ("check --truth absent.csv --input small.npy", "absent.csv"),
        ("check --cfu absent", ABSENT),
        ("run --target sim --board absent", NO_BOARD),
        ("run --target sim --input small.npy", "must have the shape 1x49x10x1"),
        ("run --target sim --labels labels.txt", "labels.txt names 1 classes"),
        ("run --target sim --clock 1e12", "the clock must be a frequency"),
        ("load --target /dev/absent --cfu absent", ABSENT),
        ("serve --board absent", NO_BOARD),
        ("serve --cfu absent", ABSENT),
        ("serve --board fomu --clock 13MHz", "the nearest clock is 12MHz"),
        ("bitstream --board fomu --clock 13MHz", "the nearest clock is 12MHz"),
        ("bitstream --board sim", "board sim has no FPGA: it can only be simulated"),
        ("bitstream --board ulx3s --build-dir labels.txt", "the build folder labels.txt cannot"),
        ("model inspect --cfu none --cfu absent", ABSENT),
        ("app app --cfu absent", ABSENT),
        ("app app --board absent", NO_BOARD),
        ("app app --clock 3", "board sim cannot run at 3e-06 MHz: the nearest clock is 1MHz"),
        ("app app --data x=absent", "data x: absent cannot be read"),
        ("app app --json absent/x.json", "there is no folder absent"),
    ],
)
def test_nothing_is_built(
    arguments: str, message: str, here: Path, command: Callable[..., int], capsys
) -> None:  # type: ignore[no-untyped-def]
    assert command(*arguments.split()) == 1
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith("error: ")
    assert message in line
    assert not cache.entries()
    assert not (here / "absent").exists()


def test_json_to_the_standard_output(command: Callable[..., int], capsys) -> None:  # type: ignore[no-untyped-def]
    for arguments, key in (
        ("check --cfu none --count 1 --jobs 1", "mismatches"),
        ("model inspect", "operators"),
        ("cpu describe full+cfu", "cpu"),
    ):
        assert command(*arguments.split(), "--json", "-") == 0
        said = capsys.readouterr()
        assert key in valid(said.out)
        assert said.err  # what is for people
    assert command("cpu", "list") == 0
    assert "full+cfu" in capsys.readouterr().out
    assert command("model", "inspect", "--json", "-", "--svg", "-") == 1
