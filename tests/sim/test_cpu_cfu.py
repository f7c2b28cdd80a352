"""The dispatcher on every CPU: random programs of CFU and ordinary instructions.

CFU instructions stand back to back, behind loads, stores, multiplications and branches, and need
each other's results; a Python model of both instruction sets says what registers and memory must
hold at the end. The body runs several times, so that it also runs from the instruction cache.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cfuforge.cfu.commands import random_program, random_word
from cfuforge.cfu.component import Cfu
from cfuforge.cfu.design import Design
from cfuforge.gateware.families import ALONE
from cfuforge.gateware.netlist import synthesise_cfu
from cfuforge.sim.simulator import Simulator, Stop
from cfuforge.soc.cpu import CPUS
from cfuforge.soc.generate import Soc

sys.path.insert(0, str(Path(__file__).parent))
import riscv_model as rv
from riscv_model import i, li, r, s

LENGTH, ROUNDS, WORDS = 150, 4, 32
LOOP, BASE = 8, 9  # s0 counts rounds, s1 points to memory
FREE = [register for register in range(5, 32) if register not in (LOOP, BASE)]
MASK = 0xFFFF_FFFF
CODE, DATA, NOP = 0x4000_0000, 0x4010_0000, 0x13


Alu = dict[tuple[int, int], Callable[[int, int], int]]  # by funct3, funct7


def random_body(cfu: Cfu, alu: Alu, rng: random.Random) -> list[tuple[Any, ...]]:
    """Return instructions as tuples: what, then its fields."""
    ids = [command.function_id for command in random_program(cfu.instructions, 4 * LENGTH, 1)]
    body: list[tuple[Any, ...]] = []
    while len(body) < LENGTH:
        rd, rs1, rs2 = rng.choices([0, *FREE], k=3)
        kind = rng.choices(["cfu", "alu", "load", "store", "branch"], [5, 2, 2, 1, 1])[0]
        if kind == "cfu":
            for _ in range(rng.choice([1, 1, 2, 4, 8])):  # back to back
                body.append(("cfu", rng.choice(ids), *rng.choices([0, *FREE], k=3)))
        elif kind == "alu":
            body.append(("alu", rng.choice(list(alu)), rd, rs1, rs2))
        elif kind == "load":
            for _ in range(rng.choice([1, 2])):
                body.append(("load", rng.choice(FREE), rng.randrange(WORDS)))
        elif kind == "store":
            body.append(("store", rs2, rng.randrange(WORDS)))
        else:
            body.append(("branch", rng.choice(list(rv.CONDITION)), rs1, rs2, rng.randrange(1, 4)))
    return body


def execute(
    cfu: Cfu, alu: Alu, body: list[tuple[Any, ...]], registers: list[int], memory: list[int]
) -> None:
    """Run the body ROUNDS times in Python."""
    reference = cfu.reference()
    for _ in range(ROUNDS):
        at = 0
        while at < len(body):
            what, *fields = body[at]
            at += 1
            result, rd = 0, 0
            if what == "cfu":
                function_id, rd, rs1, rs2 = fields
                result = reference.execute(function_id, registers[rs1], registers[rs2])
            elif what == "alu":
                operation, rd, rs1, rs2 = fields
                result = alu[operation](registers[rs1], registers[rs2])
            elif what == "load":
                rd, result = fields[0], memory[fields[1]]
            elif what == "store":
                memory[fields[1]] = registers[fields[0]]
            else:
                name, rs1, rs2, skip = fields
                at += skip if rv.CONDITION[name](registers[rs1], registers[rs2]) else 0
            if rd:
                registers[rd] = result & MASK


def program(soc: Soc, body: list[tuple[Any, ...]], registers: list[int]) -> list[int]:
    """Return the machine code: set the registers, run the body, store the registers, finish."""
    words = []
    if soc.cpu.cfu_switch:
        words = [*li(5, 0x8000_0000), i(rv.SYSTEM, 2, 0, 5, 0xBC0)]
    for register in FREE:
        words += li(register, registers[register])
    words += [*li(BASE, DATA), *li(LOOP, ROUNDS)]
    words += [NOP] * (-len(words) % 8)  # the loop begins on a cache line
    for index, (what, *fields) in enumerate(body):
        if what == "cfu":
            function_id, rd, rs1, rs2 = fields
            words.append(r(rv.CUSTOM_0, function_id & 7, function_id >> 3, rd, rs1, rs2))
        elif what == "alu":
            (funct3, funct7), rd, rs1, rs2 = fields
            words.append(r(rv.OP, funct3, funct7, rd, rs1, rs2))
        elif what == "load":
            words.append(i(rv.LOAD, 2, fields[0], BASE, 4 * fields[1]))
        elif what == "store":
            words.append(s(2, BASE, fields[0], 4 * fields[1]))
        else:
            funct3, rs1, rs2, skip = fields
            target = min(index + 1 + skip, len(body))
            words.append(rv.branch(funct3, rs1, rs2, 4 * (target - index)))
    words += [i(rv.OP_IMM, 0, LOOP, LOOP, -1), rv.branch(0, LOOP, 0, 8)]
    words += [rv.jal(0, -4 * (len(body) + 2))]
    words += [s(2, BASE, register, 4 * (WORDS + register)) for register in FREE]
    words += [*li(5, soc.registers["simulation_finish"]), i(rv.OP_IMM, 0, 6, 0, 1)]
    return [*words, s(2, 5, 6, 0), rv.jal(0, 0)]


def zoo() -> type[Cfu]:
    """Return the CFU of the library's own tests that has instructions of every kind."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "cfu"))
    from sample_cfus import Zoo

    return Zoo  # type: ignore[no-any-return]


DESIGNS = ("simd_mac", "simd_mac:rows=1", "simd_mac:folded=1", "zoo", "none")


@pytest.mark.parametrize(
    ("cpu", "which"),
    [
        pytest.param(
            *(cpu, which),
            marks=()
            if which == "zoo" or (cpu, which) in (("full+cfu", "simd_mac"), ("full+cfu", "none"))
            else pytest.mark.more
            if which == "simd_mac:folded=1"
            else pytest.mark.long,
        )
        for cpu in CPUS
        for which in DESIGNS
    ],
)
def test_random_programs(
    cpu: str,
    which: str,
    soc_with: Callable[[str], Soc],
) -> None:
    design = Design(zoo()) if which == "zoo" else Design.load(which)
    soc = soc_with(cpu)
    first = int(os.environ.get("CFUFORGE_SEED") or random.randrange(1 << 32))
    for seed in range(first, first + 25):
        print(f"replay with CFUFORGE_SEED={seed}")
        run_random(design, soc, design.verilog_file(), seed)


@pytest.mark.parametrize("seed", [73, 88])  # without `mended` the first hangs, the second errs
def test_a_division_before_a_cfu_instruction(seed: int, soc: Soc) -> None:
    design = Design.load("simd_mac:folded=1")
    run_random(design, soc, design.verilog_file(), seed)


@pytest.mark.parametrize(
    "family",
    [pytest.param(family, marks=() if family == "ice40" else pytest.mark.long) for family in ALONE],
)
@pytest.mark.more
def test_random_programs_after_synthesis(family: str, soc: Soc) -> None:
    design = Design(zoo())
    rtl = design.verilog_file()
    netlist = synthesise_cfu(rtl, family)
    for seed in range(5):
        assert run_random(design, soc, netlist, seed) == run_random(design, soc, rtl, seed)


def run_random(design: Design, soc: Soc, cfu: Path, seed: int) -> int:
    """Compare a random program with the model; return the cycles that it takes."""
    rng = random.Random(seed)
    alu = rv.Machine(0, bytearray(), soc.cpu.extensions).alu
    simulator = Simulator(soc, cfu)  # a reset does not clear memories
    registers = [0] * 32
    for register in FREE:
        registers[register] = random_word(rng)
    memory = [random_word(rng) for _ in range(WORDS)]
    body = random_body(design.cfu(), alu, rng)
    simulator.write(CODE, np.array(program(soc, body, registers), np.uint32))
    simulator.write(DATA, np.array(memory, np.uint32))
    simulator.reset()
    assert simulator.run(1_000_000) == Stop.FINISHED
    execute(design.cfu(), alu, body, registers, memory)
    words = np.frombuffer(simulator.read(DATA, 4 * (WORDS + 32)), np.uint32).tolist()
    assert words[:WORDS] == memory
    for register in FREE:
        assert words[WORDS + register] == registers[register], f"x{register}"
    return simulator.state().cycles
