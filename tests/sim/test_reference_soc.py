"""Board sim is the SoC on which every cycle number is compared: its memory timing must not move."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cfuforge.sim.simulator import Simulator, Stop
from cfuforge.sw.elf import Firmware

ROUNDS = 4096
LOOP = 3  # addi; bnez taken


def loads(first: int) -> list[str]:
    return [f"lw a{2 + word % 4}, {4 * (first + word)}(a0)" for word in range(8)]


SUM = ["add s2, s2, a4"] * 8  # the first one waits a cycle for the load before the last
LINE = 20  # cycles that a line miss costs more than a hit

CASES = {
    "addi and a taken branch": ([], LOOP),
    "a hit": (["lw a2, 0(a0)", "addi a0, a0, 0"], LOOP + 2),
    "a miss": (["lw a2, 0(a0)", "addi a0, a0, 32"], LOOP + 2 + LINE),
    "a cold line": ([*loads(0), "addi a0, a0, 32"], LOOP + 9 + LINE),
    "a cold sequential sum, 4.9 cycles a word": (
        [*loads(0), *SUM, *loads(8), *SUM, "addi a0, a0, 64"],
        16 * 4.9,
    ),
    "a load used at once": (["lw a2, 0(a0)", "add a3, a2, a2"], LOOP + 4),
    "a multiplication": (["mul a2, a3, a4"], LOOP + 1),
    "a store": (["sw a2, 0(a0)"], LOOP + 1),
}


def cycles_of_loop(
    simulator: Simulator, program: Callable[[str], Firmware], body: list[str]
) -> float:
    """Return the cycles of a round of a loop around `body`, in which a0 points to cold memory."""
    lines = "\n".join(body)
    firmware = program(f"""
        li a0, 0x40100000
        li t1, {ROUNDS}
        csrr s0, mcycle
        .align 5
    1:  {lines}
        addi t1, t1, -1
        bnez t1, 1b
        csrr s1, mcycle
        sub s1, s1, s0
        li t0, FINISH
        sw s1, 0(t0)
    2:  j 2b
    """)
    simulator.load(firmware)
    simulator.reset()
    assert simulator.run(10_000_000) == Stop.FINISHED
    return simulator.state().finish / ROUNDS


@pytest.mark.parametrize("case", CASES)
def test_timing(simulator: Simulator, program: Callable[[str], Firmware], case: str) -> None:
    body, cycles = CASES[case]
    assert cycles_of_loop(simulator, program, body) == pytest.approx(cycles, rel=0.006)


def test_memories(simulator: Simulator) -> None:
    assert simulator.soc.memories == {"main_ram": (0x4000_0000, 16 << 20)}
    assert simulator.soc.board.cpu_variant == "full+cfu"
