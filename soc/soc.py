"""The LiteX SoC: VexRiscv, a CFU port, memory, a UART and the register that ends a simulation.

Imported only where Verilog is generated: LiteX takes a second to load.
"""

from __future__ import annotations

from pathlib import Path

from litex.build.generic_platform import GenericPlatform, Pins, Subsignal
from litex.gen import LiteXModule
from litex.soc.integration.soc_core import SoCCore
from litex.soc.interconnect.csr import CSRStorage
from migen import ClockDomain, Memory, Signal

from cfuforge.soc.board import Board
from cfuforge.soc.cpu import cpu
from cfuforge.soc.litex_cpu import cpu_arguments

ORIGINS = {"main_ram": 0x4000_0000, "sram": 0x1000_0000}

SIMULATION_PINS = [
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


class ClockReset(LiteXModule):
    """The system clock domain, straight from the pins ``clk`` and ``rst``."""

    def __init__(self, platform: GenericPlatform) -> None:
        self.cd_sys = ClockDomain()
        self.comb += self.cd_sys.clk.eq(platform.request("clk"))
        self.comb += self.cd_sys.rst.eq(platform.request("rst"))


class SimulationControl(LiteXModule):
    """One register: what the firmware writes to it stops the simulation with that code."""

    def __init__(self, finish: Signal) -> None:
        self.finish = CSRStorage(32, description="A code other than 0 ends the simulation.")
        self.comb += finish.eq(self.finish.storage)


class ForgeSoC(SoCCore):
    """The SoC of `board`, with the pins of a simulation.

    Parameters
    ----------
    board
        What to build.
    cfu
        Verilog file of module ``Cfu``; LiteX lists it as a source and instantiates the module.
    """

    def __init__(self, board: Board, cfu: Path) -> None:
        platform = GenericPlatform(board.name, SIMULATION_PINS, name=board.name)
        SoCCore.__init__(
            self,
            platform,
            clk_freq=board.clock_hz,
            **cpu_arguments(cpu(board.cpu_variant)),
            cpu_reset_address=ORIGINS[board.code_region],
            cpu_cfu=str(cfu),
            integrated_main_ram_size=board.main_ram_bytes,
            integrated_sram_size=board.sram_bytes,
            uart_name="sim",
        )
        self.crg = ClockReset(platform)
        #: The memories of a simulation, by region: the banks, and the bytes of each in a row.
        self.arrays: dict[str, tuple[list[Memory], int]] = {}
        for name, size in (("main_ram", board.main_ram_bytes), ("sram", board.sram_bytes)):
            if size:
                self.arrays[name] = ([getattr(self, name).mem], size)
        if board.dram:
            self._add_dram(board)
        self.simulation = SimulationControl(platform.request("finish"))

    def _add_dram(self, board: Board) -> None:
        from cfuforge.soc.dram import SimulatedPhy, dram_chip, dram_phy

        assert board.dram
        self.ddrphy = SimulatedPhy(board, dram_phy(board))
        self.arrays["main_ram"] = (self.ddrphy.memories(), self.ddrphy.row_bytes)
        self.add_sdram(
            "sdram", phy=self.ddrphy, module=dram_chip(board), l2_cache_size=board.dram.l2_bytes
        )
