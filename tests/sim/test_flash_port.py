"""A CFU's port into SPRAM and flash, beside a CPU that fetches from the same SPRAM."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from cfuforge.cfu import Design
from cfuforge.sim.simulator import Simulator, Stop
from cfuforge.soc.board import board
from cfuforge.soc.generate import Soc, generate
from cfuforge.sw.elf import Firmware
from support.storm import WORDS, Storm, StormMemory

FLASH, LOW, HIGH = 0x2010_0000, 0x4000_C000, 0x4001_C000  # HIGH is in the other pair of SPRAM
OTHER, OTHERS_IN_FLASH, RESULTS = 0x4000_E000, 0x2010_2000, 0x4000_F000
REGIONS = (LOW, HIGH, FLASH, LOW + 4 * WORDS)
WIDTH = 4


class FlashStorm(Storm):
    """A storm on SPRAM and flash."""

    memory_width = WIDTH
    regions = REGIONS


@pytest.fixture(scope="module")
def soc() -> Soc:
    return generate(board("fomu"), port=WIDTH)


@pytest.fixture
def stormy(soc: Soc) -> Simulator:
    """The SoC with the CFU, random bytes in the regions, and a jump to RAM where the CPU starts."""
    simulator = Simulator(soc, Design(FlashStorm, kernels={}).verilog_file())
    jump = np.array([0x4000_02B7, 0x0002_8067], "<u4").tobytes()  # lui t0, 0x40000; jr t0
    simulator.write(soc.reset_address, jump)
    for seed, region in enumerate(REGIONS):
        data = np.random.default_rng(seed).integers(0, 256, WIDTH * WORDS, np.uint8)
        simulator.write(region, data.tobytes())
    return simulator


def regions(simulator: Simulator) -> list[bytes]:
    return [simulator.read(each, WIDTH * WORDS) for each in REGIONS]


@pytest.mark.parametrize("mode", range(4))
def test_storms_and_the_cpu(
    mode: int, stormy: Simulator, program: Callable[[str], Firmware]
) -> None:
    """Each storm follows some stores of the CPU at once; after it, the CPU loads some words.

    During the storm the CPU loads and stores elsewhere. A store to the flash does nothing.
    """
    rng, memory = random.Random(mode), StormMemory(regions(stormy), WIDTH, kept=[2])
    others = np.random.default_rng(9).integers(0, 1 << 32, 64, np.uint32)
    for place in (OTHER, OTHERS_IN_FLASH):
        stormy.write(place, others.tobytes())
    constant = others.copy()
    body, expected = [], []

    def load(address: int) -> list[str]:
        return [f"li t0, {address}", "lw t1, 0(t0)", "sw t1, 0(s0)", "addi s0, s0, 4"]

    for _ in range(25):
        for _ in range(rng.randrange(5)):
            region, at, value = rng.choice([0, 1, 3]), 4 * rng.randrange(16), rng.randrange(1 << 32)
            memory.regions[region][at : at + 4].view("<u4")[0] = value
            body += [f"li t0, {REGIONS[region] + at}", f"li t1, {value}", "sw t1, 0(t0)"]
        seed = rng.randrange(4, 1 << 32) & ~3 | mode
        total = memory.storm(seed, 100)
        body += [f"li a1, {seed}", "li a2, 100", ".insn r 0x0b, 0, 0, x0, a1, a2"]
        for _ in range(rng.randrange(6)):
            index, what = rng.randrange(len(others)), rng.randrange(3)
            if what == 0:
                others[index] = rng.randrange(1 << 32)
                body += [f"li t0, {OTHER + 4 * index}", f"li t1, {others[index]}", "sw t1, 0(t0)"]
            else:
                expected.append(int((others if what == 1 else constant)[index]))
                body += load((OTHER if what == 1 else OTHERS_IN_FLASH) + 4 * index)
        body += [".insn r 0x0b, 1, 0, a3, x0, x0", "sw a3, 0(s0)", "addi s0, s0, 4"]
        expected.append(total)
        for _ in range(rng.randrange(4)):
            region, at = rng.randrange(4), 4 * rng.randrange(16)
            expected.append(int(memory.regions[region][at : at + 4].view("<u4")[0]))
            body += load(REGIONS[region] + at)
    lines = "\n".join(body)
    stormy.load(
        program(f"""
        li s0, {RESULTS}
        {lines}
        li t0, FINISH
        li a0, 1
        sw a0, 0(t0)
    1:  j 1b
    """)
    )
    stormy.reset()
    assert stormy.run(2_000_000) == Stop.FINISHED
    results = np.frombuffer(stormy.read(RESULTS, 4 * len(expected)), "<u4")
    assert results.tolist() == expected
    assert regions(stormy) == [each.tobytes() for each in memory.regions]
