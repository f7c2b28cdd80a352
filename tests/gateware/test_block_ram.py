"""Models of Xilinx's block RAM: memories of all kinds, as RTL and as yosys maps them."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from cfuforge.cfu.commands import Command
from cfuforge.gateware.netlist import synthesise_cfu
from cfuforge.sim.cfu_model import CfuModel

KINDS = ("read first", "write first", "no change", "cleared", "apart", "both", "strobed")
SHAPES = [
    *[(kind, width, 2048, width) for kind in KINDS[:-1] for width in (9, 16)],
    *[("both", width, depth, width) for width, depth in ((1, 16384), (2, 8192), (4, 4096))],
    *[("apart", 36, 512, 36), ("apart", 72, 512, 72), ("cleared", 72, 512, 72)],
    ("both", 1, 65536, 1),
    *[("strobed", width, 512, lane) for width, lane in ((32, 8), (36, 9), (64, 8), (72, 9))],
]  # kind, width, depth, width of a lane

# A command gives two addresses, what is done at each, and data; the answer is what is read at both.
MEMORY = """
module Memory #(parameter KIND = "", WIDTH = 8, DEPTH = 512, LANE = 8) (
    input clk, go, write_a, write_b, clear, input [15:0] address_a, address_b, input [31:0] given,
    output [31:0] answer);
  (* ram_style = "block" *) reg [WIDTH-1:0] words [0:DEPTH-1];
  integer n;
  initial for (n = 0; n < DEPTH && n < 512; n = n + 1) words[n] = {3{n * 32'h9E3779B1}};
  wire [$clog2(DEPTH)-1:0] a = address_a, b = address_b;
  wire [WIDTH-1:0] data = {3{given ^ {given, 7'd0}}};
  reg [WIDTH-1:0] left, right;
  initial left = {3{32'h13579BDF}};
  initial right = 0;
  integer i;
  generate
    if (KIND == "read first") always @(posedge clk) if (go) begin
      if (write_a) words[a] <= data;
      left <= words[a];
    end
    if (KIND == "write first") always @(posedge clk) if (go) begin
      if (write_a) words[a] <= data;
      left <= write_a ? data : words[a];
    end
    if (KIND == "no change") always @(posedge clk) if (go) begin
      if (write_a) words[a] <= data;
      else left <= words[a];
    end
    if (KIND == "cleared") always @(posedge clk) if (go) begin
      if (write_a) words[a] <= data;
      left <= clear ? {3{32'h2468ACE1}} : words[b];
    end
    if (KIND == "apart") always @(posedge clk) if (go) begin
      if (write_a) words[a] <= data;
      left <= words[b];
    end
    if (KIND == "both") begin
      always @(posedge clk) if (go) begin
        if (write_a) words[a] <= data;
        left <= words[a];
      end
      always @(posedge clk) if (go) begin
        if (write_b & b != a) words[b] <= ~data;
        right <= words[b];
      end
    end
    if (KIND == "strobed") always @(posedge clk) if (go) begin
      for (i = 0; i < WIDTH / LANE; i = i + 1)
        if (write_a & given[i]) words[a][LANE*i+:LANE] <= data[LANE*i+:LANE];
      left <= words[b];
    end
  endgenerate
  wire [127:0] both = {left, 5'd0} ^ right;
  assign answer = both[31:0] ^ both[63:32] ^ both[95:64] ^ both[127:96];
endmodule
"""
CFU = """
module Cfu(input cmd_valid, output cmd_ready, input [9:0] cmd_payload_function_id,
           input [31:0] cmd_payload_inputs_0, input [31:0] cmd_payload_inputs_1,
           output rsp_valid, input rsp_ready, output [31:0] rsp_payload_outputs_0,
           input clk, input reset);
  reg pending;
  reg [4:0] chosen;
  assign cmd_ready = ~pending | rsp_ready, rsp_valid = pending;
  wire go = cmd_valid & cmd_ready;
  always @(posedge clk) begin
    pending <= ~reset & (go | (pending & ~rsp_ready));
    if (go) chosen <= cmd_payload_function_id[9:5];
  end
  wire [31:0] answers [0:31];
  assign rsp_payload_outputs_0 = answers[chosen];
"""
INSTANCE = """
  Memory #(.KIND("{}"), .WIDTH({}), .DEPTH({}), .LANE({})) memory_{number}(
      .clk(clk), .go(go),
      .write_a(cmd_payload_function_id[0]), .write_b(cmd_payload_function_id[1]),
      .clear(&cmd_payload_function_id[4:2]), .address_a(cmd_payload_inputs_0[15:0]),
      .address_b(cmd_payload_inputs_0[31:16]), .given(cmd_payload_inputs_1),
      .answer(answers[{number}]));
"""


def program() -> list[Command]:
    """Commands most of whose addresses are few, so that they meet."""
    rng = random.Random(1)

    def address() -> int:
        return rng.choice((rng.randrange(8), rng.randrange(8) << 13, rng.getrandbits(16)))

    return [
        Command(
            rng.getrandbits(5) | rng.randrange(len(SHAPES)) << 5,
            address() << 16 | address(),
            rng.getrandbits(32),
        )
        for _ in range(60_000)
    ]


@pytest.mark.more
def test_memories_in_block_ram(tmp_path: Path) -> None:
    rtl = tmp_path / "cfu.v"
    instances = [INSTANCE.format(*shape, number=number) for number, shape in enumerate(SHAPES)]
    rtl.write_text("".join([MEMORY, CFU, *instances, "endmodule\n"]))
    netlist = synthesise_cfu(rtl, "xc7")
    cells = re.findall(r"^ *(RAMB(?:18|36)E1) #", netlist.read_text(), re.MULTILINE)
    assert len(cells) >= len(SHAPES)
    commands = program()
    expected, got = CfuModel(rtl).run(commands, 1), CfuModel(netlist).run(commands, 1)
    wrong = {
        SHAPES[c.function_id >> 5]
        for c, e, g in zip(commands, expected, got, strict=True)
        if e != g
    }
    assert not wrong
    assert len(set(expected)) > len(commands) // 2


COLLIDING = """
  reg pending;
  assign cmd_ready = ~pending | rsp_ready, rsp_valid = pending;
  wire go = cmd_valid & cmd_ready;
  always @(posedge clk) pending <= ~reset & (go | (pending & ~rsp_ready));
  assign rsp_payload_outputs_0[31:16] = 0;
  RAMB18E1 #(.WRITE_WIDTH_A(18), .READ_WIDTH_B(18), .WRITE_MODE_A("{}")) ram (
      .CLKARDCLK(clk), .CLKBWRCLK(clk), .ENARDEN(go), .ENBWREN(go), .RSTRAMARSTRAM(1'b0),
      .RSTRAMB(1'b0), .ADDRARDADDR({{cmd_payload_inputs_0[9:0], 4'b0}}),
      .ADDRBWRADDR({{cmd_payload_inputs_0[25:16], 4'b0}}), .DIADI(cmd_payload_inputs_1[15:0]),
      .DIPADIP(2'b0), .DIBDI(16'b0), .DIPBDIP(2'b0), .WEA(2'b11), .WEBWE(4'b0),
      .DOBDO(rsp_payload_outputs_0[15:0]));
endmodule
"""


@pytest.mark.more
@pytest.mark.parametrize("mode", ["READ_FIRST", "WRITE_FIRST", "NO_CHANGE"])
def test_what_is_read_while_the_other_port_writes_it_is_no_value_of_use(
    mode: str, tmp_path: Path
) -> None:
    cfu = tmp_path / "cfu.v"
    ports = CFU[: CFU.index("  reg pending")]
    cfu.write_text(ports + COLLIDING.format(mode))
    netlist = synthesise_cfu(cfu, "xc7")
    commands = [Command(0, 5, 0x1234), Command(0, 5 << 16 | 6, 0), Command(0, 5 << 16 | 5, 0xFFFF)]
    kept = 0x1234 if mode == "READ_FIRST" else 0xEDCB
    assert CfuModel(netlist).run(commands, 1) == [0, 0x1234, kept]
