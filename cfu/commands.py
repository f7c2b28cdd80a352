"""Commands to a CFU, and random programs of them, biased towards values that break hardware."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

from cfuforge.cfu.instruction import Instruction

__all__ = ["Command", "random_program", "random_word"]

_CORNERS = (
    *(0, 1, 2, 0xFFFF_FFFF, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0x4000_0000),
    *(0x7F7F_7F7F, 0x8080_8080, 0x0101_0101, 0x80, 0x7F, 0xFF, 0x8000, 0xFFFF_FF80),
)


class Command(NamedTuple):
    """One command to the CFU: its function id, ``funct7 << 3 | funct3``, and two 32-bit words."""

    function_id: int
    rs1: int
    rs2: int


def random_word(rng: random.Random) -> int:
    """Return a 32-bit word: a corner case, a power of two, a small signed number or any word."""
    kind = rng.randrange(5)
    if kind == 0:
        return rng.choice(_CORNERS)
    if kind == 1:
        return 1 << rng.randrange(32)
    if kind == 2:
        return rng.randint(-40, 40) & 0xFFFF_FFFF
    return rng.getrandbits(32)


def random_program(
    instructions: Sequence[Instruction], length: int, seed: int, undeclared: float = 0.02
) -> list[Command]:
    """Return `length` random commands; the same `seed` gives the same commands.

    Every instruction is equally likely, however many indices it has. A third of the commands
    repeat the previous function id, so that instructions also run back to back.

    Parameters
    ----------
    instructions
        The instructions to choose from; with none, every command is undeclared.
    length
        Number of commands.
    seed
        The random generator's seed.
    undeclared
        Fraction of commands with any of the 1,024 function ids, declared or not.
    """
    rng = random.Random(seed)
    program: list[Command] = []
    for _ in range(length):
        if not instructions or rng.random() < undeclared:
            function_id = rng.randrange(1024)
        elif program and rng.random() < 0.33:
            function_id = program[-1].function_id
        else:
            function_id = rng.choice(rng.choice(instructions).function_ids)
        program.append(Command(function_id, random_word(rng), random_word(rng)))
    return program
