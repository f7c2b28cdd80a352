"""A CFU's port into RAM and DRAM at once: order of answers, reads after writes, the CPU's share."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from cfuforge.cfu import Design
from cfuforge.sim.simulator import Simulator, Stop
from cfuforge.soc.board import board
from cfuforge.soc.generate import Soc, generate
from cfuforge.soc.litex.dram import RIGHT_BITSLIPS, RIGHT_DELAYS
from cfuforge.sw.elf import Firmware
from support.storm import WORDS, Storm, StormMemory

Assemble = Callable[[str], Firmware]
SRAM, DRAM, RESULTS = 0x1000_8000, 0x4010_0000, 0x1000_C000
BANK, ROWS = 1 << 11, 1 << 14  # bytes until the next bank; until another row of the same bank
OTHER = DRAM + (1 << 15)  # where only the CPU reads
REGIONS = (SRAM, DRAM, DRAM + BANK - 32, DRAM + ROWS)


class DramStorm(Storm):
    """A storm on RAM and DRAM."""

    regions = REGIONS


def training(soc: Soc) -> str:
    """Return the program that trains the simulated DDR3, whose right settings are known here."""
    if not soc.board.dram or soc.board.dram.phy != "A7DDRPHY":
        return ""
    register = {
        name: soc.registers[f"ddrphy_{name}"]
        for name in ("dly_sel", "rdly_dq_bitslip", "rdly_dq_inc")
    }
    lines = []
    for lane, (bitslip, delays) in enumerate(zip(RIGHT_BITSLIPS, RIGHT_DELAYS, strict=True)):
        steps = [("dly_sel", 1 << lane)]
        steps += bitslip * [("rdly_dq_bitslip", 1)] + (delays[0] + 1) * [("rdly_dq_inc", 1)]
        for name, value in steps:
            lines += [f"li t0, {register[name]}", f"li t1, {value}", "sw t1, 0(t0)"]
    return "\n".join(lines)


@pytest.fixture(scope="module", params=["arty", pytest.param("ulx3s", marks=pytest.mark.more)])
def soc(request: pytest.FixtureRequest) -> Soc:
    """The SoC with a port of 8 bytes."""
    return generate(board(request.param), port=8)


@pytest.fixture
def stormy(soc: Soc) -> Simulator:
    """The SoC with the CFU, and random bytes in the regions."""
    simulator = Simulator(soc, Design(DramStorm, kernels={}).verilog_file())
    for seed, region in enumerate(REGIONS):
        simulator.write(region, np.random.default_rng(seed).integers(0, 256, 128, np.uint8))
    return simulator


def run(simulator: Simulator, program: Assemble, body: list[str]) -> int:
    """Run a program and return its cycles."""
    lines = "\n".join(body)
    firmware = program(f"""
        li t0, 0x80000000
        csrw 0xBC0, t0
        {training(simulator.soc)}
        li s0, {RESULTS}
        {lines}
        .rept 200
        nop
        .endr
        li t0, FINISH
        li a0, 1
        sw a0, 0(t0)
    1:  j 1b
    """)
    simulator.load(firmware)
    simulator.reset()
    assert simulator.run(2_000_000) == Stop.FINISHED
    return simulator.state().cycles


def regions(simulator: Simulator) -> list[bytes]:
    return [simulator.read(each, 8 * WORDS) for each in REGIONS]


@pytest.mark.parametrize("mode", range(4))
def test_storms_and_the_cpu(mode: int, stormy: Simulator, program: Assemble) -> None:
    """Each storm follows some stores of the CPU at once; after it, the CPU loads some words.

    During the storm the CPU loads and stores elsewhere.
    """
    rng, memory = random.Random(mode), StormMemory(regions(stormy))
    others = np.random.default_rng(9).integers(0, 1 << 32, 1024, np.uint32)
    stormy.write(OTHER, others)
    body, expected = [], []
    for _ in range(25):
        for _ in range(rng.randrange(5)):
            region, at, value = rng.randrange(4), rng.randrange(0, 128, 4), rng.randrange(1 << 32)
            memory.regions[region][at : at + 4].view("<u4")[0] = value
            body += [f"li t0, {REGIONS[region] + at}", f"li t1, {value}", "sw t1, 0(t0)"]
        seed = rng.randrange(4, 1 << 32) & ~3 | mode
        expected.append(memory.storm(seed, 100))
        body += [f"li a1, {seed}", "li a2, 100", ".insn r 0x0b, 0, 0, x0, a1, a2"]
        for _ in range(rng.randrange(6)):
            index = rng.randrange(len(others))
            if rng.randrange(2):
                others[index] = rng.randrange(1 << 32)
                body += [f"li t0, {OTHER + 4 * index}", f"li t1, {others[index]}", "sw t1, 0(t0)"]
            else:
                expected.insert(-1, int(others[index]))
                body += [f"li t0, {OTHER + 4 * index}", "lw t1, 0(t0)"]
                body += ["sw t1, 0(s0)", "addi s0, s0, 4"]
        body += [".insn r 0x0b, 1, 0, a3, x0, x0"]
        body += ["sw a3, 0(s0)", "addi s0, s0, 4", ".word 0x500F"]
        for _ in range(rng.randrange(4)):
            region, at = rng.randrange(4), rng.randrange(0, 128, 4)
            expected.append(int(memory.regions[region][at : at + 4].view("<u4")[0]))
            body += [f"li t0, {REGIONS[region] + at}", "lw t1, 0(t0)"]
            body += ["sw t1, 0(s0)", "addi s0, s0, 4"]
    run(stormy, program, body)
    results = np.frombuffer(stormy.read(RESULTS, 4 * len(expected)), "<u4")
    assert results.tolist() == expected
    assert regions(stormy) == [each.tobytes() for each in memory.regions]
