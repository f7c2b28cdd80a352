"""Is the hardware what the reference says? Random programs on the Verilated CFU."""

from __future__ import annotations

from cfuforge.cfu.component import Cfu
from cfuforge.cfu.disassembly import function_name
from cfuforge.cfu.errors import RunError
from cfuforge.cfu.program import random_program
from cfuforge.cfu.verilog import hardware, verilog_file
from cfuforge.sim.cfu_model import CfuModel

__all__ = ["check_instructions"]


def check_instructions(cfu: Cfu, count: int = 10_000, seed: int = 1) -> None:
    """Run a random program, with random stalls, and compare every answer with the reference.

    Parameters
    ----------
    cfu
        The CFU.
    count
        Number of instructions.
    seed
        Of the program and of the stalls: the same seed gives the same test.

    Raises
    ------
    RunError
        At the first wrong or missing answer: which command, what was expected.
    """
    model = CfuModel(verilog_file(hardware(cfu)))
    reference = cfu.reference()
    commands = random_program(cfu.instructions, count, seed)
    for index, (command, answer) in enumerate(
        zip(commands, model.program(commands, seed), strict=True)
    ):
        expected = reference.execute(*command)
        if answer != expected:
            name = function_name(cfu.instructions, command.function_id)
            raise RunError(
                f"command {index} (seed {seed}): {name} rs1={command.rs1:#x} rs2={command.rs2:#x} "
                f"must give {expected:#x}, not {answer:#x}"
            )
