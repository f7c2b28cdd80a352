"""From a board's name to a bitstream: real boards, whole SoCs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from cfuforge.base.cache import cache_dir
from cfuforge.base.yowasp import run_yowasp
from cfuforge.cfu.design import Design
from cfuforge.gateware.memory_init import memory_words
from cfuforge.soc.board import board
from cfuforge.soc.generate import generate
from cfuforge.sw.device_firmware import build_device_firmware
from cfuforge.sw.models import KWS_MODEL
from cfuforge.sw.tflite_model import Model


def bitstream(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cfuforge", "bitstream", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--board", "basys"], r"error: board must be one of arty, .*, not 'basys'"),
        (["--board", ""], r"error: board must be one of arty, .*, not ''"),
        (["--board", "sim"], r"error: board sim has no FPGA: it can only be simulated"),
        (["--board", "ulx3s", "--cfu", "simd_mac:rows=99"], r"error: .*rows.*99"),
        (["--board", "ulx3s", "--model", "no.tflite"], r"error: .*no\.tflite.*"),
        (["--board", "ulx3s", "--program", "no.cc"], r"error: no\.cc is not a folder of C and .*"),
        (["--board", "ulx3s", "--data", "a=b"], r"error: --data a=b needs --program"),
        (
            ["--board", "ulx3s", "--program", "main.cc", "--model", "m.tflite"],
            r"error: --model m\.tflite is for the device firmware; give a program its model .*",
        ),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], line: str, tmp_path: Path) -> None:
    done = bitstream(*arguments, "--build-dir", tmp_path / "out")
    assert done.returncode == 1
    assert re.fullmatch(line, done.stderr.strip().splitlines()[-1])
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_program_that_is_too_large_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "main.cc").write_text(
        "static volatile char room[200 << 10];\nint main(int n, char **) { return room[n]; }\n"
    )
    done = bitstream("--board", "arty", "--program", tmp_path, "--build-dir", tmp_path / "out")
    assert done.returncode == 1
    assert re.fullmatch(
        r"error: \S+ does not fit into the memory of board arty: it takes 2\d\d,\d+ of 163,840 "
        r"bytes of sram \(start-up \d+, stack 20,352, code [\d,]+, .*zeroed data 20[\d,]+.*\)",
        done.stderr.strip().splitlines()[-1],
    )


def test_a_build_folder_that_cannot_be_one_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for folder, reason in ((file, "File exists"), (file / "out", "Not a directory")):
        done = bitstream("--board", "ulx3s", "--build-dir", folder)
        assert done.returncode == 1
        assert done.stderr.strip().splitlines()[-1] == (
            f"error: the build folder {folder} cannot be written ({reason}); name another with "
            "--build-dir"
        )
        assert "Traceback" not in done.stderr
        assert "firmware" not in done.stderr  # told before what takes long
    assert file.read_text() == "mine"


@pytest.mark.long  # 5 minutes on two free cores
def test_ulx3s_meets_its_clock(tmp_path: Path) -> None:
    done = bitstream("--board", "ulx3s", "--build-dir", tmp_path, "--json", tmp_path / "r.json")
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert json.loads((tmp_path / "r.json").read_text()) == report
    clocks = {clock["net"]: clock for clock in report["clocks"]}
    assert clocks["sys_clk"]["wanted_hz"] == 50_000_000
    assert clocks["sys_clk"]["reached_hz"] >= 50_000_000
    resources = report["resources"]
    assert {"CPU", "CFU", "DRAM controller", "L2 cache", "UART"} <= set(resources["by_part"])
    known = sum(part["LUT"] for name, part in resources["by_part"].items() if name != "other")
    assert known >= 0.95 * resources["used"]["LUT"]
    assert resources["used"]["DSP"] == resources["packed"]["MULT18X18D"]["used"]
    assert resources["used"]["BRAM"] == resources["packed"]["DP16KD"]["used"]
    header = (tmp_path / "soc.bit").read_bytes()[:200]
    assert b"LFE5U-85F" in header
    assert ones_in_block_ram(tmp_path / "soc.bit") == ones_in_firmware("ulx3s")


def ones_in_block_ram(bitstream: Path) -> int:
    """Unpack a bitstream and count the bits that are set in the FPGA's block RAMs."""
    with TemporaryDirectory(dir=cache_dir()) as name:  # YoWASP's tools do not see /tmp
        work = Path(name)
        shutil.copyfile(bitstream, work / "soc.bit")
        unpack = ["--input", "soc.bit", "--textcfg", "soc.config"]
        run_yowasp(work, "nextpnr_ecp5", unpack, "ecpunpack")
        text = (work / "soc.config").read_text()
    memories = re.findall(r"^\.bram_init \d+\n((?:[0-9a-f ]+\n)+)", text, re.M)
    return sum(int(word, 16).bit_count() for memory in memories for word in memory.split())


def ones_in_firmware(name: str) -> int:
    soc = generate(board(name), hardware=True)
    design, model = Design.load("simd_mac"), Model.read(KWS_MODEL)
    words = memory_words(soc, build_device_firmware(soc, design, model)).split()
    return sum(int(word, 16).bit_count() for word in words)


@pytest.mark.long  # 3 minutes on two free cores
def test_arty_is_synthesised_with_half_of_its_luts_left(tmp_path: Path) -> None:
    done = bitstream("--board", "arty", "--build-dir", tmp_path)
    report = json.loads((tmp_path / "report.json").read_text())
    assert done.returncode == (0 if report["bitstream"] else 1)
    assert report["resources"]["left"]["LUT"] >= 0.5 * 20_800
    assert all(left >= 0 for left in report["resources"]["left"].values())
    if not report["bitstream"]:
        assert len(done.stderr.strip().splitlines()[-1]) > 100  # all that is missing, in one line
