"""CPU variants as plain data: what each has, what it lacks, which instructions it knows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from cfuforge.cfu.errors import InputError
from cfuforge.soc.small_cpu_decode import COUNTERS, CSRS

__all__ = ["CPUS", "Core", "Cpu", "cpu"]


class Core(Enum):
    """Where a CPU's Verilog comes from."""

    PACKAGED = "VexRiscv, as pythondata-cpu-vexriscv carries it"
    SMALL = "SmallCpu, this project's own core in Amaranth"


@dataclass(frozen=True)
class Cpu:
    """A CPU with a CFU port.

    Parameters
    ----------
    name
        What a board calls it.
    description
        One line for lists.
    core
        Where its Verilog comes from.
    extensions
        What it has beyond RV32I, in RISC-V's names: ``m``, ``zmmul``.
    instruction_cache, data_cache
        Bytes; 0 for none.
    csrs
        Numbers of the control and status registers.
    breakpoints
        Whether EBREAK is more than an illegal instruction.
    untrapped
        What should trap as illegal and does not: mask and match of the instructions.
    lacks
        What else a program could expect and does not find.
    """

    name: str
    description: str
    core: Core
    extensions: tuple[str, ...] = ()
    instruction_cache: int = 0
    data_cache: int = 0
    csrs: tuple[int, ...] = ()
    breakpoints: bool = True
    untrapped: tuple[tuple[int, int], ...] = ()
    lacks: tuple[str, ...] = ()

    @property
    def isa(self) -> str:
        """The instruction set, as ``-march`` writes it: ``rv32im_zicsr``."""
        single = "".join(name for name in self.extensions if len(name) == 1)
        several = [name for name in self.extensions if len(name) > 1]
        return "_".join(["rv32i" + single, "zicsr", *several])

    @property
    def multiplies(self) -> bool:
        """Whether it has MUL, MULH, MULHSU and MULHU."""
        return bool({"m", "zmmul"} & set(self.extensions))

    @property
    def cfu_switch(self) -> bool:
        """Whether CFU instructions trap until bit 31 of CSR 0xBC0 is set, as in VexRiscv."""
        return self.core is not Core.SMALL


VEXRISCV_UNTRAPPED = (  # LOAD with funct3 6; SLLI, SRLI and SRAI by 32 or more
    *((0x0000_707F, 0x0000_6003),),
    *((0x0200_707F, 0x0200_1013), (0x0200_707F, 0x0200_5013)),
)
NO_INTERRUPTS = "interrupts, mstatus, mie, mip, misa and the identification registers"

CPUS = {
    cpu.name: cpu
    for cpu in [
        Cpu(
            name="full+cfu",
            description="VexRiscv with everything: caches, one-cycle multiply, branch prediction",
            core=Core.PACKAGED,
            extensions=("m",),
            instruction_cache=4096,
            data_cache=4096,
            csrs=(
                *(0x300, 0x301, 0x304, 0x305, 0x340, 0x341, 0x342, 0x343, 0x344),
                *(0xB00, 0xB02, 0xB80, 0xB82, 0xC00, 0xC02, 0xC80, 0xC82),
                *(0xF11, 0xF12, 0xF13, 0xF14, 0xBC0, 0xCC0, 0xFC0),
            ),
            breakpoints=False,
            untrapped=VEXRISCV_UNTRAPPED,
        ),
        Cpu(
            name="small+cfu",
            description="the smallest: no cache, one bus, 2 cycles an instruction, serial shifter",
            core=Core.SMALL,
            csrs=(*CSRS, *COUNTERS),
            lacks=(NO_INTERRUPTS, "multiplication and division"),
        ),
        Cpu(
            name="small+mul+cfu",
            description="small+cfu with one-cycle products and shifts on four 16x16 multipliers",
            core=Core.SMALL,
            csrs=(*CSRS, *COUNTERS),
            extensions=("zmmul",),
            lacks=(NO_INTERRUPTS, "division"),
        ),
    ]
}


def cpu(name: str) -> Cpu:
    """Return the CPU variant called `name`.

    Raises
    ------
    InputError
        When there is none; the message lists those there are.
    """
    if name not in CPUS:
        raise InputError(f"the CPU must be one of {', '.join(CPUS)}, not {name!r}")
    return CPUS[name]
