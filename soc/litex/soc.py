"""The LiteX SoC: CPU, CFU port, memory, UART, and the register that ends a simulation.

It is the same in simulation and on a board; what differs is in `simulation` and `hardware`.
"""

from __future__ import annotations

from pathlib import Path

from litex.gen import LiteXModule
from litex.soc.integration.soc import SoCRegion
from litex.soc.integration.soc_core import SoCCore
from litex.soc.interconnect import wishbone
from litex.soc.interconnect.csr import CSRStorage
from migen import Memory

from cfuforge.soc.board import BAUD, Board, Flash
from cfuforge.soc.cpu import Core, cpu
from cfuforge.soc.litex.cfu_port import CfuPort, RamPort
from cfuforge.soc.litex.cpu import LiteXSmallCpu, cpu_arguments
from cfuforge.soc.litex.flash_port import FlashPort
from cfuforge.soc.litex.hardware import Hardware
from cfuforge.soc.litex.shared_ram import SharedRam
from cfuforge.soc.litex.simulation import Simulation
from cfuforge.soc.litex.single_ram import SingleRam

ORIGINS = {"flash": 0x2000_0000, "main_ram": 0x4000_0000, "sram": 0x1000_0000}

# Without interrupts a timer is useless. The flash is the slowest to answer, within 80 cycles.
SMALL = {"with_timer": False, "with_ctrl": False, "uart_fifo_depth": 0, "bus_timeout": 255}


class SimulationControl(LiteXModule):
    """One register: the code that the firmware writes to it ends the simulation."""

    def __init__(self) -> None:
        self.finish = CSRStorage(32, description="A code other than 0 ends the simulation.")


class ForgeSoC(SoCCore):
    """The SoC of `board`.

    Parameters
    ----------
    board
        The board to build for.
    cfu
        Verilog file of module ``Cfu``, which LiteX lists as a source and instantiates.
    around
        The surroundings: those of a simulation, or the board's.
    port
        Width in bytes of the CFU's memory port; 0 for none.
    """

    def __init__(
        self, board: Board, cfu: Path, around: Simulation | Hardware, port: int = 0
    ) -> None:
        SoCCore.__init__(
            self,
            around.platform,
            clk_freq=board.clock_hz,
            **cpu_arguments(cpu(board.cpu_variant)),
            cpu_reset_address=_reset_address(board),
            cpu_cfu=str(cfu),
            integrated_main_ram_size=0 if around.spram or port else board.main_ram_bytes,
            integrated_sram_size=0 if port else board.sram_bytes,
            uart_name=around.uart_name,
            uart_baudrate=BAUD,
            **(SMALL if cpu(board.cpu_variant).core is Core.SMALL else {}),
        )
        self.crg = around.clocks()
        sram_bytes = board.sram_bytes_with(port)
        if port:
            self._add_ram_with_port(board, around, port)
        #: The memories by region: the banks, and the number of consecutive bytes in each.
        self.arrays: dict[str, tuple[list[Memory], int]] = {}
        for name, size in (("main_ram", board.main_ram_bytes), ("sram", sram_bytes)):
            if size and not around.spram:
                self.arrays[name] = ([getattr(self, name).mem], size)
        if around.spram and not port:
            from litex.soc.cores.ram.lattice_ice40 import Up5kSPRAM

            self.main_ram = Up5kSPRAM(size=board.main_ram_bytes)
            region = SoCRegion(origin=ORIGINS["main_ram"], size=board.main_ram_bytes)
            self.bus.add_slave("main_ram", self.main_ram.bus, region)
        if board.dram:
            self._add_dram(board, around, port)
        if board.flash:
            self._add_flash(board.flash, around, port)
        if isinstance(around, Hardware) and around.uart_name == "stream":
            self._add_usb(around)
        self.simulation = SimulationControl()
        self.comb += around.show_end(self.simulation.finish.storage)

    def add_csr_bridge(self, name: str, origin: int, register: bool) -> None:
        """Add LiteX's bridge to the registers; for a small CPU, with flip-flops in front of it.

        `SmallCpu` computes an address in the cycle in which it uses it, which leaves no time to
        decode it.
        """
        super().add_csr_bridge(name, origin, register or self.cpu_type == LiteXSmallCpu.name)

    def _add_ram_with_port(self, board: Board, around: Simulation | Hardware, width: int) -> None:
        """Add the RAM that a CFU's port reaches, and the port if it reaches nothing else."""
        self.cfu_port = CfuPort(width)
        self.cpu.cfu_params.update(self.cfu_port.arguments())
        name = board.code_region
        size = board.sram_bytes_with(width) or board.main_ram_bytes
        ram: SingleRam | SharedRam
        if board.flash:
            ram = SingleRam(name, ORIGINS[name], size, around.spram)
        else:
            ram = SharedRam(name, ORIGINS[name], size, width)
        self.add_module(name, ram)
        self.bus.add_slave(name, ram.bus, SoCRegion(origin=ORIGINS[name], size=size, mode="rwx"))
        if isinstance(ram, SharedRam) and not board.dram:
            self.ram_port = RamPort(self.cfu_port, ram, self._stores)

    @property
    def _stores(self) -> wishbone.Interface:
        """The bus by which the CPU writes; with caches, the first is for code alone."""
        return self.cpu.periph_buses[-1]

    def _add_dram(self, board: Board, around: Simulation | Hardware, port: int) -> None:
        from cfuforge.soc.litex.dram import SimulatedPhy, dram_bytes, dram_chip
        from cfuforge.soc.litex.port_switch import PortSwitch

        assert board.dram
        self.ddrphy = around.dram_phy()
        if isinstance(self.ddrphy, SimulatedPhy):
            self.arrays["main_ram"] = (self.ddrphy.memories(), self.ddrphy.row_bytes)
        self.add_sdram(
            "sdram",
            phy=self.ddrphy,
            module=dram_chip(board),
            with_soc_interconnect=not port,
            l2_cache_size=board.dram.l2_bytes,
            l2_cache_full_memory_we=False,  # otherwise each byte of a word takes its own block RAM
        )
        if port:
            origin, size = ORIGINS["main_ram"], dram_bytes(board)
            self.port_switch = PortSwitch(
                self.cfu_port, self.sram, self.sdram.crossbar, origin, size, self._stores
            )
            region = SoCRegion(origin=origin, size=size, mode="rwx")
            self.bus.add_slave("main_ram", self.port_switch.bus, region)

    def _add_flash(self, flash: Flash, around: Simulation | Hardware, port: int) -> None:
        from cfuforge.soc.litex.spi_flash import SimulatedFlash, SpiFlash, reader_verilog

        self.platform.add_source(str(reader_verilog(flash)))
        self.flash = SpiFlash(flash)
        bus, origin = self.flash.bus, ORIGINS["flash"]
        if port:
            self.flash_port = FlashPort(self.cfu_port, self.main_ram, bus, origin)
            bus = self.flash_port.bus
        self.bus.add_slave("flash", bus, SoCRegion(origin=origin, size=flash.size, mode="rx"))
        self.flash_chip = around.flash_chip(flash, self.flash.pins)
        if isinstance(self.flash_chip, SimulatedFlash):
            self.arrays["flash"] = (self.flash_chip.memories, flash.size)

    def _add_usb(self, around: Hardware) -> None:
        self.usb = around.usb()
        self.comb += [
            self.uart.source.connect(self.usb.sink),
            self.usb.source.connect(self.uart.sink),
        ]


def _reset_address(board: Board) -> int:
    if board.flash:
        return ORIGINS["flash"] + board.flash.boot_offset
    return ORIGINS[board.code_region]
