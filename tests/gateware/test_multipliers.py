"""Paths through multipliers without registers: what nextpnr-ice40 leaves out of its estimate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from small_soc import small_soc

from cfuforge.base.cache import cache_dir
from cfuforge.gateware.cells import Netlist
from cfuforge.gateware.flow import NETLIST, Flow, flow
from cfuforge.gateware.ice40 import DELAYS
from cfuforge.gateware.multipliers import FROM_FACTORS, FROM_REST, MULTIPLIER, slowest_path
from cfuforge.soc.fpga import ICE40UP5K

PRODUCT = """\
module soc(input oscillator, input serial_rx, output reg serial_tx);
  wire sys_clk = oscillator;
  (* keep *) reg [15:0] taps = 0;
  (* keep *) wire [31:0] product = taps * taps;
  reg [31:0] square = 0;
  always @(posedge sys_clk) begin
    taps <= {taps[14:0], serial_rx};
    square <= product ^ {square[30:0], serial_rx};
    serial_tx <= ^square;
  end
endmodule
"""


@pytest.fixture(scope="module")
def placed() -> Iterator[tuple[Flow, Path]]:
    chosen = flow(small_soc("ulx3s", 12_000_000, "F4 E4 A1", ICE40UP5K))
    with TemporaryDirectory(dir=cache_dir()) as name:  # YoWASP's tools do not see /tmp
        folder = Path(name)
        for file, text in {**chosen.files(), **chosen.family.files(), "soc.v": PRODUCT}.items():
            (folder / file).write_text(text)
        for command in (chosen.synthesise(["soc.v"]), *chosen.layout()):
            command.run(folder)
        yield chosen, folder


def test_all_paths_are_as_slow_as_nextpnr_says(placed: tuple[Flow, Path]) -> None:
    _, folder = placed
    report = json.loads((folder / "timing.json").read_text())
    sums = [
        sum(step["delay"] for step in path["path"])
        for path in report["critical_paths"]
        if "async" not in path["from"] + path["to"]
    ]
    assert len(sums) == 3  # also into the multiplier and out of it, which counts for no clock
    text = (folder / DELAYS).read_text().replace(MULTIPLIER, "ICESTORM_RAM")
    slowest = slowest_path(text, "")
    assert slowest
    assert slowest.nanoseconds == pytest.approx(max(sums), abs=0.002)


def test_the_clock_waits_for_the_multiplier(placed: tuple[Flow, Path]) -> None:
    chosen, folder = placed
    report = json.loads((folder / "timing.json").read_text())
    (clock,) = chosen.clocks(folder, Netlist(folder / NETLIST, chosen.soc))
    assert clock.net == "sys_clk"
    assert clock.path
    assert (clock.path.start, clock.path.end) == ("taps (UART)", "square (CFU)")
    assert clock.path.nanoseconds == pytest.approx(1e9 / clock.reached_hz)
    pieces = [
        sum(step["delay"] for step in path["path"])
        for path in report["critical_paths"]
        if "GND" in path["from"] + path["to"]
    ]
    assert clock.path.nanoseconds <= sum(pieces) + FROM_FACTORS / 1000
    assert clock.path.nanoseconds > FROM_FACTORS / 1000 + min(pieces)
    assert clock.reached_hz < 1e6 * max(entry["achieved"] for entry in report["fmax"].values())


def sdf(*multipliers: str) -> str:
    """Return the delays of a flip-flop, multipliers one after the other, and a flip-flop."""
    wires = [
        ("a", "O", f"{multipliers[0]}/A_0", 1_000),
        *((one, "O_0", f"{other}/C_0", 200) for one, other in pairwise(multipliers)),
        (multipliers[-1], "O_0", "b/I0", 3_000),
        *(("clk", "O", f"{cell}/CLK", 9) for cell in ("a", "b")),
        *(("\\$gbuf_\\$PACKER_GND_NET_\\$glb_clk", "O", f"{cell}/CLK", 9) for cell in multipliers),
    ]
    text = "".join(f"(INTERCONNECT {c}/{o} {to} ({d}:{d}:{d}) (0:0:0))\n" for c, o, to, d in wires)
    for cell in ("a", "b"):
        text += f'(CELLTYPE "ICESTORM_LC")\n(INSTANCE {cell})\n(IOPATH CLK O (500:500:500) (1:1:1))'
        text += "(SETUPHOLD (posedge I0) (posedge CLK) (70:70:70) (0:0:0))\n"
    for cell in multipliers:
        text += f'(CELLTYPE "{MULTIPLIER}")\n(INSTANCE {cell})\n'
        text += "(IOPATH CLK O_0 (100:100:100) (100:100:100))\n"
        for port in ("A_0", "C_0"):
            text += f"(SETUPHOLD (posedge {port}) (posedge CLK) (100:100:100) (0:0:0))\n"
    return text


def test_a_sum_of_products_goes_through_several() -> None:
    one = slowest_path(sdf("m"))
    assert one
    assert one == (500 + 1_000 + FROM_FACTORS + 3_000 + 70, 4_000, "a", "b")
    two = slowest_path(sdf("m", "n\\$1"))
    assert two == (one.picoseconds + 200 + FROM_REST, 4_200, "a", "b")


def test_a_multiplier_with_a_clock_is_slow_on_both_sides() -> None:
    text = sdf("m").replace("\\$gbuf_\\$PACKER_GND_NET_\\$glb_clk", "clk")
    into, out = 500 + 1_000 + FROM_FACTORS, FROM_FACTORS + 3_000 + 70
    assert slowest_path(text) == (max(into, out), 3_000, "m", "b")
    assert slowest_path(text.replace("(3000:", "(0:")) == (into, 1_000, "a", "m")


def test_no_multiplier_is_no_path() -> None:
    assert slowest_path(sdf("m").replace(MULTIPLIER, "ICESTORM_RAM")) is None
