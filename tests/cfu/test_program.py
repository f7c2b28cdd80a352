from __future__ import annotations

from collections import Counter
from itertools import pairwise

from cfuforge.cfu import Design, random_program


def test_a_seed_gives_the_same_program_again() -> None:
    instructions = Design.load("simd_mac").instructions
    assert random_program(instructions, 200, 5) == random_program(instructions, 200, 5)
    assert random_program(instructions, 200, 5) != random_program(instructions, 200, 6)


def test_programs_reach_everything() -> None:
    design = Design.load("simd_mac")
    program = random_program(design.instructions, 5000, 1)
    ids = Counter(command.function_id for command in program)
    declared = {i for item in design.instructions for i in item.function_ids}
    assert declared <= set(ids)
    assert sum(ids[i] for i in set(ids) - declared) > 20
    repeats = sum(a[0] == b[0] for a, b in pairwise(program))
    assert repeats > 1500
    words = Counter(command.rs1 for command in program)
    assert all(words[corner] > 5 for corner in (0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF))
    assert all(0 <= word < 1 << 32 for command in program for word in command[1:])


def test_without_instructions_every_command_is_undeclared() -> None:
    design = Design.load("none")
    program = random_program(design.instructions, 50, 1)
    assert design.cfu().reference().run(program) == [0] * 50
