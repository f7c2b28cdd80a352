"""What the device takes on the iCE40UP5K: cells by yosys, LCs and timing by nextpnr."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cfuforge.cfu.verilog import component_to_verilog
from cfuforge.soc.usb.usb_serial import UsbSerial

FOLDER = Path(__file__).parents[3] / "build" / "usb-area"  # the YoWASP tools do not see /tmp
MOST_LC, BLOCK_RAMS, USB_HZ = 270, 3, 48e6


@pytest.fixture(scope="module")
def netlist() -> Path:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    device = UsbSerial(0x1209, 0x5BF0, "CFU Forge", "CFU Forge serial")
    (FOLDER / "usb.v").write_text(component_to_verilog(device, "UsbSerial", ("sync", "usb")))
    script = "read_verilog usb.v; synth_ice40 -top UsbSerial -json usb.json; tee -q -o stat stat"
    run_tool("yosys", "run_yosys", ["-q", "-p", f"{script} -json"])
    return FOLDER


def run_tool(name: str, function: str, arguments: list[str]) -> None:
    module = f"yowasp_{name}"
    code = f"import sys, {module}; sys.exit({module}.{function}(sys.argv[1:]))"
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_ports_for_litex(netlist: Path) -> None:
    text = (netlist / "usb.v").read_text()
    header = text[text.index("module UsbSerial(") :].split(";")[0]
    ports = {name.strip() for name in header.split("(")[1].rstrip(")").split(",")}
    assert ports == {
        *("clk", "rst", "usb_clk", "usb_rst"),
        *("rx__payload", "rx__valid", "rx__ready", "tx__payload", "tx__valid", "tx__ready"),
        *("usb_d_p_i", "usb_d_n_i", "usb_d_p_o", "usb_d_n_o", "usb_d_oe", "usb_pullup"),
    }


def test_cells(netlist: Path) -> None:
    cells = json.loads((netlist / "stat").read_text())["design"]["num_cells_by_type"]
    flip_flops = sum(count for cell, count in cells.items() if cell.startswith("SB_DFF"))
    assert cells["SB_RAM40_4K"] == BLOCK_RAMS
    assert 0 < cells["SB_LUT4"] < MOST_LC
    assert 0 < flip_flops < MOST_LC


def test_packs_and_meets_48_mhz(netlist: Path) -> None:
    part = ["--up5k", "--package", "sg48", "--json", "usb.json", "--freq", "48"]
    run_tool("nextpnr_ice40", "run_nextpnr_ice40", ["-q", *part, "--report", "report"])
    report = json.loads((netlist / "report").read_text())
    used = {name: count["used"] for name, count in report["utilization"].items()}
    clocks = {name: clock["achieved"] for name, clock in report["fmax"].items()}
    print(used, clocks)
    assert used["ICESTORM_LC"] <= MOST_LC
    assert used["ICESTORM_RAM"] == BLOCK_RAMS
    assert len(clocks) == 2
    assert min(clocks.values()) * 1e6 >= USB_HZ
