"""Diagnose, in one line, what went wrong in the simulated SoC, where and when."""

from __future__ import annotations

from cfuforge.base.errors import RunError
from cfuforge.cfu.design import Design
from cfuforge.sim.layer_watch import LayerWatch
from cfuforge.sim.mailbox import Status, read_mailbox
from cfuforge.sim.simulator import Simulator, State, Stop
from cfuforge.sw.elf import Firmware
from cfuforge.sw.whose_memory import MAY_WRITE

__all__ = ["outside", "require_finished", "stray", "stuck", "trapped"]

_WRITES = 2  # a value of `State.bus`
ILLEGAL_INSTRUCTION = 2
# The RISC-V Instruction Set Manual, Volume II, table of mcause values.
TRAP_CAUSES = {
    0: "instruction address misaligned",
    1: "instruction access fault",
    ILLEGAL_INSTRUCTION: "illegal instruction",
    3: "breakpoint",
    4: "load address misaligned",
    5: "load access fault",
    6: "store address misaligned",
    7: "store access fault",
    8: "environment call from U-mode",
    11: "environment call from M-mode",
    12: "instruction page fault",
    13: "load page fault",
    15: "store page fault",
}


def require_finished(
    stop: Stop,
    simulator: Simulator,
    firmware: Firmware,
    design: Design,
    limit: int,
) -> None:
    """Raise unless a program has finished.

    Parameters
    ----------
    stop
        Why the run ended.
    limit
        The limit of cycles for the run.

    Raises
    ------
    RunError
        When the program hung, trapped or did not end; the message says where.
    """
    state = simulator.state()
    if stop == Stop.STUCK:
        raise stuck(state, firmware, design)
    if stop == Stop.OUTSIDE:
        raise outside(simulator, firmware, design)
    if stop == Stop.BUDGET_SPENT:
        raise _endless(state, firmware, limit)
    if state.finish == Status.TRAP:
        box = read_mailbox(simulator.read, firmware)
        trap = (box.trap_cause, box.trap_pc, box.trap_value)
        raise RunError(trapped(*trap, firmware, design))


def stuck(state: State, firmware: Firmware, design: Design) -> RunError:
    """Return the error for a CPU in which instructions have stopped retiring."""
    if state.cfu_answer:
        what, pc, word = "did not answer", state.memory_pc, state.memory_instruction
        signal = "rsp_valid stays low"
    elif state.cfu_command:
        what, pc, word = "did not take", state.execute_pc, state.execute_instruction
        signal = "cmd_ready stays low"
    else:
        since = (
            f"the CPU has retired no instruction for {state.idle:,} cycles, since cycle "
            f"{state.cycles - state.idle:,}"
        )
        if not state.bus:
            return RunError(f"{since}, at {_code_at(state.pc, firmware)}")
        does = ("reads", "writes to", "runs code at")[state.bus - 1]
        pc = state.store_pc if state.bus == _WRITES else state.pc
        return RunError(
            f"{since}: it {does} {state.bus_address:#010x}, where nothing answers, at "
            f"{_code_at(pc, firmware)}"
        )
    return RunError(
        f"CFU {design.name} {what} {design.disassemble(word)} at {_code_at(pc, firmware)} "
        f"within {state.idle:,} cycles: {signal}"
    )


def trapped(
    cause: int, pc: int, value: int, firmware: Firmware, design: Design, name: str = "the firmware"
) -> str:
    """Return the message for a trap of a program, `name`: mcause, mepc and mtval."""
    kind = TRAP_CAUSES.get(cause, "interrupt" if cause >> 31 else "unknown cause")
    if cause == ILLEGAL_INSTRUCTION and (text := design.disassemble(value)):
        kind = f"{kind} {text}"
    return (
        f"{name} trapped: {kind} (mcause {cause:#x}, mtval {value:#x}) at {_code_at(pc, firmware)}"
    )


def stray(
    address: int, state: State, firmware: Firmware, watch: LayerWatch, by_cfu: bool = False
) -> RunError:
    """Return the error for a layer that wrote to `address`, where it must not write.

    `by_cfu` says whether it was the CFU that wrote, through its memory port.
    """
    operator = watch.operator
    name = f"operator {operator.index} {operator.name}"
    return RunError(
        f"{f'in {name} the CFU' if by_cfu else name} wrote to {address:#010x}, "
        f"{watch.describe(address)}, at or just before {_code_at(state.pc, firmware)}; {MAY_WRITE}"
    )


def outside(simulator: Simulator, firmware: Firmware, design: Design) -> RunError:
    """Return the error for a memory port that was asked for an address that it does not reach."""
    reached = " or ".join(f"{each.start:#x} to {each.stop:#x}" for each in simulator.soc.reached)
    return RunError(
        f"CFU {design.name} asked its memory port for {simulator.stray:#010x}, at or just before "
        f"{_code_at(simulator.state().pc, firmware)}; the port reaches {reached}"
    )


def _endless(state: State, firmware: Firmware, limit: int) -> RunError:
    """Return the error for a firmware that has not finished within `limit` cycles."""
    return RunError(
        f"the firmware did not finish within {limit:,} cycles; it is at "
        f"{_code_at(state.pc, firmware)}; a larger max_cycles= lets it run longer"
    )


def _code_at(pc: int, firmware: Firmware) -> str:
    return f"pc {pc:#010x} in {firmware.function(pc)}()"
