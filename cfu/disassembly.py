"""Disassemble CFU instructions: ``cfu dot[5] a0, a1, a2``."""

from __future__ import annotations

from collections.abc import Sequence

from cfuforge.cfu.instruction import Instruction, by_function_id, function_id_of

__all__ = ["disassemble", "function_name"]

_REGISTERS = (  # noqa: SIM905 (a list of one name a line is no easier to read)
    "zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 "
    "s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6"
).split()


def function_name(instructions: Sequence[Instruction], function_id: int) -> str:
    """Return the instruction's name for a function id, with its index: ``dot[5]``, ``set_offsets``.

    A function id that no instruction declares is ``undeclared(funct3=3, funct7=127)``.
    """
    instruction = by_function_id(instructions).get(function_id)
    if instruction is None:
        return f"undeclared(funct3={function_id & 7}, funct7={function_id >> 3})"
    index = f"[{instruction.function_ids.index(function_id)}]" if instruction.index else ""
    return instruction.name + index


def disassemble(instructions: Sequence[Instruction], word: int) -> str | None:
    """Return the text of a CFU instruction with rd, rs1 and rs2; None for any other word."""
    function_id = function_id_of(word)
    if function_id is None:
        return None
    registers = (_REGISTERS[word >> position & 31] for position in (7, 15, 20))
    return f"cfu {function_name(instructions, function_id)} {', '.join(registers)}"
