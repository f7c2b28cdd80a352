"""The surroundings of a SoC on its board: clocks from a PLL, UART, DRAM pins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from litex.build.generic_platform import GenericPlatform, IOStandard, Misc, Pins, Subsignal
from litex.build.io import DDROutput
from litex.build.lattice import LatticePlatform
from litex.build.xilinx import XilinxPlatform
from litex.gen import LiteXModule
from litex.soc.cores.clock import ECP5PLL, S7IDELAYCTRL, S7PLL
from migen import ClockDomain, ClockSignal, Signal
from migen.fhdl.specials import Tristate
from migen.genlib.cdc import MultiReg

from cfuforge.soc.board import Board, Flash
from cfuforge.soc.clock import EXACT, IDELAY_HZ, IDELAY_MARGIN
from cfuforge.soc.fpga import Pads
from cfuforge.soc.litex.usb_port import UsbPort

if TYPE_CHECKING:
    from cfuforge.soc.litex.spi_flash import FlashPins

__all__ = ["Hardware"]

PLATFORMS = {  # the LiteX classes that turn migen's specials into the FPGA's cells
    "ecp5": (LatticePlatform, "trellis"),
    "ice40": (LatticePlatform, "icestorm"),
    "xc7": (XilinxPlatform, "openxc7"),
}


class Hardware:
    """The surroundings of a SoC on its board; `Simulation` has those in a simulation.

    Parameters
    ----------
    board
        The board, with an FPGA and pads.
    """

    def __init__(self, board: Board) -> None:
        self._board, fpga = board, board.require_fpga()
        self.uart_name = "stream" if any(pads.name == "usb" for pads in board.pads) else "serial"
        self.spram = fpga.family == "ice40"
        kind, toolchain = PLATFORMS[fpga.family]
        io = [_resource(pads) for pads in board.pads]
        self.platform: GenericPlatform = kind(fpga.part, io, name=board.name, toolchain=toolchain)

    def clocks(self) -> LiteXModule:
        """Return the module with the clock domains, which also drives the constant pins."""
        return CLOCKS[self._board.require_fpga().family](self._board, self.platform)

    def dram_phy(self) -> Any:
        """Return the DRAM's PHY, for LiteDRAM."""
        from cfuforge.soc.litex.dram import dram_phy

        return dram_phy(self._board, self.platform.request("dram"))

    def flash_chip(self, flash: Flash, pins: FlashPins) -> LiteXModule:
        """Return the module that connects the flash's pins to its pads."""
        return FlashPads(pins, self.platform.request("flash"))

    def usb(self) -> LiteXModule:
        """Return the USB serial port: streams ``source`` and ``sink`` of characters."""
        return UsbPort(self.platform)

    def show_end(self, code: Signal) -> list[Any]:
        """Return statements that light an LED when the firmware has ended."""
        pad = self.platform.request("ended", loose=True)
        return [] if pad is None else [pad.eq(code != 0)]


class Ecp5Clocks(LiteXModule):
    """System clock and, for SDRAM, a clock that lags a quarter period to meet the data."""

    def __init__(self, board: Board, platform: GenericPlatform) -> None:
        self.hertz = {"sys": board.clock_hz}
        self.cd_sys = ClockDomain()
        self.pll = pll = ECP5PLL()
        pll.register_clkin(platform.request("oscillator"), board.oscillator_hz)
        pll.create_clkout(self.cd_sys, board.clock_hz, margin=EXACT)
        if board.dram:
            self.hertz["dram"] = board.clock_hz
            self.cd_dram = ClockDomain(reset_less=True)
            same = {"margin": EXACT, "with_reset": False}
            pll.create_clkout(self.cd_dram, board.clock_hz, phase=90, **same)
            pad = platform.request("dram_clock")
            self.specials += DDROutput(1, 0, pad, ClockSignal("dram"))
        _hold_high(self, platform)


class Xc7Clocks(LiteXModule):
    """System clock; for DDR3 also four times that, the strobe clock and the delay reference."""

    def __init__(self, board: Board, platform: GenericPlatform) -> None:
        self.hertz = {"sys": board.clock_hz}
        self.cd_sys = ClockDomain()
        self.pll = pll = S7PLL(speedgrade=-1)
        pll.register_clkin(platform.request("oscillator"), board.oscillator_hz)
        pll.create_clkout(self.cd_sys, board.clock_hz, margin=EXACT)
        if board.dram:
            fast = 4 * board.clock_hz
            self.hertz |= {"sys4x": fast, "sys4x_dqs": fast, "idelay": IDELAY_HZ}
            self.cd_sys4x = ClockDomain(reset_less=True)
            self.cd_sys4x_dqs = ClockDomain(reset_less=True)
            self.cd_idelay = ClockDomain()
            exact = {"margin": EXACT, "with_reset": False}
            pll.create_clkout(self.cd_sys4x, fast, **exact)
            pll.create_clkout(self.cd_sys4x_dqs, fast, phase=90, **exact)
            pll.create_clkout(self.cd_idelay, IDELAY_HZ, margin=IDELAY_MARGIN)
            self.idelayctrl = S7IDELAYCTRL(self.cd_idelay)
        _hold_high(self, platform)


class Ice40Clocks(LiteXModule):
    """The oscillator's 48 MHz for USB, and the system clock divided from it.

    Block RAM reads wrongly for some microseconds after configuration (Lattice FPGA-TN-02002), so
    the reset lasts 256 cycles of the system clock.
    """

    def __init__(self, board: Board, platform: GenericPlatform) -> None:
        self.hertz = {"sys": board.clock_hz, "usb": board.oscillator_hz}
        self.cd_usb = ClockDomain()
        self.cd_sys = ClockDomain()
        self.cd_start = ClockDomain(reset_less=True)
        ratio = board.oscillator_hz // board.clock_hz
        divider = Signal(max=ratio)
        waited = Signal(9)
        reset = Signal(reset=1)
        self.comb += [
            self.cd_usb.clk.eq(platform.request("oscillator")),
            self.cd_start.clk.eq(self.cd_sys.clk),
            self.cd_sys.clk.eq(divider[-1]),
            self.cd_sys.rst.eq(reset),
        ]
        self.sync.usb += divider.eq(divider + 1)
        self.sync.start += [waited.eq(waited + ~waited[-1]), reset.eq(~waited[-1])]
        self.specials += MultiReg(reset, self.cd_usb.rst, "usb", reset=1)


class FlashPads(LiteXModule):
    """Connect the flash's pins to pads; its clock is high in the second half of a cycle."""

    def __init__(self, pins: FlashPins, pads: Any) -> None:
        self.comb += pads.cs_n.eq(pins.cs_n)
        self.specials += DDROutput(0, pins.clock, pads.clk, ClockSignal())
        for i in range(4):
            self.specials += Tristate(pads.dq[i], pins.d_o[i], pins.d_oe[i], pins.d_i[i])


CLOCKS = {"ecp5": Ecp5Clocks, "ice40": Ice40Clocks, "xc7": Xc7Clocks}


def _hold_high(module: LiteXModule, platform: GenericPlatform) -> None:
    pad = platform.request("held_high", loose=True)
    if pad is not None:
        module.comb += pad.eq(~0)


def _resource(pads: Pads) -> tuple[Any, ...]:
    if isinstance(pads.pins, str):
        return (pads.name, 0, Pins(pads.pins), *_options(pads.options))
    signals = [
        Subsignal(name, Pins(pins), *_options(pads.special.get(name, pads.options)))
        for name, pins in pads.pins.items()
    ]
    return (pads.name, 0, *signals)


def _options(options: tuple[str, ...]) -> Iterator[Any]:
    standard, *others = options
    yield IOStandard(standard)
    yield from (Misc(other) for other in others)
