"""What the flows are told: pins, clocks, command lines."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from small_soc import small_soc

from cfuforge.base.errors import InputError
from cfuforge.gateware.cells import register_name
from cfuforge.gateware.constraints import lpf, pcf, xdc
from cfuforge.gateware.flow import flow
from cfuforge.gateware.memory_init import memory_words, verilog_with_memory
from cfuforge.gateware.timing import clocks_of_log
from cfuforge.gateware.xc7 import Xc7Flow
from cfuforge.soc.board import BOARDS, board
from cfuforge.soc.generate import Soc, generate
from cfuforge.sw.elf import Firmware

REAL_BOARDS = [name for name, each in BOARDS.items() if each.fpga]
PORT = re.compile(r"^    (?:input|output|inout) +(?:wire|reg) +(?:\[(\d+):0\] )? *(\w+)", re.M)


def ports(soc: Soc) -> set[str]:
    """Return each bit of the top module's ports."""
    found = set()
    for high, name in PORT.findall(soc.verilog[0].read_text()):
        found |= {f"{name}[{i}]" for i in range(int(high) + 1)} if high else {name}
    return found


@pytest.mark.parametrize("name", REAL_BOARDS)
def test_every_port_has_a_pin_of_its_own(name: str) -> None:
    soc = generate(board(name), hardware=True)
    assert {each.port for each in soc.pins} == ports(soc)
    assert len({each.pin for each in soc.pins}) == len(soc.pins)
    text = {"ecp5": lpf, "ice40": pcf, "xc7": xdc}[soc.board.require_fpga().family](soc)
    for each in soc.pins:
        assert re.search(rf"\b{each.pin}\b", text)


def test_lpf() -> None:
    lines = lpf(generate(board("ulx3s"), hardware=True)).splitlines()
    assert 'LOCATE COMP "dram_dq[15]" SITE "J17";' in lines
    assert 'IOBUF PORT "dram_dq[15]" IO_TYPE=LVCMOS33 PULLMODE=NONE DRIVE=4;' in lines
    assert 'FREQUENCY PORT "oscillator" 25 MHZ;' in lines


def test_xdc_is_what_nextpnr_xilinx_reads() -> None:
    soc = generate(board("arty"), hardware=True)
    text = xdc(soc)
    assert "set_property LOC K5 [get_ports {dram_dq[0]}]" in text
    assert "set_property IOSTANDARD DIFF_SSTL135 [get_ports {dram_dqs_p[1]}]" in text
    assert "create_clock -name oscillator -period 10.000 [get_ports oscillator]" in text
    assert not re.search(r"\{\s|\s\}", text)  # blanks in braces abort nextpnr-xilinx
    (clock,) = re.findall(r"^create_clock.*$", text, re.M)
    assert "{" not in clock  # or it is ignored without a word
    for port in re.findall(r"\[get_ports \{?([\w\[\]]+?)\}?\]$", text, re.M):
        assert port in ports(soc)


def test_xc7_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIPDB", "/chips")
    monkeypatch.setenv("PRJXRAY_DB_DIR", "/xray")
    chosen = Xc7Flow(generate(board("arty"), hardware=True))
    monkeypatch.setattr("shutil.which", lambda name: None if name == "vivado" else f"/bin/{name}")
    script = chosen.synthesise(["soc.v"]).arguments[-1].split("; ")
    assert script[-1] == "write_json soc.json"
    assert "delete t:$scopeinfo" in script[script.index(
        "synth_xilinx -family xc7 -flatten -abc9 -top soc") :]  # fmt: skip
    assert "setattr -set keep 1 soc/w:sys_clk" in script
    route, frames, pack = chosen.layout()
    assert (route.tool, frames.tool, pack.tool) == (
        "nextpnr-xilinx", "fasm2frames", "xc7frames2bit",
    )  # fmt: skip
    assert " ".join(route.arguments) == (
        "--chipdb /chips/xc7a35ticsg324.bin --xdc soc.xdc --json soc.json --fasm soc.fasm "
        "--freq 75 --timing-allow-fail --router router1 "
        "--seed 1 --sdf delays.sdf --write placed.json"
    )
    assert " ".join(frames.arguments) == (
        "--part xc7a35tcsg324-1 --db-root /xray/artix7 soc.fasm soc.frames"
    )
    assert " ".join(pack.arguments) == (
        "--part_file /xray/artix7/xc7a35tcsg324-1/part.yaml --part_name xc7a35tcsg324-1 "
        "--frm_file soc.frames --output_file soc.bit"
    )
    assert set(chosen.files()) == {"soc.xdc"}


def test_one_missing_file_is_the_only_one_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None if name == "vivado" else f"/bin/{name}")
    monkeypatch.setenv("CHIPDB", str(tmp_path))
    monkeypatch.setenv("PRJXRAY_DB_DIR", str(tmp_path))
    (tmp_path / "xc7a35ticsg324.bin").touch()
    part = tmp_path / "artix7" / "xc7a35tcsg324-1"
    part.mkdir(parents=True)
    for name in ("part.yaml", "part.json", "package_pins.csv"):
        (part / name).touch()
    chosen = Xc7Flow(small_soc("arty", 75_000_000, "E3 A9 D10"))
    grid = tmp_path / "artix7" / "xc7a50t" / "tilegrid.json"
    assert chosen.missing() == [str(grid)]
    grid.parent.mkdir()
    grid.touch()
    assert chosen.missing() == []


def test_vivado_takes_the_place_of_the_open_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: "/bin/vivado" if name == "vivado" else None)
    chosen = Xc7Flow(small_soc("arty", 100_000_000, "E3 A9 D10"))
    assert chosen.missing() == []
    (command,) = chosen.layout()
    assert command.tool == "vivado"
    assert command.arguments[-1] in chosen.files()
    assert "xc7a35ticsg324-1L" in chosen.files()["vivado.tcl"]


def test_the_last_estimate_of_a_log_counts() -> None:
    log = """\
Info: Max frequency for clock 'clkout_buf': 99.00 MHz (PASS at 75.00 MHz)
Info: Critical path report for clock 'clkout_buf' (posedge -> posedge):
Info: curr total
Info:  0.5  0.5  Source VexRiscv.decode_to_execute_PC_FDRE_Q_3.Q
Info:  1.5  2.0    Net VexRiscv.x budget 9.0 ns (1,2) -> (3,4)
Info:                Sink Cfu.cfu.acc_LUT5_O.A1
Info:  0.1  2.1  Source Cfu.cfu.acc_LUT5_O.O6
Info:  0.9  3.0    Net y budget 9.0 ns (1,2) -> (3,4)
Info:                Sink Cfu.cfu.total_FDRE_Q_7.D
Info:  0.1  3.1  Setup Cfu.cfu.total_FDRE_Q_7.D
Info: 0.6 ns logic, 2.4 ns routing
Info: Max frequency for clock 'clkout_buf': 61.00 MHz (FAIL at 75.00 MHz)
Info: Max frequency for clock 'sys4x': 322.00 MHz (PASS at 75.00 MHz)
"""

    class Names:
        @staticmethod
        def same_net(one: str, other: str) -> bool:
            return {one, other} == {"sys_clk", "clkout_buf"} or one == other

        @staticmethod
        def part(cell: str) -> str:
            return "CFU" if cell.startswith("Cfu.") else "CPU"

    system, fast = clocks_of_log(log, {"sys_clk": 75_000_000, "sys4x": 300_000_000}, Names())  # type: ignore[arg-type]
    assert (system.net, system.reached_hz, system.is_met) == ("sys_clk", 61e6, False)
    assert system.path
    assert system.path.start == "VexRiscv.decode_to_execute_PC (CPU)"
    assert system.path.end == "Cfu.cfu.total (CFU)"
    assert (system.path.nanoseconds, system.path.routing_nanoseconds) == (3.1, 2.4)
    assert (fast.wanted_hz, fast.is_met) == (300_000_000, True)


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("Cfu.cfu.acc_TRELLIS_FF_Q_3", "Cfu.cfu.acc"),
        ("tag_mem.0.0", "tag_mem"),
        ("tag_mem.0.0_DOB2_LUT4_Z_D_LUT4_Z", "tag_mem"),
        ("data_mem.0.0_DIBDI_11_LUT3_O", "data_mem"),
        ("count_CCU2C_S0$CCU2_COMB1", "count"),
        ("serial_rx$tr_io", "serial_rx"),
        ("$abc$17$auto", "$abc$17$auto"),
    ],
)
def test_register_names(cell: str, name: str) -> None:
    assert register_name(cell) == name


@pytest.mark.parametrize(
    ("port", "expected"),
    [
        (0, ["00000013", "00000201", "00000000", "00000000", "000000ff"]),
        (8, ["0000020100000013", "0000000000000000", "00000000000000ff"]),
    ],
)
def test_the_firmware_is_in_the_block_ram(port: int, expected: list[str]) -> None:
    soc = generate(board("arty"), hardware=True, port=port)

    class Elf(Firmware):
        def __init__(self) -> None:
            self.segments = [(0x1000_0000, b"\x13\x00\x00\x00\x01\x02"), (0x1000_0010, b"\xff")]

    words = memory_words(soc, Elf()).split()
    assert len(words) == soc.memories["sram"][1] // (port or 4)
    assert words[: len(expected)] == expected
    verilog = verilog_with_memory(soc)
    assert '$readmemh("firmware.init", sram);' in verilog
    assert ("(* no_rw_check *) reg [63:0] sram" in verilog) == bool(port)
    elf = Elf()
    elf.segments = [(0x4000_0000, b"1234")]
    with pytest.raises(InputError, match="4 bytes at 0x40000000, not in sram"):
        memory_words(soc, elf)


def test_unknown_parts_are_named() -> None:
    soc = small_soc("ulx3s", 1, "G2 M1 L4")
    wrong = replace(soc.board.require_fpga(), part="LFE5U-85F")
    with pytest.raises(InputError, match=r"LFE5U-85F-6BG381C, not 'LFE5U-85F'$"):
        flow(replace(soc, board=replace(soc.board, fpga=wrong))).layout()
