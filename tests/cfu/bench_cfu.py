"""cocotb: random programs on module Cfu, any stall on either side, against the reference."""

from __future__ import annotations

import json
import os
import random
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, ReadOnly

from cfuforge.cfu import Design, random_program

GIVEN: dict[str, Any] = json.loads(os.environ["CFUFORGE_BENCH"])
DESIGN = Design.load(GIVEN["spec"])
STALLS = {"none": 0.0, "some": 0.3, "most": 0.8}
# Cycles with rsp_ready and without progress, well above any instruction's.
PATIENCE = GIVEN.get("patience", 100)


def start_clock(dut: Any) -> None:
    cocotb.start_soon(Clock(dut.clk, 10, "ns").start())


async def reset(dut: Any) -> None:
    await FallingEdge(dut.clk)
    dut.cmd_valid.value = 0
    dut.rsp_ready.value = 0
    dut.reset.value = 1
    for _ in range(3):
        await FallingEdge(dut.clk)
    dut.reset.value = 0


async def run(dut: Any, program: list[Any], rng: random.Random, gap: float, stall: float) -> int:
    """Run a program, compare every answer, and return the cycles."""
    expected = DESIGN.cfu().reference().run(program)
    sent = received = cycles = idle = 0
    offering = False
    held: int | None = None  # an answer that was offered and not taken
    while received < len(program):
        await FallingEdge(dut.clk)
        offering = offering or (sent < len(program) and rng.random() >= gap)
        # Without cmd_valid anything may stand on the wires, also the last command.
        command = program[sent] if offering else program[max(sent - 1, 0)]
        dut.cmd_valid.value = int(offering)
        dut.cmd_payload_function_id.value = command[0]
        dut.cmd_payload_inputs_0.value = command[1]
        dut.cmd_payload_inputs_1.value = command[2]
        ready = rng.random() >= stall
        dut.rsp_ready.value = int(ready)
        await ReadOnly()
        progress = False
        if offering and int(dut.cmd_ready.value):
            sent, offering, progress = sent + 1, False, True
        valid = bool(int(dut.rsp_valid.value))
        answer = int(dut.rsp_payload_outputs_0.value) if valid else None
        assert held is None or answer == held, f"answer {received} changed before it was taken"
        held = None
        if valid and ready:
            assert answer == expected[received], (
                f"command {received} {DESIGN.function_name(program[received][0])} "
                f"{program[received]} answered {answer:#x}, not {expected[received]:#x}"
            )
            received, progress = received + 1, True
        elif valid:
            held = answer
        assert received <= sent, "an answer came before its command"
        cycles, idle = cycles + 1, 0 if progress else idle + ready
        assert idle < PATIENCE, f"command {received} has no answer"
    return cycles


@cocotb.test()
@cocotb.parametrize(gap=list(STALLS), stall=list(STALLS))
async def random_programs(dut: Any, gap: str, stall: str) -> None:
    seed = f"{GIVEN['seed']} {gap} {stall}"
    rng = random.Random(seed)
    start_clock(dut)
    program = [
        *(tuple(command) for command in GIVEN.get("prologue", [])),
        *random_program(DESIGN.instructions, GIVEN["length"], rng.getrandbits(32)),
    ]
    await reset(dut)
    await run(dut, program, rng, STALLS[gap], STALLS[stall])


@cocotb.test(skip="programs" not in GIVEN)
async def given_programs(dut: Any) -> None:
    rng = random.Random(GIVEN["seed"])
    start_clock(dut)
    for program in GIVEN.get("programs", []):
        await reset(dut)
        await run(dut, program, rng, rng.choice([0, 0.3]), rng.choice([0, 0.3]))


@cocotb.test(skip="streams" not in GIVEN)
async def one_command_a_cycle(dut: Any) -> None:
    rng = random.Random(GIVEN["seed"])
    start_clock(dut)
    for function_ids in GIVEN.get("streams", []):
        program = [
            (rng.choice(function_ids), rng.getrandbits(32), rng.getrandbits(32)) for _ in range(200)
        ]
        await reset(dut)
        cycles = await run(dut, program, rng, 0, 0)
        assert cycles == len(program) + 1, f"{cycles} cycles for {len(program)} commands"
