"""Every CPU variant against a Python model of its instruction set.

Programs are machine code. They and the model write registers, memory and the CSRs of each trap
into the same area, which must be equal at the end.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cfuforge.cfu.commands import random_word
from cfuforge.cfu.design import Design
from cfuforge.sim.simulator import Simulator, Stop
from cfuforge.soc.cpu import CPUS
from cfuforge.soc.generate import Soc

sys.path.insert(0, str(Path(__file__).parent))
import riscv_model as rv
from riscv_model import Machine, i, li, r, s

CODE, DATA, SIZE = 0x4000_0000, 0x4001_0000, 0x2_0000
TRAPS = DATA + 0x8000  # the log of traps: mcause, mepc, and mtval where it is an address
LOG, T1, T2 = 28, 29, 30  # registers of the trap handler
POINTER = 27  # to the data
FREE = range(1, 27)
CORNERS = [0, 1, 2, 31, 32, 0x7FF, 0x800, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0xFFFF_FFFF]


@pytest.fixture(params=list(CPUS), scope="module")
def simulator(request: pytest.FixtureRequest, soc_with: Callable[[str], Soc]) -> Simulator:
    return Simulator(soc_with(request.param), Design.load("none").verilog_file())


@pytest.fixture
def rng() -> random.Random:
    seed = int(os.environ.get("CFUFORGE_SEED") or random.randrange(1 << 32))
    print(f"replay with CFUFORGE_SEED={seed}")
    return random.Random(seed)


def handler() -> list[int]:
    """Append mcause, mepc and mtval to the log, and go on behind the instruction."""
    csrr = [i(rv.SYSTEM, 2, T1, 0, number) for number in (rv.MCAUSE, rv.MEPC, rv.MTVAL)]
    return [
        csrr[0],
        s(2, LOG, T1, 0),
        i(rv.OP_IMM, 7, T2, T1, ~6),  # 0 for causes 0, 2, 4 and 6
        i(rv.OP_IMM, 0, T1, T1, -rv.ILLEGAL),
        r(rv.OP, 3, 0, T1, 0, T1),  # 0 for cause 2
        i(rv.OP_IMM, 4, T1, T1, 1),
        r(rv.OP, 6, 0, T2, T2, T1),
        csrr[2],
        rv.branch(0, T2, 0, 8),
        i(rv.OP_IMM, 0, T1, 0, 0),  # what mtval is then is the CPU's own affair
        s(2, LOG, T1, 8),
        csrr[1],
        s(2, LOG, T1, 4),
        i(rv.OP_IMM, 0, T1, T1, 4),
        i(rv.SYSTEM, 1, 0, T1, rv.MEPC),
        i(rv.OP_IMM, 0, LOG, LOG, 12),
        rv.MRET,
    ]


def check(simulator: Simulator, body: list[int], data: bytes = b"") -> Machine:
    """Run `body` on the CPU and on the model, with a trap handler; compare what they leave."""
    soc = simulator.soc
    trap = handler()
    at = CODE + 4 * (1 + len(trap))
    start = [i(rv.OP_IMM, 0, register, 0, 0) for register in FREE]
    start += [*li(T1, CODE + 4), i(rv.SYSTEM, 1, 0, T1, rv.MTVEC), *li(LOG, TRAPS)]
    start += li(POINTER, DATA)
    dump = [*li(POINTER, DATA + 0x7000)]
    dump += [s(2, POINTER, register, 4 * register) for register in FREE]
    end = at + 4 * (len(start) + len(body) + len(dump))
    finish = [*li(T1, soc.registers["simulation_finish"]), i(rv.OP_IMM, 0, T2, 0, 1)]
    finish += [s(2, T1, T2, 0), rv.jal(0, 0)]
    words = [rv.jal(0, at - CODE), *trap, *start, *body, *dump, *finish]
    assert CODE + 4 * len(words) < DATA
    image = b"".join(word.to_bytes(4, "little") for word in words)
    memory = bytearray(image.ljust(DATA - CODE, b"\0") + data).ljust(SIZE, b"\0")
    model = Machine(CODE, bytearray(memory), soc.cpu.extensions, soc.cpu.breakpoints, pc=CODE)
    simulator.write(CODE, bytes(memory))
    simulator.reset()
    assert simulator.run(2_000_000) == Stop.FINISHED
    model.run(end)
    seen = np.frombuffer(simulator.read(DATA, SIZE - (DATA - CODE)), np.uint32)
    expected = np.frombuffer(model.memory[DATA - CODE :], np.uint32)
    for at in np.flatnonzero(seen != expected)[:1]:
        what = f"{DATA + 4 * at:#x} holds {seen[at]:#x}, must hold {expected[at]:#x}"
        raise AssertionError(f"{simulator.soc.cpu.name}: {what}")
    return model


def operands(rng: random.Random, count: int) -> list[tuple[int, int]]:
    pairs = [(a, b) for a in CORNERS for b in CORNERS]
    return pairs + [(random_word(rng), random_word(rng)) for _ in range(count)]


def words_of(pairs: list[tuple[int, int]]) -> bytes:
    return b"".join(word.to_bytes(4, "little") for pair in pairs for word in (*pair, 0))


def loop(body: list[int], count: int) -> list[int]:
    """Run `body` for `count` records of three words: x5 and x6 are its operands, x7 its result."""
    load = [i(rv.LOAD, 2, 5, POINTER, 0), i(rv.LOAD, 2, 6, POINTER, 4)]
    store = [s(2, POINTER, 7, 8), i(rv.OP_IMM, 0, POINTER, POINTER, 12)]
    lines = [*load, *body, *store]
    again = [rv.branch(6, POINTER, 8, -4 * len(lines))]
    return [*li(8, DATA + 12 * count), *lines, *again]


def test_register_operations(simulator: Simulator, rng: random.Random) -> None:
    pairs = operands(rng, 100)
    for funct3, funct7 in rv.ALU | rv.MULTIPLY | rv.DIVIDE:  # what it lacks has to trap
        check(simulator, loop([r(rv.OP, funct3, funct7, 7, 5, 6)], len(pairs)), words_of(pairs))


def test_immediate_operations(simulator: Simulator, rng: random.Random) -> None:
    pairs = operands(rng, 20)
    for funct3, funct7 in rv.ALU:
        if funct7 and funct3 == 0:
            continue  # there is no SUBI
        shifts = funct3 in (1, 5)
        choices = range(32) if shifts else [*(-2048, -1, 0, 1, 2047), rng.randrange(-2048, 2048)]
        body = []
        for value in choices:
            body += [i(rv.OP_IMM, funct3, 9, 5, funct7 << 5 | value), r(rv.OP, 4, 0, 7, 7, 9)]
            body += [i(rv.OP_IMM, 1, 9, 7, 7), r(rv.OP, 0, 0, 7, 7, 9)]  # a sum of all results
        check(simulator, loop(body, len(pairs)), words_of(pairs))


def test_branches(simulator: Simulator, rng: random.Random) -> None:
    pairs = operands(rng, 100)
    for funct3 in rv.CONDITION:
        skip = [rv.branch(funct3, 5, 6, 8), i(rv.OP_IMM, 0, 7, 0, 5)]
        check(simulator, loop([i(rv.OP_IMM, 0, 7, 0, 9), *skip], len(pairs)), words_of(pairs))


def test_loads_and_stores_of_every_width_and_alignment(
    simulator: Simulator, rng: random.Random
) -> None:
    body = []
    for offset in range(8):
        for funct3 in (0, 1, 2, 4, 5):
            body += [i(rv.OP_IMM, 0, 7, 0, -1), i(rv.LOAD, funct3, 7, POINTER, offset)]
            body += [s(2, POINTER, 7, 64 + 32 * offset + 4 * funct3)]
        for funct3 in range(3):
            body += [
                i(rv.LOAD, 2, 6, POINTER, 8),
                s(funct3, POINTER, 6, 512 + 16 * offset + offset),
            ]
    machine = check(simulator, body, rng.randbytes(1024))
    assert machine.csrs[rv.MCAUSE] == rv.STORE_MISALIGNED


def test_jumps_to_half_words_trap_and_write_nothing(simulator: Simulator) -> None:
    body = [i(rv.OP_IMM, 0, 5, 0, 77), rv.jal(5, 6), rv.branch(0, 0, 0, 10)]
    body += [*li(6, CODE), i(rv.JALR, 0, 5, 6, 2), i(rv.JALR, 0, 5, 6, 3)]
    machine = check(simulator, body)
    assert machine.registers[5] == 77
    assert machine.csrs[rv.MCAUSE] == rv.JUMP_MISALIGNED


def test_jumps_link_and_ignore_bit_0(simulator: Simulator) -> None:
    auipc = 5 << 7 | rv.AUIPC
    body = [auipc, i(rv.JALR, 0, 5, 5, 13), i(rv.OP_IMM, 0, 6, 0, 1), rv.jal(7, 8)]
    check(simulator, [*body, i(rv.OP_IMM, 0, 6, 0, 2), 0xABCDE << 12 | 8 << 7 | rv.AUIPC])


def test_environment_calls_breakpoints_and_fences(simulator: Simulator) -> None:
    fences = [i(rv.MISC_MEM, 0, 0, 0, 0xFF), i(rv.MISC_MEM, 1, 0, 0, 0)]
    check(simulator, [rv.ECALL, i(rv.OP_IMM, 0, 5, 0, 1), rv.EBREAK, *fences])


def test_trap_csrs_can_be_written_set_and_cleared(simulator: Simulator, rng: random.Random) -> None:
    body = []
    for _ in range(60):
        number, keep = rng.choice([(rv.MSCRATCH, rv.MASK), (rv.MEPC, ~3)])
        operation = rng.choice([1, 2, 3, 5, 6, 7] if number == rv.MSCRATCH else [1, 2, 3])
        rd, source = rng.choice([0, 5, 6]), rng.choice([0, 5])
        body += [*li(5, random_word(rng) & keep), i(rv.SYSTEM, operation, rd, source, number)]
        body += [i(rv.SYSTEM, 2, 7, 0, number), r(rv.OP, 4, 0, 8, 8, 7), r(rv.OP, 0, 0, 8, 8, 6)]
        body += [i(rv.OP_IMM, 1, 9, 8, 3), r(rv.OP, 0, 0, 8, 8, 9)]
    check(simulator, [*(i(rv.SYSTEM, 1, 0, 0, number) for number in (rv.MSCRATCH, rv.MEPC)), *body])


def test_what_is_no_instruction_traps(simulator: Simulator, rng: random.Random) -> None:
    cpu = simulator.soc.cpu
    model = Machine(CODE, bytearray(), cpu.extensions, cpu.breakpoints)
    words = [0, 0xFFFF_FFFF, *(rng.getrandbits(32) for _ in range(500))]
    for opcode in range(128):
        words += [rng.getrandbits(25) << 7 | opcode for _ in range(8)]
    for opcode in (rv.OP, rv.OP_IMM, rv.LOAD, rv.STORE, rv.BRANCH, rv.JALR, rv.MISC_MEM):
        words += [r(opcode, f3, f7, 5, 6, 7) for f3 in range(8) for f7 in (0, 1, 2, 32, 33, 64)]
    illegal = [
        word
        for word in words
        if not model.legal(word) and word & 127 != rv.SYSTEM
        if not any(word & mask == match for mask, match in cpu.untrapped)
    ]
    assert len(illegal) > 1000
    for at in range(0, len(illegal), 500):
        check(simulator, illegal[at : at + 500])


def test_csrs_that_are_not_there_trap(simulator: Simulator) -> None:
    here = simulator.soc.cpu.csrs
    reads = [i(rv.SYSTEM, 2, 5, 0, number) for number in range(4096) if number not in here]
    for at in range(0, len(reads), 1000):
        check(simulator, reads[at : at + 1000])


def test_mcycle_counts_cycles_and_can_be_read_in_two_halves(simulator: Simulator) -> None:
    low = [i(rv.SYSTEM, 2, 5, 0, 0xB00), i(rv.SYSTEM, 2, 6, 0, 0xB00), i(rv.SYSTEM, 2, 7, 0, 0xB80)]
    words = [*low, *li(8, DATA), s(2, 8, 5, 0), s(2, 8, 6, 4), s(2, 8, 7, 8)]
    words += [*li(5, simulator.soc.registers["simulation_finish"]), i(rv.OP_IMM, 0, 6, 0, 1)]
    words += [s(2, 5, 6, 0), rv.jal(0, 0)]
    simulator.write(CODE, b"".join(word.to_bytes(4, "little") for word in words))
    simulator.reset()
    assert simulator.run(10_000) == Stop.FINISHED
    data = simulator.read(DATA, 12)
    first, second, high = (int.from_bytes(data[at : at + 4], "little") for at in (0, 4, 8))
    assert 0 < first < second < simulator.state().cycles
    assert high == 0
