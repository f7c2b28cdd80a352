"""The clocks that a board's PLL can make, and the one that the user asks for."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from cfuforge.base.errors import InputError
from cfuforge.base.shown import shown
from cfuforge.soc.board import Board

__all__ = [
    "AUTO",
    "EXACT",
    "IDELAY_HZ",
    "IDELAY_MARGIN",
    "at_clock",
    "clock_hz",
    "clocks",
    "slower_clock",
]

AUTO = "auto"
EXACT = 1e-6  # relative error of a PLL's output that comes from rounding to whole hertz
IDELAY_HZ = 200_000_000  # Xilinx DS181: IDELAYCTRL's reference clock, for taps of 78 ps
IDELAY_MARGIN = 0.05  # DS181: 10 MHz; boards find the DRAM's delays when they start
SIMULATED = 1_000_000, 1_000_000_000  # the range for a board that is only simulated, in Hz

# LiteX's PLL classes, from Lattice FPGA-TN-02200 and Xilinx DS181 (speed grade -1)
ECP5_VCO, ECP5_DETECTOR, ECP5_DIVIDERS = (400_000_000, 800_000_000), 10_000_000, range(1, 129)
XC7_VCO, XC7_DETECTOR, XC7_DIVIDERS = (800_000_000, 1_600_000_000), 19_000_000, range(1, 129)

FACTORS = 64  # that an XC7 multiplies by at most; an ECP5 needs no more

DRAM_CLOCKS = {  # the range of the system clock for a PHY and its chip, in Hz
    # A quarter of a DDR3 cycle is at most 31 taps of 78 ps; DS181: a global buffer at 464 MHz, -1
    "A7DDRPHY": (26_000_000, 116_000_000),
    "GENSDRPHY": (10_000_000, 100_000_000),  # MT48LC16M16: 100 MHz with CAS latency 2
}
USB_RATIO = 4  # of USB's clock to the slowest system clock that takes a byte before the next one

_NUMBER = re.compile(r"\s*([0-9]+\.?[0-9]*(?:e\+?[0-9]+)?)\s*([kmg]?)(?:hz)?\s*", re.IGNORECASE)
_UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}


def clock_hz(text: str) -> int:
    """Return a frequency in Hz: ``60e6``, ``60M`` or ``60 MHz``.

    Raises
    ------
    InputError
        When `text` is none.
    """
    found = _NUMBER.fullmatch(text)
    hertz = float(found[1]) * _UNITS[found[2].lower()] if found else 0
    if not 1 <= hertz < 1e12:
        raise InputError(
            f"the clock must be a frequency such as 60e6 or 60MHz, not {shown(text)!r}"
        )
    return round(hertz)


def at_clock(board: Board, hertz: float) -> Board:
    """Return the board with another system clock, which is rounded to whole hertz.

    PLL, UART, DRAM timing and the seconds of every report follow it.

    Raises
    ------
    InputError
        When the board cannot make that clock; the message names the nearest one that it can.
    """
    near = nearest_clock(board, hertz)
    if abs(near - hertz) >= 1:
        raise InputError(
            f"board {board.name} cannot run at {hertz / 1e6:.12g} MHz: the nearest clock is "
            f"{near / 1e6:.12g}MHz"
        )
    return replace(board, clock_hz=near)


def nearest_clock(board: Board, hertz: float) -> int:
    """Return the system clock in Hz that is nearest to `hertz`."""
    if not board.fpga:
        least, most = SIMULATED
        return round(min(max(hertz, least), most))
    return min(clocks(board), key=lambda each: abs(each - hertz))


def slower_clock(board: Board, hertz: float) -> int | None:
    """Return the fastest system clock in Hz up to `hertz`, or None when there is none."""
    known = clocks(board)
    at = bisect_right(known, hertz)
    return known[at - 1] if at else None


def clocks(board: Board) -> Sequence[int]:
    """Return the system clocks in Hz that a board with an FPGA can make, the slowest first."""
    least, most = DRAM_CLOCKS[board.dram.phy] if board.dram else (0, 400_000_000)
    made = _MADE[board.require_fpga().family](board)
    return sorted({round(hertz) for hertz in made if least <= round(hertz) <= most})


def _ecp5(board: Board) -> set[float]:
    return {
        vco / divider
        for vco in _oscillations(board.oscillator_hz, ECP5_VCO, ECP5_DETECTOR)
        for divider in ECP5_DIVIDERS
    }


def _ice40(board: Board) -> set[float]:
    """Return half of the oscillator's clock, and so on, as long as USB's bytes are taken."""
    has_usb = any(pads.name == "usb" for pads in board.pads)
    ratios = [2**power for power in range(1, 6)]
    return {board.oscillator_hz / each for each in ratios if not has_usb or each <= USB_RATIO}


def _xc7(board: Board) -> set[float]:
    """Return the clocks that have the DRAM's, four times as fast, and IDELAYCTRL's beside them."""
    ratio = 4 if board.dram else 1
    return {
        vco / divider / ratio
        for vco in _oscillations(board.oscillator_hz, XC7_VCO, XC7_DETECTOR)
        if not board.dram or abs(vco / round(vco / IDELAY_HZ) / IDELAY_HZ - 1) <= IDELAY_MARGIN
        for divider in XC7_DIVIDERS
        if divider * ratio in XC7_DIVIDERS
    }


def _oscillations(oscillator: int, limits: tuple[int, int], detector: int) -> set[float]:
    """Return what a PLL's own oscillator can run at, in Hz."""
    least, most = limits
    return {
        oscillator * factor / divider
        for divider in range(1, oscillator // detector + 1)
        for factor in range(1, min(most * divider // oscillator, FACTORS) + 1)
        if least <= oscillator * factor / divider
    }


_MADE = {"ecp5": _ecp5, "ice40": _ice40, "xc7": _xc7}
