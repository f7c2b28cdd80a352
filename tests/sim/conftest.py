"""Programs in assembly for the simulated SoC, and the CFU-less simulator."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.cfu.design import Design
from cfuforge.sim.simulator import Simulator
from cfuforge.soc.board import board
from cfuforge.soc.cpu import Core, cpu
from cfuforge.soc.generate import Soc, generate
from cfuforge.sw.elf import Firmware
from cfuforge.sw.toolchain import Source, compile_rv32_program

sys.path.insert(0, str(Path(__file__).parent))  # mlperf_runner.py

LINK = "SECTIONS { .text : { *(.text*) } > code .data : ALIGN(4096) { *(.data*) } > code }"


@pytest.fixture(scope="session")
def soc() -> Soc:
    return generate(board("sim"))


@pytest.fixture
def simulator(soc: Soc) -> Simulator:
    return Simulator(soc, Design.load("none").verilog_file())


@pytest.fixture
def program(tmp_path: Path, soc: Soc) -> Callable[[str], Firmware]:
    """Assemble a text whose first instruction is where the CPU starts."""

    def assemble(text: str) -> Firmware:
        source, script, elf = tmp_path / "a.S", tmp_path / "a.ld", tmp_path / "a.elf"
        finish = f".equ FINISH, {soc.registers['simulation_finish']:#x}\n"
        source.write_text(finish + ".text\n.globl _start\n_start:\n" + text)
        script.write_text(soc.regions + LINK)
        compile_rv32_program([Source(source)], [tmp_path], [], script, elf)
        return Firmware(elf)

    return assemble


@pytest.fixture(scope="session")
def soc_with() -> Callable[[str], Soc]:
    """Make board sim with another CPU."""

    @cache
    def make(name: str) -> Soc:
        try:
            return generate(replace(board("sim"), cpu_variant=name))
        except EnvironmentLacksError as error:
            if cpu(name).core is not Core.GENERATED:
                raise
            pytest.skip(f"{name}: {error}")

    return make


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report the cycles that test_all_models.py measured: fewest and most of each model."""
    cycles: dict[tuple[str, str], list[int]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == "cycles" and report.when == "call":
                    cycles.setdefault((value[0], value[1]), []).append(value[2])
    for (model, design), counts in cycles.items():
        terminalreporter.write_line(
            f"{model:30} {design:10} {len(counts):3} inputs {min(counts):12,} to {max(counts):12,}"
        )
