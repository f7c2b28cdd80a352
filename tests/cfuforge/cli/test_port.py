"""``cfuforge new --port``, and every command with the CFU that it makes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cfuforge import area
from cfuforge.base import cache
from cfuforge.sw.sanitizer import environment
from support.ports import kernel_that, summer

EXACT = ", bit for bit."


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of which `summer` is a part."""
    shutil.copytree(summer().kernels.parent, tmp_path / "summer")  # type: ignore[union-attr]
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_is_made(
    command: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("new", "adder_one", "--port") == 0
    assert "python -m unittest adder_one.test_adder_one" in capsys.readouterr().out
    made = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert made == {
        *(f"adder_one/{name}" for name in ("__init__.py", "README.md", "test_adder_one.py")),
        "adder_one/kernels/conv_s8.c",
    }
    assert "$" not in "".join(path.read_text() for path in tmp_path.rglob("*.??*"))
    test = [sys.executable, "-m", "unittest", "adder_one.test_adder_one"]
    subprocess.run(test, cwd=tmp_path, check=True, capture_output=True)
    assert command("describe", "adder_one") == 0
    assert "It has a memory port of 8 bytes." in capsys.readouterr().out


def test_sim_and_profile(
    folder: Path, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("sim", "--cfu", "./summer", "--json", "x.json") == 0
    run = json.loads((folder / "x.json").read_text())["cfu"]
    assert run["layers"][0]["kernel"] == "summer/conv_s8"
    assert run["soc"]["memory_port"] == {
        "width": 8,
        "latency": 1,
        "memories": ["main_ram"],
        "sram_bytes": 0,
    }
    assert command("profile", "--cfu", "./summer", "--json", "p.json") == 0
    assert EXACT in capsys.readouterr().out
    profile = json.loads((folder / "p.json").read_text())
    assert profile["run"]["cycles"] == run["cycles"]
    assert profile["run"]["layers"] == run["layers"]


@pytest.mark.parametrize("options", [(), ("--sanitize",)])
def test_check(
    options: tuple[str, ...],
    folder: Path,
    command: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    if options:
        environment()  # raises where AddressSanitizer is not installed
    assert command("check", "--cfu", "./summer", "--count", 3, "--jobs", 1, *options) == 0
    printed = capsys.readouterr().out
    assert EXACT in printed
    assert re.search(r"The CFU executed \d+ instructions", printed)


@pytest.mark.more
def test_a_trace_shows_the_port(folder: Path, command: Callable[..., int]) -> None:
    options = ("--trace", "1000:1200", "--trace-file", "x.vcd")
    assert command("sim", "--cfu", "./summer", *options) == 0
    wave, view = (folder / "x.vcd").read_text(), (folder / "x.gtkw").read_text()
    for name in ("request_valid", "request_address", "response_data"):
        assert f" memory_{name} " in wave
        assert f"TOP.soc.Cfu.memory_{name}" in view


@pytest.mark.more
@pytest.mark.parametrize("family", ["ice40", "xc7"])
def test_after_synthesis(family: str, folder: Path, command: Callable[..., int]) -> None:
    assert command("sim", "--cfu", "./summer", "--json", "rtl.json") == 0
    options = ("--after-synthesis", family, "--json", "x.json")
    assert command("sim", "--cfu", "./summer", *options) == 0
    runs = [json.loads((folder / name).read_text())["cfu"] for name in ("rtl.json", "x.json")]
    assert runs[0]["cycles"] == runs[1]["cycles"]


@pytest.mark.more
def test_a_simulated_board(
    folder: Path, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("run", "--target", "sim", "--cfu", "./summer") == 0
    assert EXACT in capsys.readouterr().out


@pytest.mark.more
def test_a_simulated_board_whose_cfu_reads_nowhere(
    folder: Path, refused: Callable[..., str]
) -> None:
    kernel = kernel_that("cfu_source(8); cfu_sum_words(2);")["conv_s8.c"]
    (folder / "summer" / "kernels" / "conv_s8.c").write_text(kernel)
    assert "CFU summer asked its memory port for 0x00000008, at or just before pc" in refused(
        "run", "--target", "sim", "--cfu", "./summer"
    )


def test_a_board_with_a_narrower_port(
    folder: Path, refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CFUFORGE_CACHE", str(folder / "cache"))
    (folder / "app").mkdir()
    (folder / "app" / "main.c").write_text("int main(void) { return 0; }\n")
    for arguments in (
        "sim --after-synthesis ice40",
        "profile",
        "bitstream",
        "serve",
        "run --target sim",
        "app app",
    ):
        assert refused(*arguments.split(), "--board", "fomu", "--cfu", "./summer") == (
            "error: the CFU needs a memory port of 8 bytes, and board fomu has one of 4; use board "
            "sim or arty or arty100 or ulx3s, or a CFU with a narrower one, such as "
            "engine:target=up5k"
        )
    assert not cache.entries()


def test_its_area() -> None:
    assert 0 < area(summer(), "ice40")["LUT"] < 2000
