"""The clocks that a board can make: as LiteX's PLLs make them, exactly."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

import pytest

from cfuforge.base.errors import InputError
from cfuforge.soc.board import BAUD, BOARDS, board
from cfuforge.soc.clock import (
    EXACT,
    IDELAY_HZ,
    IDELAY_MARGIN,
    at_clock,
    clock_hz,
    clocks,
    slower_clock,
)
from cfuforge.soc.generate import generate


@pytest.mark.parametrize(
    ("text", "hertz"),
    [
        *(("60e6", 60_000_000), ("60MHz", 60_000_000), ("60 mhz", 60_000_000)),
        *(("60M", 60_000_000), ("62.5MHz", 62_500_000), ("12000kHz", 12_000_000)),
        *(("75000000", 75_000_000), ("0.1G", 100_000_000), ("1.2e+7 Hz", 12_000_000)),
    ],
)
def test_frequencies(text: str, hertz: int) -> None:
    assert clock_hz(text) == hertz


@pytest.mark.parametrize("text", ["", "fast", "-60e6", "60 60", "0", "1e99", "60 MB", "nan", "e6"])
def test_what_is_no_frequency(text: str) -> None:
    line = f"the clock must be a frequency such as 60e6 or 60MHz, not {text!r}"
    with pytest.raises(InputError, match=f"^{re.escape(line)}$"):
        clock_hz(text)


@pytest.mark.parametrize("name", [name for name, each in BOARDS.items() if each.fpga])
def test_a_boards_own_clock_is_one_of_them(name: str) -> None:
    chosen = board(name)
    assert chosen.clock_hz in clocks(chosen)
    assert at_clock(chosen, chosen.clock_hz) == chosen
    assert slower_clock(chosen, chosen.clock_hz) == chosen.clock_hz
    assert slower_clock(chosen, min(clocks(chosen)) - 1) is None


def test_litex_makes_every_clock_of_arty() -> None:
    from litex.soc.cores.clock import S7PLL

    logging.getLogger("S7PLL").disabled = True
    known = clocks(board("arty"))
    assert {60_000_000, 75_000_000, 100_000_000} < set(known)
    for hertz in known:
        pll = S7PLL(speedgrade=-1)
        pll.clkin_freq = 100e6
        wanted = {0: hertz, 1: 4 * hertz, 2: IDELAY_HZ}
        pll.clkouts = {
            n: (None, f, 0, IDELAY_MARGIN if n == 2 else EXACT) for n, f in wanted.items()
        }
        made = pll.compute_config()
        assert 100e6 / made["divclk_divide"] >= 19e6
        for number in (0, 1):
            assert made[f"clkout{number}_freq"] == pytest.approx(wanted[number], rel=EXACT)


def test_litex_makes_the_clocks_of_ulx3s() -> None:
    from litex.soc.cores.clock import ECP5PLL

    logging.getLogger("ECP5PLL").disabled = True
    for hertz in [50_000_000, 62_500_000, *clocks(board("ulx3s"))[::40]]:
        pll = ECP5PLL()
        pll.clkin_freq, pll.nclkouts = 25e6, 2
        pll.clkouts = {n: (None, hertz, phase, EXACT, True) for n, phase in ((0, 0), (1, 90))}
        assert pll.compute_config()["clko0_freq"] == pytest.approx(hertz, rel=EXACT)


def test_usb_limits_fomus_clock() -> None:
    assert clocks(board("fomu")) == [12_000_000, 24_000_000]


@pytest.mark.parametrize(
    ("name", "hertz", "nearest"),
    [
        ("arty", 59.1e6, "59MHz"),
        ("arty", 1e9, "114.583333MHz"),
        ("ulx3s", 200e6, "100MHz"),
        ("fomu", 13e6, "12MHz"),
        ("sim", 100, "1MHz"),
    ],
)
def test_a_clock_that_cannot_be_made_names_the_nearest(
    name: str, hertz: float, nearest: str
) -> None:
    line = f"board {name} cannot run at {hertz / 1e6:.12g} MHz: the nearest clock is {nearest}"
    with pytest.raises(InputError, match=f"^{re.escape(line)}$"):
        at_clock(board(name), hertz)
    assert at_clock(board(name), clock_hz(nearest)).clock_hz == clock_hz(nearest)


def test_everything_follows_the_clock() -> None:
    chosen = at_clock(board("arty"), 60e6)
    assert replace(chosen, clock_hz=75_000_000) == board("arty")
    soc, other = (generate(each, hardware=True) for each in (chosen, board("arty")))
    hertz = {net.removesuffix("_clk"): each for net, each in soc.clocks.items()}
    assert hertz == {"sys": 60e6, "sys4x": 240e6, "sys4x_dqs": 240e6, "idelay": 200e6}
    assert "#define SOC_CLOCK_HZ 60000000u" in soc.header
    text, before = (each.verilog[0].read_text() for each in (soc, other))
    for clock, verilog in ((60e6, text), (75e6, before)):
        assert f"{int(BAUD * 2**32 / clock)}" in verilog  # the UART adds this up to 2**32
    (period,) = re.findall(r"\.CLKOUT0_DIVIDE\s*\(\d+'d(\d+)", text)
    (factor,) = re.findall(r"\.CLKFBOUT_MULT\s*\(\d+'d(\d+)", text)
    assert 100 * int(factor) / int(period) == 60
