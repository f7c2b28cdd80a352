"""The flows' tools on a design of a few cells: files, reports, and failures in one line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from small_soc import VERILOG, report_of, small_soc

from cfuforge.base.errors import EnvironmentLacksError, InputError
from cfuforge.gateware.build import build
from cfuforge.gateware.delays import SlowPath
from cfuforge.gateware.flow import flow
from cfuforge.gateware.page import page
from cfuforge.gateware.report import BuildReport
from cfuforge.gateware.shape import Step
from cfuforge.gateware.timing import Clock, TimingError, require_timing
from cfuforge.gateware.timing import Path as TimingPath
from cfuforge.gateware.tools import ToolCommand
from cfuforge.soc.board import board
from cfuforge.soc.fpga import ICE40UP5K
from cfuforge.soc.generate import Soc
from support.builds import README, renewed_builds
from support.documents import valid

ULX3S_PINS = "G2 M1 L4"
SOURCES = {"soc.v": VERILOG}


def built(soc: Soc, folder: Path) -> BuildReport:
    report = report_of(soc)
    build(flow(soc), SOURCES, report, folder)
    return report


def test_ecp5(tmp_path: Path) -> None:
    report = built(small_soc("ulx3s", 20_000_000, ULX3S_PINS), tmp_path)
    assert report.bitstream == tmp_path / "soc.bit"
    assert b"LFE5U-85F" in report.bitstream.read_bytes()[:200]
    (clock,) = report.clocks
    assert clock.net == "sys_clk"
    assert clock.is_met
    saved = valid(tmp_path / "report.json")
    assert saved["resources"]["used"]["DSP"] == saved["resources"]["packed"]["MULT18X18D"]["used"]
    assert saved["resources"]["used"]["FF"] == saved["resources"]["packed"]["TRELLIS_FF"]["used"]
    assert saved["resources"]["left"]["DSP"] == 156 - saved["resources"]["used"]["DSP"]
    assert set(saved["resources"]["by_part"]) == {"UART", "CFU"}
    assert saved["clocks"][0]["reached_hz"] == clock.reached_hz
    assert [step["name"] for step in saved["steps"]] == [
        "synthesis", "place and route", "bitstream",
    ]  # fmt: skip
    page = (tmp_path / "report.html").read_text()
    assert "CFU none" in page
    assert "http" not in page
    assert "color-scheme: light dark" in page
    assert "<th>available</th>" in page
    assert "<th>seconds</th>" in page
    assert shown(page) == counted(saved)
    again = built(small_soc("ulx3s", 20_000_000, ULX3S_PINS), tmp_path)
    assert all(step.cached for step in again.steps)


def shown(page: str) -> list[list[str]]:
    """Return the cells of the page's table of resources, without its head."""
    rows = re.findall(r"<tr>(.*?)</tr>", page[page.index('id="resources"') :].split("</table>")[0])
    return [re.findall(r"<td>(.*?)</td>", row) for row in rows][1:]


def counted(saved: dict[str, Any]) -> list[list[str]]:
    """Return what the page must show of the JSON file's resources."""
    resources = saved["resources"]
    rows = {**resources["by_part"], "all": resources["used"], saved["part"]: resources["limits"]}
    rows["left for a larger CFU"] = resources["left"]
    names = resources["limits"]
    return [[title, *(f"{row.get(n, 0):,g}" for n in names)] for title, row in rows.items()]


def test_missed_timing_is_a_failure_that_names_the_path(tmp_path: Path) -> None:
    (tmp_path / "soc.bit").write_text("of an earlier build")
    line = (
        r"timing is not met: sys_clk needs 900 MHz and reaches [\d.]+ MHz; the critical path of "
        r"[\d.]+ ns goes from (taps|product|square) \((UART|CFU)\) to "
        r"(product|square|serial_tx) \((UART|CFU)\) \([\d.]+ ns of it are wires\); "
        r"use --clock [\d.]+MHz or --clock auto"
    )
    with pytest.raises(TimingError, match=f"^{line}$"):
        built(small_soc("ulx3s", 900_000_000, ULX3S_PINS), tmp_path)
    assert not (tmp_path / "soc.bit").exists()
    saved = valid(tmp_path / "report.json")
    assert re.fullmatch(line, saved["failure"])
    assert saved["bitstream"] is None
    assert saved["clocks"][0]["met"] is False


def test_ice40_and_dfu(tmp_path: Path) -> None:
    report = built(small_soc("ulx3s", 12_000_000, "F4 E4 A1", ICE40UP5K), tmp_path)
    assert report.bitstream == tmp_path / "soc.bin"
    image = report.bitstream.read_bytes()
    assert image.startswith(b"\xff\x00\x00\xff\x7e\xaa\x99\x7e")  # icepack's, and the sync word
    dfu = (tmp_path / "soc.dfu").read_bytes()
    assert dfu[: len(image)] == image
    suffix = dfu[len(image) :]
    assert suffix[:12] == b"\xff\xff\xf0\x5b\x09\x12\x00\x01UFD\x10"
    assert int.from_bytes(suffix[12:], "little") == zlib.crc32(dfu[:-4]) ^ 0xFFFFFFFF
    assert report.used["FF"] > 0
    assert report.packed["ICESTORM_LC"] == (report.used["LC"], 5280)
    assert report.clocks[0].wanted_hz == 12_000_000


@pytest.mark.skipif(shutil.which("dfu-suffix") is None, reason="needs dfu-suffix of dfu-util")
def test_dfu_util_takes_the_suffix(tmp_path: Path) -> None:
    built(small_soc("ulx3s", 12_000_000, "F4 E4 A1", ICE40UP5K), tmp_path)
    said = subprocess.run(
        ["dfu-suffix", "--check", tmp_path / "soc.dfu"], capture_output=True, text=True, check=True
    ).stdout
    assert "Vendor ID:\t0x1209" in said
    assert "Product ID:\t0x5BF0" in said


def test_xc7_stops_at_the_report_and_names_all_that_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.delenv("CHIPDB", raising=False)
    monkeypatch.delenv("PRJXRAY_DB_DIR", raising=False)
    if any(map(shutil.which, ("nextpnr-xilinx", "vivado"))):
        pytest.skip("this machine has the tools that this test wants to be missing")
    with pytest.raises(EnvironmentLacksError) as error:
        built(small_soc("arty", 75_000_000, "E3 A9 D10"), tmp_path)
    line = str(error.value)
    for lacking in (
        *("nextpnr-xilinx on PATH", "fasm2frames on PATH", "xc7frames2bit on PATH"),
        *("$CHIPDB", "xc7a35ticsg324.bin", "$PRJXRAY_DB_DIR", "vivado", "openXC7"),
        *("artix7/xc7a35tcsg324-1/part.yaml", "artix7/xc7a50t/tilegrid.json"),
    ):
        assert lacking in line
    assert "\n" not in line
    saved = valid(tmp_path / "report.json")
    assert saved["failure"] == line
    assert saved["resources"]["used"]["FF"] > 0
    assert saved["resources"]["left"]["LUT"] > 20_000


def test_another_release_of_a_program_is_another_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program = tmp_path / "nextpnr-xilinx"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    command = ToolCommand("place and route", "nextpnr-xilinx", ["--seed", "1"])
    before = command.identity
    assert command.identity == before
    os.utime(program, (1, 1))
    assert command.identity != before


class Named:
    """The names of a netlist: a cell's is that of its part."""

    def part(self, cell: str) -> str:
        return cell


@pytest.mark.parametrize("name", ["arty", "ulx3s", "fomu"])
def test_what_place_and_route_leaves_out_decides(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    soc = small_soc(name, board(name).clock_hz, "E3 A9 D10")
    hertz = soc.board.clock_hz
    chosen, report = flow(soc), report_of(soc)
    path = TimingPath("a (a)", "b (b)", 0.5e9 / hertz, 0.1)
    reported = (Clock("oscillator", 50e6, 90e6), Clock("sys_clk", hertz, 1.1 * hertz, path))
    monkeypatch.setattr(chosen, "routed_clocks", lambda folder, netlist: reported)
    slow = SlowPath(round(1.24e12 / hertz), 900, "CPU", "CFU")
    for left_out in (None, slow._replace(picoseconds=10)):
        monkeypatch.setattr(chosen, "left_out", lambda folder, found=left_out: found)
        assert chosen.clocks(Path(), Named()) == reported[::-1]  # type: ignore[arg-type]
    monkeypatch.setattr(chosen, "left_out", lambda folder: slow)
    report.clocks = chosen.clocks(Path(), Named())  # type: ignore[arg-type]
    system, _ = report.clocks
    assert system.reached_hz == pytest.approx(hertz / 1.24, rel=1e-4)
    assert system.path == TimingPath("CPU (CPU)", "CFU (CFU)", slow.nanoseconds, 0.9)
    line = (
        f"timing is not met: sys_clk needs {hertz / 1e6:g} MHz and reaches "
        f"{system.reached_hz / 1e6:.1f} MHz; the critical path of {slow.nanoseconds:.1f} ns goes "
        "from CPU (CPU) to CFU (CFU) (0.9 ns of it are wires)"
    )
    proven = {"arty": "60.416667", "ulx3s": "40.277778"}.get(name)
    remedy = f"; use --clock {proven}MHz or --clock auto" if proven else ""
    with pytest.raises(TimingError) as error:
        require_timing(report.clocks, soc.board)
    assert str(error.value) == line + remedy
    remark = f"place and route ignores this path and reports {1.1 * hertz / 1e6:.1f} MHz"
    assert f"<td>CPU (CPU) to CFU (CFU); {remark}</td>" in page(report)
    assert f"<dd>{system.reached_hz / 1e6:.1f}</dd>" in page(report)
    assert report.to_json()["clocks"][0]["routed_hz"] == 1.1 * hertz


@pytest.mark.parametrize("cycles", [None, 4_400_000])
def test_the_page_in_a_browser(
    cycles: int | None,
    browser: Browser,
    what_is_cut: Callable[[Page], list[str]],
    tmp_path: Path,
) -> None:
    report = replace(report_of(small_soc("fomu", 12_000_000, "F4 E4 A1")), cycles=cycles)
    report.counted = {"LUT", "FF", "BRAM"}
    parts = ("CPU", "CFU", "USB serial port", "a part with a long name", "UART", "timer", "others")
    report.used_by_part = {part: {"LUT": 2_000 >> at, "FF": 9} for at, part in enumerate(parts)}
    report.used_by_part["CPU"]["BRAM"] = 40  # more than there are
    slow = TimingPath("tags.of.some.long.register[31] (CPU)", "square (CFU)", 80.44, 10.9)
    report.clocks = (Clock("sys_clk", 12e6, 12.4e6, slow, routed_hz=13e6),)
    path = tmp_path / "report.html"
    path.write_text(page(report))
    with browser.new_page() as opened:
        opened.goto(path.as_uri())
        facts = opened.locator(".facts dd").all_inner_texts()
        clock = report.board.clock_hz
        expected = ["4,400,000", f"{4.4e9 / clock:.2f}", f"{clock / 4.4e6:.3g}"]
        assert facts == [*(expected if cycles else []), f"{report.used['LUT']:,g}", "12.4"]
        assert ("cfuforge sim --board" in opened.inner_text("#inference")) == (cycles is None)
        bars = opened.locator(".track").all()
        assert len(bars) == len(report.limits)
        for bar, (name, limit) in zip(bars, report.limits.items(), strict=True):
            box = bar.bounding_box()
            widths = [each.bounding_box() for each in bar.locator("i").all()]
            assert box
            drawn = sum(each["width"] for each in widths if each)
            share = min(report.used[name] / limit, 1)
            assert drawn == pytest.approx(share * (box["width"] - 2), abs=2)
        for width in (390, 700, 901, 1024, 1240, 1440, 1920):
            opened.set_viewport_size({"width": width, "height": 800})
            for scheme in ("light", "dark"):
                opened.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                assert what_is_cut(opened) == []
        opened.emulate_media(media="print")
        assert what_is_cut(opened) == []


def test_a_design_that_is_too_large_is_one_line(tmp_path: Path) -> None:
    soc = small_soc("ulx3s", 20_000_000, ULX3S_PINS)
    fpga = soc.board.require_fpga()
    tiny = replace(fpga, limits={"LUT": 5, "FF": 83_640, "BRAM": 208, "DSP": 156})
    soc = replace(soc, board=replace(soc.board, fpga=tiny))
    with pytest.raises(InputError, match=r"does not fit LFE5U-85F-6BG381C: it needs \d+ LUT of 5;"):
        built(soc, tmp_path)
    assert "does not fit" in (tmp_path / "report.html").read_text()


def test_logic_cells_that_were_not_counted_are_not_said_to_be_left(tmp_path: Path) -> None:
    tiny = replace(ICE40UP5K, limits={**ICE40UP5K.limits, "DSP": 0})
    with pytest.raises(InputError, match=r"it needs \d+ DSP of 0;"):
        built(small_soc("ulx3s", 12_000_000, "F4 E4 A1", tiny), tmp_path)
    resources = valid(tmp_path / "report.json")["resources"]
    assert set(resources["left"]) == {"LUT", "FF", "BRAM", "DSP", "SPRAM"}
    assert resources["left"]["DSP"] < 0
    assert "<th>LC</th>" not in (tmp_path / "report.html").read_text()


def test_the_table_in_the_readme_is_made_from_reports() -> None:
    report = report_of(small_soc("arty", 75_000_000, "E3 A9 D10"))
    report.counted = {"LUT", "FF", "BRAM", "DSP"}
    report.used_by_part = {"CPU": {"LUT": 7_777, "FF": 5_490, "BRAM": 47.5, "DSP": 12}}
    report.steps = [Step("synthesis", 61.0, False), Step("place and route", 240.0, True)]
    row = "| `arty` | 7,777 of 20,800 | 5,490 of 41,600 | 47.5 of 50 | 12 of 90 |"
    readme = renewed_builds(README.read_text(), report.to_json())
    assert f"{row} not placed here | 5 min |\n" in readme
    report.clocks = (Clock("sys_clk", 75e6, 56.2e6, routed_hz=78.7e6),)
    readme = renewed_builds(readme, report.to_json())
    assert f"{row} 56.2 of 75 MHz; 78.7 by place and route's report | 5 min |\n" in readme
    with pytest.raises(ValueError, match="0 rows of board fomu"):
        renewed_builds(readme, {**report.to_json(), "board": "fomu"})
