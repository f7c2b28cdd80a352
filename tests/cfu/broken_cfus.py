"""A CFU with a mistake that the benches must notice."""

from typing import Any

from amaranth.hdl import Module, Signal

from cfuforge.cfu import Cfu, Instruction, Operand, Ports, Register, u32


def _count(state: Any) -> int:
    """Count the commands."""
    state.counter += 1
    return int(state.counter)


class CountsUntaken(Cfu):
    """Count cycles of ``cmd_valid`` instead of commands that were taken."""

    state = (Register("counter", u32),)
    instructions = (Instruction("count", funct3=0, rd=Operand("n", u32), reference=_count),)

    def hardware(self, m: Module, ports: Ports) -> None:
        """Look at valid alone, and hold every command back for a cycle."""
        counter, second = Signal(32), Signal()
        port = ports["count"]
        port.answer(m, counter + 1, when=second)
        m.d.sync += second.eq(port.cmd.valid & ~second)
        with m.If(port.cmd.valid):
            m.d.sync += counter.eq(counter + 1)
