"""The surroundings of a simulated SoC, whose clock, reset and UART the harness drives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litex.build.generic_platform import GenericPlatform, Pins, Subsignal
from litex.gen import LiteXModule
from migen import ClockDomain, Signal

from cfuforge.soc.board import Board, Flash

if TYPE_CHECKING:
    from cfuforge.soc.litex.spi_flash import FlashPins

__all__ = ["Simulation"]

PINS = [
    ("clk", 0, Pins(1)),
    ("rst", 0, Pins(1)),
    (
        "serial",
        0,
        Subsignal("source_valid", Pins(1)),
        Subsignal("source_ready", Pins(1)),
        Subsignal("source_data", Pins(8)),
        Subsignal("sink_valid", Pins(1)),
        Subsignal("sink_ready", Pins(1)),
        Subsignal("sink_data", Pins(8)),
    ),
    ("finish", 0, Pins(32)),
]


class Simulation:
    """The surroundings of a simulated SoC; `Hardware` has those on a board.

    Parameters
    ----------
    board
        The board.
    """

    uart_name = "sim"
    spram = False  # main RAM on the FPGA is LiteX's, which has the same timing

    def __init__(self, board: Board) -> None:
        self._board = board
        self.platform = GenericPlatform(board.name, PINS, name=board.name)

    def clocks(self) -> LiteXModule:
        """Return the module with the clock domains."""
        return ClockReset(self._board, self.platform)

    def dram_phy(self) -> Any:
        """Return the DRAM's PHY, for LiteDRAM."""
        from cfuforge.soc.litex.dram import SimulatedPhy, dram_phy

        return SimulatedPhy(self._board, dram_phy(self._board))

    def flash_chip(self, flash: Flash, pins: FlashPins) -> LiteXModule:
        """Return the flash chip at the pins."""
        from cfuforge.soc.litex.spi_flash import SimulatedFlash

        return SimulatedFlash(flash, pins)

    def show_end(self, code: Signal) -> list[Any]:
        """Return statements that output the firmware's exit code, 0 while it runs."""
        return [self.platform.request("finish").eq(code)]


class ClockReset(LiteXModule):
    """The system clock domain, straight from the pins ``clk`` and ``rst``."""

    def __init__(self, board: Board, platform: GenericPlatform) -> None:
        self.hertz = {"sys": board.clock_hz}
        self.cd_sys = ClockDomain()
        self.comb += self.cd_sys.clk.eq(platform.request("clk"))
        self.comb += self.cd_sys.rst.eq(platform.request("rst"))
