"""The behaviour of a whole CFU in Python, with which the hardware is compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cfuforge.cfu.instruction import Instruction, by_function_id
from cfuforge.cfu.port_memory import PortMemory
from cfuforge.cfu.state import Declaration, State

__all__ = ["Reference"]


class Reference:
    """Execute instructions one by one on their declared state.

    Parameters
    ----------
    instructions
        The CFU's instructions.
    state
        The CFU's declared registers and memories.
    memory
        What its memory port reaches; None if it has none.

    Attributes
    ----------
    state : State
        The current state.
    """

    def __init__(
        self,
        instructions: Sequence[Instruction],
        state: Sequence[Declaration] = (),
        memory: PortMemory | None = None,
    ) -> None:
        self._by_id = by_function_id(instructions)
        self.state = State(state, memory)

    def reset(self) -> None:
        """Return to the state after reset."""
        self.state.reset()

    def execute(self, function_id: int, rs1: int, rs2: int) -> int:
        """Return the 32-bit answer; an undeclared function id answers 0 and changes nothing."""
        instruction = self._by_id.get(function_id)
        if instruction is None:
            return 0
        return instruction.execute(self.state, function_id, rs1, rs2)

    def run(self, program: Iterable[tuple[int, int, int]]) -> list[int]:
        """Execute commands (function_id, rs1, rs2) one by one and return the answers."""
        return [self.execute(*command) for command in program]
