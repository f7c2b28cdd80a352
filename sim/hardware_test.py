"""Test hardware against its reference with random programs; find the shortest that fails."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from cfuforge.base.errors import ForgeError, RunError
from cfuforge.cfu.commands import Command, random_program
from cfuforge.cfu.component import Cfu
from cfuforge.cfu.port_memory import PortMemory
from cfuforge.cfu.verilog import hardware, verilog_file
from cfuforge.sim.cfu_model import CfuModel
from cfuforge.sim.disagreement import Disagreement, DisagreementError
from cfuforge.sim.shrink import shrink

__all__ = ["check_instructions", "find_disagreement", "first_wrong_answer"]


def check_instructions(
    cfu: Cfu, count: int = 10_000, seed: int = 1, waveform: Path | str | None = None
) -> None:
    """Run a random program, with random stalls, and compare every answer with the reference.

    The memory that a CFU's port reaches is also compared, at the end.

    Parameters
    ----------
    cfu
        The CFU.
    count
        Number of instructions.
    seed
        Seed for the program and the stalls: the same seed gives the same test.
    waveform
        The .vcd file to write when an answer is wrong; by default one in ``build/trace/``.

    Raises
    ------
    RunError
        When an answer is wrong or missing. The error shows the shortest program that fails,
        decoded, the state before its last command, and where its waveform is. Or when a byte of
        memory is wrong at the end.
    """
    commands = random_program(cfu.instructions, count, seed)
    verilog = verilog_file(hardware(cfu))
    memory = PortMemory()
    answers = _model(cfu, verilog, memory).run_until_silent(commands, seed)
    index = first_wrong_answer(cfu, commands, answers)
    if index is None and cfu.memory_width:
        _require_memory(cfu, commands, memory)
    if index is not None:
        found = f"at command {index} of {count:,} random ones (seed {seed})"
        program = commands[: index + 1]
        path = Path(waveform) if waveform else None
        raise DisagreementError(find_disagreement(cfu, verilog, program, seed, found, path))


def _model(cfu: Cfu, verilog: Path, memory: PortMemory, waveform: Path | None = None) -> CfuModel:
    """Return the Verilated CFU, whose port reaches `memory`, if it has one."""
    if not cfu.memory_width:
        return CfuModel(verilog, waveform=waveform)
    return CfuModel(verilog, waveform=waveform, memory_width=cfu.memory_width, memory=memory.data)


def _require_memory(cfu: Cfu, commands: Sequence[Command], memory: PortMemory) -> None:
    """Raise when `memory` is not what the reference leaves after `commands`."""
    reference = cfu.reference()
    reference.run(commands)
    expected = reference.state.memory.data
    wrong = [at for at in range(PortMemory.SIZE) if memory.data[at] != expected[at]]
    if wrong:
        at = wrong[0]
        raise RunError(
            f"after {len(commands):,} random commands, {len(wrong):,} bytes of memory are not what "
            f"the reference of {cfu.name} leaves; the first is {memory.data[at]:#04x}, not "
            f"{expected[at]:#04x}, at {at:#x} (and every {PortMemory.SIZE:#x} bytes after that)"
        )


def first_wrong_answer(cfu: Cfu, commands: Iterable[Command], answers: Sequence[int]) -> int | None:
    """Return the index of the first command whose answer is wrong or missing.

    Of an instruction that is not ``compared``, any answer is right.
    """
    reference = cfu.reference()
    free = {each for item in cfu.instructions if not item.compared for each in item.function_ids}
    for index, command in enumerate(commands):
        expected = reference.execute(*command)
        if index >= len(answers):
            return index
        if answers[index] != expected and command.function_id not in free:
            return index
    return None


def find_disagreement(
    cfu: Cfu,
    verilog: Path,
    program: Sequence[Command],
    seed: int | None,
    found: str,
    waveform: Path | None = None,
) -> Disagreement:
    """Return a program that fails, as short as possible, made from `program`, which fails.

    Parameters
    ----------
    cfu, verilog
        Reference and hardware.
    program
        A program whose last command is answered wrongly, or not at all.
    seed
        As `CfuModel.run_until_silent` takes it.
    found
        How it was found.
    waveform
        The .vcd file to write; by default one in ``build/trace/``.
    """

    def wrong_at(commands: Sequence[Command]) -> int | None:
        answers = _model(cfu, verilog, PortMemory()).run_until_silent(commands, seed)
        try:
            return first_wrong_answer(cfu, commands, answers)
        except Exception:  # in a reference that needs what was left out or simplified
            return None

    shortest = shrink(program, lambda commands: wrong_at(commands) is not None)
    if (index := wrong_at(shortest)) is not None:
        shortest = shortest[: index + 1]
    answers = _model(cfu, verilog, PortMemory()).run_until_silent(shortest, seed)
    last = answers[-1] if len(answers) == len(shortest) else None
    shown = Disagreement.of(cfu, shortest, last, found)
    return replace(shown, waveform=_trace(cfu, verilog, shortest, seed, waveform))


def _trace(
    cfu: Cfu, verilog: Path, program: Sequence[Command], seed: int | None, path: Path | None
) -> Path | None:
    """Write a waveform of a program; return None where no file can be written."""
    if path is None:
        name = re.sub(r"[^A-Za-z0-9_]", "_", cfu.name)
        path = Path("build", "trace", f"{name}-disagreement.vcd")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        model = _model(cfu, verilog, PortMemory(), path)
        model.run_until_silent(program, seed)
        model.close()
    except (OSError, ForgeError):
        return None
    return path
