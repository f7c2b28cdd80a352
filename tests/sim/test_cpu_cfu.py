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

import pytest

from cfuforge.cfu.component import Cfu
from cfuforge.cfu.design import Design
from cfuforge.cfu.program import random_program, random_word
from cfuforge.sim.simulator import Simulator, Stop
from cfuforge.sim.symbols import Firmware
from cfuforge.soc.cpu import CPUS, Cpu
from cfuforge.soc.generate import Soc

LENGTH, ROUNDS, WORDS = 150, 4, 32
LOOP, BASE = 8, 9  # s0 counts rounds, s1 points to memory
FREE = [register for register in range(5, 32) if register not in (LOOP, BASE)]
MASK = 0xFFFF_FFFF
DATA = 0x4010_0000


def signed(value: int) -> int:
    return value - (value >> 31 << 32)


ALU: dict[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "xor": lambda a, b: a ^ b,
    "and": lambda a, b: a & b,
    "slt": lambda a, b: int(signed(a) < signed(b)),
    "sll": lambda a, b: a << (b & 31),
    "mul": lambda a, b: a * b,
}
BRANCH: dict[str, Callable[[int, int], bool]] = {
    "beq": lambda a, b: a == b,
    "bne": lambda a, b: a != b,
    "blt": lambda a, b: signed(a) < signed(b),
    "bgeu": lambda a, b: a >= b,
}


def random_body(cfu: Cfu, alu: list[str], rng: random.Random) -> list[tuple[Any, ...]]:
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
            body.append(("alu", rng.choice(alu), rd, rs1, rs2))
        elif kind == "load":
            for _ in range(rng.choice([1, 2])):
                body.append(("load", rng.choice(FREE), rng.randrange(WORDS)))
        elif kind == "store":
            body.append(("store", rs2, rng.randrange(WORDS)))
        else:
            body.append(("branch", rng.choice(list(BRANCH)), rs1, rs2, rng.randrange(1, 4)))
    return body


def execute(cfu: Cfu, body: list[tuple[Any, ...]], registers: list[int], memory: list[int]) -> None:
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
                name, rd, rs1, rs2 = fields
                result = ALU[name](registers[rs1], registers[rs2])
            elif what == "load":
                rd, result = fields[0], memory[fields[1]]
            elif what == "store":
                memory[fields[1]] = registers[fields[0]]
            else:
                name, rs1, rs2, skip = fields
                at += skip if BRANCH[name](registers[rs1], registers[rs2]) else 0
            if rd:
                registers[rd] = result & MASK


def assembly(cpu: Cpu, body: list[tuple[Any, ...]], registers: list[int]) -> str:
    """Return the program: set the registers, run the body, store the registers, finish."""
    lines = ["li t0, 0x80000000", "csrs 0xbc0, t0"] if cpu.cfu_switch else []
    lines += [f"li x{register}, {registers[register]:#x}" for register in FREE]
    lines += [f"li x{BASE}, {DATA:#x}", f"li x{LOOP}, {ROUNDS}", ".align 5", "again:"]
    for index, (what, *fields) in enumerate(body):
        lines.append(f"at{index}:")
        if what == "cfu":
            function_id, rd, rs1, rs2 = fields
            funct = f"{function_id & 7}, {function_id >> 3}"
            lines.append(f".insn r 0x0b, {funct}, x{rd}, x{rs1}, x{rs2}")
        elif what == "alu":
            lines.append(f"{fields[0]} x{fields[1]}, x{fields[2]}, x{fields[3]}")
        elif what == "load":
            lines.append(f"lw x{fields[0]}, {4 * fields[1]}(x{BASE})")
        elif what == "store":
            lines.append(f"sw x{fields[0]}, {4 * fields[1]}(x{BASE})")
        else:
            target = min(index + 1 + fields[3], len(body))
            lines.append(f"{fields[0]} x{fields[1]}, x{fields[2]}, at{target}")
    lines += [f"at{len(body)}:", f"addi x{LOOP}, x{LOOP}, -1", f"beqz x{LOOP}, 1f", "j again", "1:"]
    lines += [f"sw x{register}, {4 * (WORDS + register)}(x{BASE})" for register in FREE]
    lines += ["li t0, FINISH", "li t1, 1", "sw t1, 0(t0)", "2: j 2b"]
    return "\n".join(lines)


def zoo() -> type[Cfu]:
    """Return the CFU of the library's own tests that has instructions of every kind."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "cfu"))
    from sample_cfus import Zoo

    return Zoo  # type: ignore[no-any-return]


@pytest.mark.parametrize("which", ["simd_mac", "simd_mac:rows=1", "zoo", "none"])
@pytest.mark.parametrize("cpu", list(CPUS))
def test_random_programs(
    cpu: str,
    which: str,
    soc_with: Callable[[str], Soc],
    assemble: Callable[[Soc, str], Firmware],
) -> None:
    design = Design(zoo()) if which == "zoo" else Design.load(which)
    soc = soc_with(cpu)
    alu = [name for name in ALU if name != "mul" or soc.cpu.multiplies]
    first = int(os.environ.get("CFUFORGE_SEED") or random.randrange(1 << 32))
    for seed in range(first, first + 25):
        print(f"replay with CFUFORGE_SEED={seed}")
        rng = random.Random(seed)
        simulator = Simulator(soc, design.verilog_file())  # a reset does not clear memories
        registers = [0] * 32
        for register in FREE:
            registers[register] = random_word(rng)
        memory = [random_word(rng) for _ in range(WORDS)]
        body = random_body(design.cfu(), alu, rng)
        simulator.load(assemble(soc, assembly(soc.cpu, body, registers)))
        simulator.write(DATA, b"".join(word.to_bytes(4, "little") for word in memory))
        simulator.reset()
        assert simulator.run(1_000_000) == Stop.FINISHED
        execute(design.cfu(), body, registers, memory)
        data = simulator.read(DATA, 4 * (WORDS + 32))
        words = [int.from_bytes(data[4 * i : 4 * i + 4], "little") for i in range(WORDS + 32)]
        assert words[:WORDS] == memory
        for register in FREE:
            assert words[WORDS + register] == registers[register], f"x{register}"
