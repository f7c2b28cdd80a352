"""The instructions of `engine`."""

from typing import Any

from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.lean.reference import LeanReference
from cfuforge.cfu.designs.engine.reference import EngineReference
from cfuforge.cfu.instruction import Index, Instruction, Operand
from cfuforge.cfu.shapes import u32
from cfuforge.cfu.state import Declaration, Memory

__all__ = ["declare_instructions", "declare_state"]


def declare_state() -> tuple[Declaration, ...]:
    """Return the state."""
    return (Memory("base", u32, 4, "addresses: output, input, second input"),)


def declare_instructions(configuration: Configuration) -> tuple[Instruction, ...]:
    """Return the instructions."""

    def start(state: Any, program: int, beats: int) -> None:
        """Run the commands of a layer."""
        kind = LeanReference if configuration.lean else EngineReference
        reference = kind(configuration)
        reference.execute(state.memory, list(state.base), program, beats & 0xFFFF)

    most = (
        Instruction(
            "base",
            funct3=0,
            index=Index("k", 4, "0 output, 1 input, 2 second input"),
            rs1=Operand("address", u32, "of the tensor's first byte"),
            reference=_base,
        ),
        Instruction(
            "start",
            funct3=1,
            rs1=Operand("program", u32, "address of the commands, a multiple of 8"),
            rs2=Operand("beats", u32, "their size in units of 8 bytes"),
            reference=start,
        ),
        Instruction("wait", funct3=2, reference=_wait),
    )
    count = Instruction(
        "count",
        funct3=3,
        index=Index("k", 8, "which counter"),
        rd=Operand("cycles", u32, "since reset, modulo 2**32"),
        reference=_count,
        compared=False,
    )
    return most if configuration.lean else (*most, count)


def _base(state: Any, k: int, address: int) -> None:
    """Set the address of a tensor."""
    state.base[k] = address


def _wait(state: Any) -> None:
    """Answer when all commands have been carried out and all outputs written."""


def _count(state: Any, k: int) -> int:
    """Return a counter: a time, which the reference does not know."""
    return 0
