"""CPU variants as plain data: their options and instruction sets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from cfuforge.base.errors import InputError
from cfuforge.soc.small_cpu.decode import COUNTERS, CSRS

__all__ = ["CPUS", "Core", "Cpu", "Options", "cpu"]


class Core(Enum):
    """The origin of a CPU's Verilog."""

    PACKAGED = "VexRiscv, as pythondata-cpu-vexriscv carries it"
    GENERATED = "VexRiscv, generated from the Scala source in pythondata-cpu-vexriscv"
    SMALL = "SmallCpu, this project's own core in Amaranth"


@dataclass(frozen=True)
class Options:
    """The options of a core; of these, `SmallCpu` has only `multiply`.

    Parameters
    ----------
    instruction_cache, data_cache
        Size in bytes, a power of two of 32-byte lines; 0 for none.
    multiply
        Multiplication; in VexRiscv in one cycle, on four 16x16 multipliers.
    divide
        Division, in 34 cycles.
    barrel_shifter
        Shifts in one cycle instead of one bit a cycle.
    bypass
        Forward a result to the next instruction before it is in the register file.
    prediction
        Branch prediction: ``none``, ``static`` or ``dynamic``.
    all_csrs
        Interrupts, an instruction counter, identification registers.
    """

    instruction_cache: int = 0
    data_cache: int = 0
    multiply: bool = False
    divide: bool = False
    barrel_shifter: bool = False
    bypass: bool = False
    prediction: str = "none"
    all_csrs: bool = False


@dataclass(frozen=True)
class Cpu:
    """A CPU with a CFU port.

    Parameters
    ----------
    name
        The name by which boards refer to it.
    description
        One line for lists.
    core
        The origin of its Verilog.
    options
        The options of that core.
    """

    name: str
    description: str
    core: Core
    options: Options

    @property
    def extensions(self) -> tuple[str, ...]:
        """The extensions beyond RV32I and Zicsr: ``m`` or ``zmmul``."""
        if not self.options.multiply:
            return ()
        return ("m",) if self.options.divide else ("zmmul",)

    @property
    def isa(self) -> str:
        """The instruction set, as in ``-march``: ``rv32im_zicsr``."""
        return {
            (): "rv32i_zicsr",
            ("m",): "rv32im_zicsr",
            ("zmmul",): "rv32i_zicsr_zmmul",
        }[self.extensions]

    @property
    def csrs(self) -> tuple[int, ...]:
        """The numbers of its control and status registers."""
        if self.core is Core.SMALL:
            return (*CSRS, *COUNTERS)
        return VEXRISCV_CSRS + (VEXRISCV_MORE_CSRS if self.options.all_csrs else ())

    @property
    def breakpoints(self) -> bool:
        """Whether EBREAK is a breakpoint rather than an illegal instruction."""
        return not self.options.all_csrs

    @property
    def untrapped(self) -> tuple[tuple[int, int], ...]:
        """Mask and match of the instructions that should trap as illegal but do not."""
        return (FLUSH,) if self.core is Core.SMALL else (FLUSH, *VEXRISCV_UNTRAPPED)

    @property
    def cfu_switch(self) -> bool:
        """Whether CFU instructions trap until bit 31 of CSR 0xBC0 is set, as in VexRiscv."""
        return self.core is not Core.SMALL

    @property
    def lacks(self) -> tuple[str, ...]:
        """The features that a program could expect but that are missing."""
        missing = {
            "multiplication": not self.options.multiply,
            "division": not self.options.divide,
            "interrupts": not self.options.all_csrs,
            "mstatus, mie and mip": self.core is Core.SMALL,
            "misa, minstret and the identification registers": not self.options.all_csrs,
            "breakpoints (EBREAK is an illegal instruction)": not self.breakpoints,
            "traps on LOAD with funct3 6 and on immediate shifts by 32 or more": (
                self.core is not Core.SMALL
            ),
        }
        return tuple(what for what, absent in missing.items() if absent)


FLUSH = (0x01F0_707F, 0x0000_500F)  # of VexRiscv's data cache; does nothing where there is none
VEXRISCV_UNTRAPPED = (  # LOAD with funct3 6; SLLI, SRLI and SRAI by 32 or more
    (0x0000_707F, 0x0000_6003),
    *((0x0200_707F, 0x0200_1013), (0x0200_707F, 0x0200_5013)),
)
VEXRISCV_CSRS = (  # mstatus, mie, mip, trap CSRs, mcycle, the CFU's switch
    *(0x300, 0x304, 0x344, 0x305, 0x340, 0x341, 0x342, 0x343, 0xB00, 0xB80, 0xBC0),
)
VEXRISCV_MORE_CSRS = (  # misa, counters, identification, cache, pending interrupts
    *(0x301, 0xB02, 0xB82, 0xC00, 0xC02, 0xC80, 0xC82),
    *(0xF11, 0xF12, 0xF13, 0xF14, 0xCC0, 0xFC0),
)

CPUS = {
    cpu.name: cpu
    for cpu in [
        Cpu(
            name="full+cfu",
            description="VexRiscv with everything",
            core=Core.PACKAGED,
            options=Options(
                instruction_cache=4096,
                data_cache=4096,
                multiply=True,
                divide=True,
                barrel_shifter=True,
                bypass=True,
                prediction="static",
                all_csrs=True,
            ),
        ),
        Cpu(
            name="lite+cfu",
            description="VexRiscv with an instruction cache and one-cycle products",
            core=Core.GENERATED,
            options=Options(instruction_cache=2048, multiply=True),
        ),
        Cpu(
            name="minimal+cfu",
            description="VexRiscv with nothing to spare",
            core=Core.GENERATED,
            options=Options(),
        ),
        Cpu(
            name="small+mul+cfu",
            description="SmallCpu with one-cycle products and shifts",
            core=Core.SMALL,
            options=Options(multiply=True, barrel_shifter=True),
        ),
        Cpu(
            name="small+cfu",
            description="SmallCpu, 2 cycles an instruction, with a serial shifter",
            core=Core.SMALL,
            options=Options(),
        ),
    ]
}


def cpu(name: str) -> Cpu:
    """Return the CPU variant called `name`.

    Raises
    ------
    InputError
        When there is none; the message lists the existing ones.
    """
    if name not in CPUS:
        raise InputError(f"the CPU must be one of {', '.join(CPUS)}, not {name!r}")
    return CPUS[name]
