"""Boards as plain data: everything that the SoC has to know about them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cfuforge.base.errors import InputError
from cfuforge.soc import pins
from cfuforge.soc.fpga import ECP5_85F, ICE40UP5K, XC7A35T, Fpga, Pads

__all__ = [
    "BAUD",
    "BOARDS",
    "DEFAULT_BOARD",
    "Board",
    "Dfu",
    "Dram",
    "Flash",
    "MemoryPort",
    "board",
]


BAUD = 115_200  # of the UART; a USB port accepts any


@dataclass(frozen=True)
class Dram:
    """A DRAM chip, driven by LiteDRAM, that holds the main RAM.

    Parameters
    ----------
    chip
        Its name in ``litedram.modules``.
    phy
        LiteDRAM's PHY: ``"A7DDRPHY"`` or ``"GENSDRPHY"``.
    data_bits
        Width of the data bus between FPGA and chip.
    l2_bytes
        Size in bytes of the cache between bus and DRAM; LiteDRAM rounds it to a power of two.
    """

    chip: str
    phy: str
    data_bits: int
    l2_bytes: int


@dataclass(frozen=True)
class Flash:
    """A quad SPI NOR flash, from which the CPU boots.

    Parameters
    ----------
    chip
        Its name in the data sheet.
    size
        Size in bytes.
    boot_offset
        Offset of the CPU's first instruction, in bytes.
    identity
        The chip's answer to RDID: manufacturer, type and size, with the first byte highest.
    quad_register, quad_bit
        The status register, 0 or 1, and its bit that enable reading on four lines.
    """

    chip: str
    size: int
    boot_offset: int
    identity: int
    quad_register: int
    quad_bit: int


@dataclass(frozen=True)
class Dfu:
    """A bootloader that receives an image over USB (DFU) and writes it to the flash.

    Parameters
    ----------
    vendor, product
        Its USB ids.
    offset
        Offset in the flash, in bytes, at which the image is written; it begins with the bitstream.
    """

    vendor: int
    product: int
    offset: int


@dataclass(frozen=True)
class MemoryPort:
    """The port into tensor memory that a board has for a CFU.

    Parameters
    ----------
    width
        The most bytes that a request reads or writes.
    latency
        Cycles from a request to its response, at the least; a DRAM takes longer.
    memories
        Names of the memories that it reaches.
    sram_bytes
        `Board.sram_bytes` of a SoC with the port: its CFU needs block RAM, too.
    """

    width: int
    latency: int
    memories: tuple[str, ...]
    sram_bytes: int = 0


@dataclass(frozen=True)
class Board:
    """A board: its clock, CPU and memories.

    Parameters
    ----------
    name
        The name that the user types.
    description
        One line for lists and headings.
    clock_hz
        System clock in Hz.
    cpu_variant
        Name of the CPU variant (`cfuforge.soc.cpu`).
    main_ram_bytes
        Size in bytes of main RAM on the FPGA; 0 when `dram` is the main RAM.
    sram_bytes
        Size in bytes of the block RAM for code, stack and, if it fits, the tensor arena; 0 when
        the main RAM holds them. A SoC whose CFU has a memory port has `MemoryPort.sram_bytes`.
    dram
        The DRAM on the board, or None.
    fpga
        The FPGA, or None for a board that can only be simulated.
    oscillator_hz
        Frequency of the clock at pads ``oscillator``, in Hz.
    pads
        The pins in use: ``oscillator``; ``serial`` or ``usb``; with DRAM ``dram``, and
        ``dram_clock`` when the PHY does not drive it; with flash ``flash``, whose ``dq`` are its
        data in, data out, WP and HOLD; optionally ``ended``, an LED that a high pin lights when
        the firmware has ended, and ``held_high``.
    flash
        The SPI flash from which the CPU boots, or None when memory is filled before it starts.
    stack_bytes
        Size of the stack in bytes.
    cfu
        The design to use when the user names none.
    dfu
        The bootloader that receives the bitstream over USB, or None.
    memory_port
        The port into tensor memory that a CFU may use, or None.
    """

    name: str
    description: str
    clock_hz: int
    cpu_variant: str = "full+cfu"
    main_ram_bytes: int = 0
    sram_bytes: int = 0
    dram: Dram | None = None
    fpga: Fpga | None = None
    oscillator_hz: int = 0
    pads: tuple[Pads, ...] = ()
    flash: Flash | None = None
    stack_bytes: int = 16 << 10
    cfu: str = "simd_mac"
    dfu: Dfu | None = None
    memory_port: MemoryPort | None = None

    def require_fpga(self) -> Fpga:
        """Return the FPGA.

        Raises
        ------
        InputError
            When the board can only be simulated.
        """
        if not self.fpga:
            raise InputError(f"board {self.name} has no FPGA: it can only be simulated")
        return self.fpga

    def require_port(self, width: int) -> MemoryPort:
        """Return the memory port for a CFU that wants one of `width` bytes.

        Raises
        ------
        InputError
            When the board has none, or a narrower one.
        """
        port = self.memory_port
        if port and width <= port.width:
            return port
        has = f"has one of {port.width}" if port else "has none"
        fit = [name for name, each in BOARDS.items() if _serves(each, width)]
        remedy = f"use board {' or '.join(fit)}" if fit else "make the CFU use a narrower one"
        if port and fit:
            remedy += f", or a CFU with a narrower one, such as {self.cfu}"
        raise InputError(
            f"the CFU needs a memory port of {width} bytes, and board {self.name} {has}; {remedy}"
        )

    def sram_bytes_with(self, port: int) -> int:
        """Return the size in bytes of the block RAM for code; `port` as in `generate`."""
        return self.memory_port.sram_bytes if self.memory_port and port else self.sram_bytes

    @property
    def little_memory(self) -> bool:
        """Whether the memory for code is too small for firmware with all operators."""
        return self.sram_bytes > 0 or self.flash is not None

    @property
    def code_region(self) -> str:
        """The memory that holds code and stack."""
        return "sram" if self.sram_bytes else "main_ram"


ARTY = Board(
    name="arty",
    description="Arty A7-35T: code and arena in block RAM, 256 MB of DDR3",
    clock_hz=75_000_000,  # as fast as the open flow's timing allows
    sram_bytes=160 << 10,
    dram=Dram(chip="MT41K128M16", phy="A7DDRPHY", data_bits=16, l2_bytes=8192),
    fpga=XC7A35T,
    oscillator_hz=100_000_000,
    pads=pins.ARTY,
    memory_port=MemoryPort(width=8, latency=4, memories=("sram", "main_ram"), sram_bytes=112 << 10),
)

BOARDS = {
    board.name: board
    for board in [
        Board(
            name="sim",
            description="the reference SoC: VexRiscv full+cfu, 16 MB of ideal main RAM",
            clock_hz=100_000_000,
            main_ram_bytes=16 << 20,
            memory_port=MemoryPort(width=8, latency=1, memories=("main_ram",)),
        ),
        ARTY,
        replace(
            ARTY,
            name="arty100",
            description="the same Arty at 100 MHz, for which Vivado has to place and route",
            clock_hz=100_000_000,
        ),
        Board(
            name="ulx3s",
            description="ULX3S with an ECP5-85F: code and arena in block RAM, 32 MB of SDRAM",
            clock_hz=50_000_000,
            sram_bytes=256 << 10,
            dram=Dram(chip="MT48LC16M16", phy="GENSDRPHY", data_bits=16, l2_bytes=8192),
            fpga=ECP5_85F,
            oscillator_hz=25_000_000,
            pads=pins.ULX3S,
            memory_port=MemoryPort(
                width=8, latency=4, memories=("sram", "main_ram"), sram_bytes=256 << 10
            ),
        ),
        Board(
            name="fomu",
            description="Fomu PVT with an iCE40UP5K: all in 128 kB of SPRAM, 2 MB of SPI flash",
            clock_hz=12_000_000,
            cpu_variant="small+mul+cfu",
            main_ram_bytes=128 << 10,
            # After the bitstream, which the bootloader keeps at 256 kB (FLASHLAYOUT.md of foboot).
            flash=Flash(
                chip="GD25Q16C",
                size=2 << 20,
                boot_offset=0x5_A000,
                identity=0xC8_40_15,
                quad_register=1,
                quad_bit=1,
            ),
            stack_bytes=4 << 10,
            cfu="engine:target=up5k",
            fpga=ICE40UP5K,
            oscillator_hz=48_000_000,
            pads=pins.FOMU,
            dfu=Dfu(vendor=0x1209, product=0x5BF0, offset=0x4_0000),  # README.md of foboot
            memory_port=MemoryPort(width=4, latency=1, memories=("main_ram", "flash")),
        ),
    ]
}

DEFAULT_BOARD = "sim"


def _serves(board: Board, width: int) -> bool:
    return board.memory_port is not None and width <= board.memory_port.width


def board(name: str) -> Board:
    """Return the board called `name`.

    Raises
    ------
    InputError
        When there is none; the message lists the existing ones.
    """
    if name not in BOARDS:
        raise InputError(f"board must be one of {', '.join(sorted(BOARDS))}, not {name!r}")
    return BOARDS[name]
