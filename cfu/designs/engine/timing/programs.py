"""The programs that a kernel starts, and what they load."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cfuforge.cfu.commands import Command
from cfuforge.cfu.designs.engine.commands import Kind
from cfuforge.cfu.instruction import Instruction

__all__ = ["MOVED", "programs_of"]

MOVED = {
    Kind.ACTIVATIONS: "inputs",
    **dict.fromkeys((Kind.FILTERS, Kind.TAPS, Kind.TABLE), "weights"),
    Kind.RECORDS: "records",
}
"""What is loaded, by the store that it goes to; weights are also tables, and factors of a MUL."""


def programs_of(
    commands: Iterable[Command], instructions: Mapping[int, Instruction]
) -> Iterator[tuple[list[int], int, int]]:
    """Return each program that is started: the bases, its address, its size in units of 8 bytes."""
    bases = [0] * 4
    for command in commands:
        instruction = instructions.get(command.function_id)
        if instruction is None:
            continue
        if instruction.name == "base":
            bases[instruction.function_ids.index(command.function_id)] = command.rs1
        elif instruction.name == "start":
            yield bases, command.rs1 & -8, command.rs2
