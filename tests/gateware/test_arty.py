"""Arty, built for real by nextpnr-xilinx and Project X-Ray's tools, where a machine has them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from small_soc import VERILOG, report_of, small_soc

from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.gateware.build import build
from cfuforge.gateware.flow import flow
from cfuforge.gateware.report import BuildReport
from cfuforge.gateware.timing import TimingError
from cfuforge.gateware.xc7 import PROGRAMS, Xc7Flow
from cfuforge.soc.board import board
from cfuforge.soc.clock import clocks as clocks_of

PINS = "E3 A9 D10"
LACKING = Xc7Flow(small_soc("arty", 75_000_000, PINS)).lacks()
real = pytest.mark.skipif(bool(LACKING), reason=f"this machine lacks {', '.join(LACKING)}")


def built(folder: Path, hertz: int = 75_000_000) -> BuildReport:
    soc = small_soc("arty", hertz, PINS)
    report = report_of(soc)
    build(flow(soc), {"soc.v": VERILOG}, report, folder)
    return report


@real
def test_a_design_of_a_few_cells(tmp_path: Path) -> None:
    report = built(tmp_path)
    assert report.bitstream == tmp_path / "soc.bit"
    header, _, frames = report.bitstream.read_bytes().partition(b"\xaa\x99\x55\x66")  # sync word
    assert b"xc7a35tcsg324-1" in header
    assert len(frames) > 2_000_000
    saved = json.loads((tmp_path / "report.json").read_text())
    (clock,) = saved["clocks"]
    assert (clock["net"], clock["wanted_hz"], clock["met"]) == ("sys_clk", 75_000_000, True)
    assert 75_000_000 <= clock["reached_hz"] < 2_000_000_000
    assert clock["path"]["end"] in ("product (CFU)", "square (CFU)", "serial_tx (UART)")
    assert clock["path"]["nanoseconds"] == pytest.approx(1e9 / clock["reached_hz"])
    assert clock["routed_hz"] > clock["reached_hz"]
    assert saved["resources"]["used"]["DSP"] > 0
    steps = ["synthesis", "place and route", "frames", "bitstream"]
    assert [step["name"] for step in saved["steps"]] == steps
    page = (tmp_path / "report.html").read_text()
    assert f"<td>{clock['reached_hz'] / 1e6:.1f} MHz</td><td>met</td>" in page
    assert f"place and route ignores this path and reports {clock['routed_hz'] / 1e6:.1f}" in page


@real
def test_missed_timing_is_a_failure_that_names_the_path(tmp_path: Path) -> None:
    line = (
        r"timing is not met: sys_clk needs 2000 MHz and reaches [\d.]+ MHz; the critical path of "
        r"[\d.]+ ns goes from \w+ \((UART|CFU)\) to \w+ \((UART|CFU)\) "
        r"\([\d.]+ ns of it are wires\); use --clock [\d.]+MHz or --clock auto"
    )
    with pytest.raises(TimingError, match=f"^{line}$"):
        built(tmp_path, 2_000_000_000)
    assert not (tmp_path / "soc.bit").exists()
    assert json.loads((tmp_path / "report.json").read_text())["clocks"][0]["met"] is False


@real
@pytest.mark.parametrize("absent", PROGRAMS)
def test_one_program_that_is_missing_is_the_only_one_named(
    absent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in PROGRAMS:
        if name != absent:
            (programs / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(programs))
    with pytest.raises(EnvironmentLacksError) as error:
        built(tmp_path / "out")
    line = str(error.value)
    assert f"this machine lacks {absent} on PATH: they come with openXC7's toolchain" in line
    assert "\n" not in line


@real
@pytest.mark.long  # 6 minutes on two free cores for each build
def test_arty_meets_the_clock_that_its_timing_proves(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cfuforge", "bitstream", "--board", "arty", "--clock", "auto"]
    done = subprocess.run(
        [*command, "--build-dir", tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    report = json.loads((tmp_path / "report.json").read_text())
    clocks = {clock["net"]: clock for clock in report["clocks"]}
    system = clocks["sys_clk"]
    assert system["wanted_hz"] == report["inference"]["clock_hz"]
    assert system["wanted_hz"] in clocks_of(board("arty"))
    assert system["reached_hz"] >= system["wanted_hz"] >= 50_000_000
    assert (clocks["idelay_clk"]["wanted_hz"], clocks["idelay_clk"]["met"]) == (200_000_000, True)
    assert f"sys_clk: {system['reached_hz'] / 1e6:.1f} MHz of {system['wanted_hz'] / 1e6:g}\n" in (
        done.stdout
    )
    shown = f"<td>{system['reached_hz'] / 1e6:.1f} MHz</td><td>met</td>"
    assert shown in (tmp_path / "report.html").read_text()
    assert b"xc7a35tcsg324-1" in (tmp_path / "soc.bit").read_bytes()[:200]
    assert report["resources"]["left"]["LUT"] >= 0.5 * 20_800
