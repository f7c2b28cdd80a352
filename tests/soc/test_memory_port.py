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


@pytest.mark.parametrize("name", [each for each in BOARDS if not BOARDS[each].memory_port])
def test_a_board_without_a_port(name: str) -> None:
    for hardware in (False, True):
        with pytest.raises(
            InputError,
            match=rf"the CFU needs a memory port of 8 bytes, and board {name} has none; use "
            r"board sim$",
        ):
            generate(board(name), hardware, port=8)


def test_a_port_that_is_too_narrow() -> None:
    with pytest.raises(InputError, match="16 bytes, and board sim has one of 8; make the CFU use"):
        generate(board("sim"), port=16)
    none = replace(board("sim"), memory_port=None)
    with pytest.raises(InputError, match="4 bytes, and board sim has none"):
        generate(none, port=4)
