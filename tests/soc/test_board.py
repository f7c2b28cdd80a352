"""What a board's entry needs elsewhere, which nothing else would notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from cfuforge.soc.board import BOARDS, Board

FIRMWARE = Path(__file__).parents[2] / "sw" / "firmware" / "flash.cc"


@pytest.mark.parametrize("board", [b for b in BOARDS.values() if b.flash], ids=lambda b: b.name)
def test_a_board_that_starts_from_flash(board: Board) -> None:
    flash = board.flash
    assert flash
    number = "2" if flash.quad_register else ""
    line = (
        f"{{0x{flash.identity >> 16:02X}, kReadStatus{number}, kWriteStatus{number}, "
        f"0x{1 << flash.quad_bit:02X}}}"
    )
    assert line in FIRMWARE.read_text(), "the firmware would read this flash on one line"
    assert board.dfu, "only a DFU image contains the firmware (gateware/build.py)"


@pytest.mark.parametrize(
    "board",
    [b for b in BOARDS.values() if b.fpga and b.fpga.family == "ice40"],
    ids=lambda b: b.name,
)
def test_clocks_of_an_ice40(board: Board) -> None:
    clocks = (48_000_000 // ratio for ratio in (2, 4, 8, 16))
    known = (
        board.oscillator_hz == 48_000_000
        and board.clock_hz in clocks
        and any(pads.name == "usb" for pads in board.pads)
    )
    assert known, "Ice40Clocks (soc/litex/hardware.py) makes no such clocks"
