"""The dispatcher in Amaranth's simulator: order, throughput, stalls, undeclared ids."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from amaranth.hdl import Module, Signal
from broken_cfus import CountsUntaken
from sample_cfus import Sum4, Zoo

from cfuforge.cfu import Cfu, Instruction, Operand, Ports, Register, random_program, u32
from cfuforge.cfu.designs.none import NoCfu
from cfuforge.cfu.designs.simd_mac import SimdMac

Run = Callable[..., tuple[list[int], int]]


@pytest.mark.parametrize("cfu", [Sum4, Zoo, NoCfu])
@pytest.mark.parametrize(("gap", "stall"), [(0, 0), (0.5, 0), (0, 0.5), (0.6, 0.6), (0, 0.9)])
def test_answers_equal_the_reference_under_any_stall(
    cfu: type[Cfu], gap: float, stall: float, run_program: Run, seed: int
) -> None:
    program = random_program(cfu.instructions, 200, seed, undeclared=0.1)
    answers, _ = run_program(cfu(), program, gap, stall)
    assert answers == cfu().reference().run(program)


@pytest.mark.parametrize("names", [["count"], ["negate", "sign", "clear"], []])
def test_one_command_a_cycle(names: list[str], run_program: Run, seed: int) -> None:
    ids = [i for item in Zoo.instructions if item.name in names for i in item.function_ids]
    rng = random.Random(seed)
    program = [(rng.choice(ids or [999]), rng.getrandbits(32), 0) for _ in range(200)]
    answers, cycles = run_program(Zoo(), program)
    assert cycles == len(program) + 1  # the last answer comes one cycle after its command
    assert answers == Zoo().reference().run(program)


def test_a_stalled_answer_lets_two_commands_in_and_then_waits(run_program: Run) -> None:
    program = [(0x19, 1, 0)] * 50  # count
    for stall in (0.5, 0.8):
        answers, _ = run_program(Zoo(), program, 0, stall)
        assert answers == list(range(7, 57))


def test_undeclared_ids_answer_0_and_change_nothing(run_program: Run) -> None:
    count = next(item for item in Zoo.instructions if item.name == "count").function_ids[0]
    declared = {i for item in Zoo.instructions for i in item.function_ids}
    program = []
    for function_id in set(range(1024)) - declared:
        program += [(function_id, 0xFFFF_FFFF, 0xFFFF_FFFF), (count, 0, 0)]
    answers, _ = run_program(Zoo(), program)
    assert answers == [0, 7] * (len(program) // 2)


def test_this_bench_notices_state_that_changes_without_a_taken_command(run_program: Run) -> None:
    program = [(0, 0, 0)] * 10
    answers, _ = run_program(CountsUntaken(), program)
    assert answers != CountsUntaken().reference().run(program)


@pytest.mark.parametrize("folded", [False, True])
@pytest.mark.parametrize("rows", [1, 2, 4])
def test_simd_mac_random_programs(rows: int, folded: bool, run_program: Run, seed: int) -> None:
    program = random_program(SimdMac(rows).instructions, 300, seed, undeclared=0.1)
    answers, _ = run_program(SimdMac(rows, folded), program, 0.2, 0.2)
    assert answers == SimdMac(rows).reference().run(program)


class Direct(Cfu):
    """A counter that answers in the cycle in which the command is taken, the second at first."""

    direct = True
    state = (Register("counter", u32),)
    instructions = (
        Instruction(
            "count",
            funct3=2,
            rs1=Operand("step", u32),
            rd=Operand("n", u32),
            reference=lambda state, step: _count(state, step),
        ),
    )

    def hardware(self, m: Module, ports: Ports) -> None:
        """Hold every command back for a cycle in which it could be taken."""
        counter, second = Signal(32), Signal()
        port = ports["count"]
        port.answer(m, counter + port.rs1, when=second)
        with m.If(port.cmd.valid):
            m.d.sync += second.eq(~second)
        with m.If(port.taken):
            m.d.sync += counter.eq(counter + port.rs1)


def _count(state: Any, step: int) -> int:
    state.counter = state.counter + step & 0xFFFF_FFFF
    return int(state.counter)


@pytest.mark.parametrize("stall", [0, 0.5])
def test_direct_answers(stall: float, run_program: Run, seed: int) -> None:
    program = random_program(Direct.instructions, 200, seed, undeclared=0.1)
    answers, cycles = run_program(Direct(), program, 0, stall)
    assert answers == Direct().reference().run(program)
    counted = sum(function_id == 2 for function_id, _, _ in program)
    assert stall or cycles == len(program) + counted
