"""Multipliers of an ECP5 with the registers around them: the same function, fewer flip-flops."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cfuforge.base.yowasp import run_yowasp
from cfuforge.gateware.ecp5_registers import move_registers

DESIGN = """\
module top(input clk, input reset, input enable, input signed [4:0] a, input signed [4:0] b,
           input [4:0] c, output reg signed [9:0] product = 0, output reg signed [10:0] total = 0,
           output reg [9:0] square = 0, output reg signed [4:0] late = 0);
  reg signed [4:0] x = 0, y = 0, z = 0;
  reg [4:0] held = 0;
  wire signed [9:0] summed = x * z;
  always @(posedge clk) begin
    x <= a;
    y <= b ^ a;
    z <= b;
    late <= y;
    product <= x * y;
    total <= summed + total;
    if (enable) held <= c;
    square <= held * held;
    if (reset) {x, y, z, late, product, total, square} <= 0;
  end
endmodule
"""
EXPECTED = {"product": ("CLK0", "CLK0"), "total": ("CLK0", None), "square": (None, "CLK0")}
MULTIPLIER = """\
module MULT18X18D({ports}, input SIGNEDA, SIGNEDB, SOURCEA, SOURCEB, CLK0, CE0, RST0);
  parameter REG_INPUTA_CLK = "NONE";
  parameter REG_INPUTB_CLK = "NONE";
  parameter REG_OUTPUT_CLK = "NONE";
  wire [17:0] a = {{{a}}}, b = {{{b}}};
  reg [17:0] a_late = 0, b_late = 0;
  reg [35:0] p_late = 0;
  wire [17:0] x = REG_INPUTA_CLK == "CLK0" ? a_late : a, y = REG_INPUTB_CLK == "CLK0" ? b_late : b;
  wire signed [18:0] x_wide = {{SIGNEDA & x[17], x}}, y_wide = {{SIGNEDB & y[17], y}};
  wire [35:0] p = x_wide * y_wide;
  assign {{{p}}} = REG_OUTPUT_CLK == "CLK0" ? p_late : p;
  always @(posedge CLK0) begin
    a_late <= RST0 ? 0 : a; b_late <= RST0 ? 0 : b; p_late <= RST0 ? 0 : p;
  end
endmodule
"""


def names(letter: str, count: int) -> str:
    return ", ".join(f"{letter}{i}" for i in reversed(range(count)))


def model() -> str:
    """Return a multiplier as Lattice describes it, with the registers that are moved."""
    a, b, p = names("A", 18), names("B", 18), names("P", 36)
    return MULTIPLIER.format(ports=f"input {a}, {b}, output {p}", a=a, b=b, p=p)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registers")
    (folder / "top.v").write_text(DESIGN, encoding="utf-8")
    (folder / "multiplier.v").write_text(model(), encoding="utf-8")
    script = "read_verilog top.v; synth_ecp5 -top top -json top.json"
    run_yowasp(folder, "yosys", ["-q", "-p", script])
    move_registers(folder / "top.json", "top")
    return folder


def test_what_has_no_clock_enable_moves(folder: Path) -> None:
    cells = json.loads((folder / "top.json").read_text())["modules"]["top"]["cells"]
    multipliers = [c["parameters"] for c in cells.values() if c["type"] == "MULT18X18D"]
    sides = [(c.get("REG_INPUTA_CLK"), c.get("REG_OUTPUT_CLK")) for c in multipliers]
    assert sorted(sides, key=str) == sorted(EXPECTED.values(), key=str)
    left = sum(cell["type"] == "TRELLIS_FF" for cell in cells.values())
    assert left == 5 + 5 + 5 + 11  # y, which `late` reads, too; late; held; total


def test_the_function_stays(folder: Path) -> None:
    script = """
        read_verilog top.v; prep -top top; rename top gold; design -stash gold
        read_json top.json; delete =* top %d
        read_verilog -overwrite +/ecp5/cells_sim.v multiplier.v
        hierarchy -top top; proc; flatten -wb; opt_clean; rename top gate; design -stash gate
        design -copy-from gold gold; design -copy-from gate gate
        miter -equiv -flatten -make_assert gold gate both; hierarchy -top both; opt
        sat -verify -tempinduct -maxsteps 8 -prove-asserts -set-init-zero both
    """
    (folder / "prove.ys").write_text(script, encoding="utf-8")
    text, _ = run_yowasp(folder, "yosys", ["prove.ys"])
    assert "Induction step proven: SUCCESS!" in text
