"""CFUs after synthesis: they answer what the RTL answers, and a wrong cell is noticed."""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

import pytest

from cfuforge import simulate
from cfuforge.base.errors import InputError
from cfuforge.cfu.commands import Command, random_program
from cfuforge.cfu.design import Design
from cfuforge.gateware.families import ALONE
from cfuforge.gateware.netlist import synthesise_cfu
from cfuforge.sim.cfu_model import CfuModel

LUT = {"ice40": r"SB_LUT4 #\(\s*\.LUT_INIT\(", "xc7": r"LUT5 #\(\s*\.INIT\("}
TABLE = """
module Cfu(input cmd_valid, output cmd_ready, input [9:0] cmd_payload_function_id,
           input [31:0] cmd_payload_inputs_0, input [31:0] cmd_payload_inputs_1,
           output reg rsp_valid, input rsp_ready, output reg [31:0] rsp_payload_outputs_0,
           input clk, input reset);
  reg [31:0] words [0:511];
  assign cmd_ready = ~rsp_valid | rsp_ready;
  always @(posedge clk) begin
    if (cmd_ready) rsp_valid <= cmd_valid;
    if (cmd_valid & cmd_ready) begin
      rsp_payload_outputs_0 <= words[cmd_payload_inputs_0[8:0]];
      if (cmd_payload_function_id[0]) words[cmd_payload_inputs_0[8:0]] <= cmd_payload_inputs_1;
    end
    if (reset) rsp_valid <= 0;
  end
endmodule
"""


@pytest.fixture
def zoo() -> Design:
    """The CFU of the library's own tests that has instructions of every kind."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "cfu"))
    from sample_cfus import Zoo

    return Design(Zoo)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A CFU with a memory that goes to block RAM."""
    path = tmp_path / "table.v"
    path.write_text(TABLE)
    return path


@pytest.mark.parametrize(
    "family",
    [pytest.param(family, marks=() if family == "ice40" else pytest.mark.long) for family in ALONE],
)
@pytest.mark.more
def test_a_netlist_answers_and_a_wrong_cell_is_noticed(
    family: str, zoo: Design, tmp_path: Path
) -> None:
    netlist = synthesise_cfu(zoo.verilog_file(), family)
    commands = random_program(zoo.instructions, 5_000, 1)
    expected = zoo.cfu().reference().run(commands)
    assert CfuModel(netlist).run(commands, 1) == expected

    text = netlist.read_text()
    lut = re.search(LUT[family], text)
    assert lut
    wrong = tmp_path / "wrong.v"
    wrong.write_text(f"{text[: lut.end()]}~{text[lut.end() :]}")
    assert CfuModel(wrong).run(commands, 1) != expected


@pytest.mark.long
def test_the_folded_simd_mac_on_multipliers_and_block_ram() -> None:
    design = Design.load("simd_mac:folded=1")
    netlist = synthesise_cfu(design.verilog_file(), "ice40")
    text = netlist.read_text()
    assert (text.count(" SB_MAC16 #"), text.count(" SB_RAM40_4K #")) == (3, 9)
    commands = random_program(design.instructions, 5_000, 1)
    assert CfuModel(netlist).run(commands, 1) == design.cfu().reference().run(commands)


@pytest.mark.more
@pytest.mark.parametrize(("family", "cell"), [("ice40", "SB_RAM40_4K"), ("xc7", "RAMB18E1")])
def test_block_ram(family: str, cell: str, table: Path) -> None:
    rng = random.Random(1)
    store = [Command(1, place, rng.getrandbits(32)) for place in range(512)]
    mixed = [Command(rng.randrange(2), rng.randrange(512), rng.getrandbits(32)) for _ in store * 4]
    netlist = synthesise_cfu(table, family)
    assert f" {cell} #" in netlist.read_text()
    words = {command.rs1: command.rs2 for command in store}
    expected = []
    for command in mixed:
        expected.append(words[command.rs1])
        if command.function_id:
            words[command.rs1] = command.rs2
    assert CfuModel(netlist).run(store + mixed, 1)[512:] == expected


def test_what_cannot_be_simulated_is_refused(table: Path) -> None:
    with pytest.raises(InputError, match="a netlist must be for ice40 or xc7, not 'ecp5'"):
        synthesise_cfu(table, "ecp5")


@pytest.mark.long
@pytest.mark.parametrize("cfu", ["simd_mac", "engine"])
@pytest.mark.parametrize("family", ALONE)
def test_keyword_spotting_takes_the_same_cycles(family: str, cfu: str) -> None:
    rtl = simulate(cfu=cfu).cfu
    comparison = simulate(cfu=cfu, after_synthesis=family)
    netlist = comparison.cfu
    assert rtl
    assert netlist
    assert comparison.exact
    assert (rtl.soc.get("netlist"), netlist.soc["netlist"]) == (None, family)
    assert netlist.outputs == rtl.outputs
    assert netlist.cycles == rtl.cycles
    assert netlist.layers == rtl.layers
    assert netlist.simulated_cycles == rtl.simulated_cycles
