"""Which SoC a CFU with a memory port gets, and that others keep theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cfuforge.base.errors import InputError
from cfuforge.soc.board import BOARDS, board
from cfuforge.soc.generate import generate


def test_only_a_cfu_with_a_port_gets_one() -> None:
    plain, wide = generate(board("sim")), generate(board("sim"), port=8)
    texts = [each.verilog[0].read_text() for each in (plain, wide)]
    assert "memory_request" not in texts[0]
    assert "reg [31:0] main_ram[0:4194303];" in texts[0]
    assert "memory_request_address" in texts[1]
    assert "reg [63:0] main_ram[0:2097151];" in texts[1]
    assert plain.verilog[1].read_text() == wide.verilog[1].read_text()  # the CPU
    assert plain.header == wide.header
    assert plain.regions == wide.regions


def test_a_narrower_port() -> None:
    narrow = generate(board("sim"), port=4)
    assert "reg [31:0] main_ram[0:4194303];" in narrow.verilog[0].read_text()
    assert narrow.port == 4


@pytest.mark.parametrize("name", [each for each in BOARDS if BOARDS[each].memory_port])
def test_a_port_that_is_not_used_leaves_the_soc_as_it_is(name: str) -> None:
    given = board(name)
    for hardware in (False, True) if given.fpga else (False,):
        soc, bare = (generate(each, hardware) for each in (given, replace(given, memory_port=None)))
        assert soc.verilog[0].read_text() == bare.verilog[0].read_text()
        assert (soc.memories, soc.regions) == (bare.memories, bare.regions)


@pytest.mark.parametrize("name", ["arty", "ulx3s"])
def test_a_board_with_dram(name: str) -> None:
    """The port reaches both memories, and no cache holds back what the CPU writes to the DRAM."""
    plain, ported = generate(board(name)), generate(board(name), port=8)
    port = board(name).memory_port
    assert port
    texts = [each.verilog[0].read_text() for each in (plain, ported)]
    assert ["tag_mem" in text for text in texts] == [True, False]
    assert f"reg [63:0] sram[0:{port.sram_bytes // 8 - 1}];" in texts[1]
    assert ported.memories["main_ram"] == plain.memories["main_ram"]
    assert ported.memories["sram"] == (plain.memories["sram"][0], port.sram_bytes)
    assert ported.reached == [range(at, at + size) for at, size in ported.memories.values()]
    assert ported.registers == plain.registers


def test_a_board_with_flash() -> None:
    """The port reaches SPRAM and flash."""
    plain, ported = generate(board("fomu")), generate(board("fomu"), port=4)
    spans = [ported.memories[name] for name in ("main_ram", "flash")]
    assert ported.reached == [range(at, at + size) for at, size in spans]
    assert (ported.memories, ported.registers) == (plain.memories, plain.registers)
    assert (ported.header, ported.regions) == (plain.header, plain.regions)
    real = generate(board("fomu"), hardware=True, port=4).verilog[0].read_text()
    assert real.count("SB_SPRAM256KA ") == 4
    assert "main_ram[0:" not in real


def test_a_port_that_is_too_narrow() -> None:
    with pytest.raises(InputError, match="16 bytes, and board sim has one of 8; make the CFU use"):
        generate(board("sim"), port=16)
    with pytest.raises(
        InputError,
        match=r"the CFU needs a memory port of 8 bytes, and board fomu has one of 4; use board sim "
        r"or arty or arty100 or ulx3s, or a CFU with a narrower one, such as engine:target=up5k$",
    ):
        generate(board("fomu"), port=8)
    none = replace(board("sim"), memory_port=None)
    with pytest.raises(InputError, match="4 bytes, and board sim has none"):
        generate(none, port=4)
