"""A CFU and a kernel that go wrong in the way that the parameter says."""

from amaranth.hdl import Module

from cfuforge.cfu import Cfu, Instruction, Operand, s32

NO_ANSWER, NOT_TAKEN, MISALIGNED, ILLEGAL, ENDLESS, FINE, WRONG, UNPREPARED = range(8)
BEHIND, INPUT, CONSTANT, CODE, FAR = range(8, 13)  # what is overwritten
WRONG_ANSWER, COUNT, READ_FAR = 13, 14, 15
READ_BEHIND, READ_WEIGHTS, BEHIND_OWN, MOVE_BEHIND = range(16, 20)
LATER, STATE = 20, 21  # what is wrong: the output after the first inference, the state


def work(state, index, x):
    """Return x."""
    return x


class Faulty(Cfu):
    """One instruction, which is answered or not."""

    def __init__(self, fault: int = FINE):
        from cfuforge.cfu import Index

        self.fault = fault
        self.instructions = (
            Instruction(
                "work",
                funct3=2,
                funct7=3,
                index=Index("n", 4),
                rs1=Operand("x", s32),
                rd=Operand("y", s32),
                reference=work,
            ),
        )
        super().__init__()

    def hardware(self, m: Module, ports):
        """Answer, or never, or do not even take the command."""
        port = ports["work"]
        if self.fault == NO_ANSWER:
            m.d.comb += port.cmd.ready.eq(1)
        elif self.fault == WRONG_ANSWER:
            port.answer(m, port.rs1 ^ 8)
        elif self.fault != NOT_TAKEN:
            port.answer(m, port.rs1)
