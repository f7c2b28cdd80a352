"""Generated text of reference pages: the command line, boards, instructions, causes, JSON."""

from __future__ import annotations

import re
from collections.abc import Callable

import typer
from documents import documents
from typer.cli import get_docs_for_click

from cfuforge.cfu import Design, documentation
from cfuforge.cli.app import app
from cfuforge.profiles.advice import RULES
from cfuforge.profiles.document import CAUSES
from cfuforge.sim.account.counting import Cause
from cfuforge.soc.board import BOARDS
from cfuforge.soc.cpu import CPUS

__all__ = ["PAGES"]


def _command_line() -> str:
    command = typer.main.get_command(app)
    context = typer.Context(command, info_name="cfuforge")
    text = get_docs_for_click(obj=command, ctx=context, name="cfuforge")
    parts = text.partition("\n")[2].split("`")  # without its title; every other one is code
    parts[::2] = [re.sub(r"--[a-z][a-z-]*", r"`\g<0>`", part) for part in parts[::2]]
    return "`".join(parts)


def _instructions() -> str:
    cfu = Design.load("simd_mac").cfu()
    return documentation.markdown(cfu.instructions, cfu.state)


def _boards() -> str:
    boards = [
        (
            f"`{board.name}`",
            board.description,
            f"{board.clock_hz / 1e6:g}",
            f"`{board.cpu_variant}`",
            board.fpga.part if board.fpga else "simulated",
            f"`{board.cfu}`",
        )
        for board in BOARDS.values()
    ]
    cpus = [
        (f"`{cpu.name}`", cpu.description, f"`{cpu.isa}`", ", ".join(cpu.lacks) or "nothing")
        for cpu in CPUS.values()
    ]
    return "\n".join(
        [
            _table(("board", "description", "MHz", "CPU", "FPGA", "design by default"), boards),
            "## CPU variants\n",
            _table(("CPU", "description", "instruction set", "lacks"), cpus),
        ]
    )


def _causes() -> str:
    causes = [
        (f"`{cause.name.lower()}`", text, "yes" if cause <= Cause.OTHER_INSTRUCTION else "no")
        for cause, text in CAUSES.items()
    ]
    rules = [(f"`{rule.name}`", rule.cost) for rule in RULES]
    return "\n".join(
        [
            _table(("cause", "text", "an instruction retired"), causes),
            "## Advice\n",
            "A rule looks at what one cost of a layer is, and at most how much of it can go.\n",
            _table(("rule", "cost"), rules),
        ]
    )


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


PAGES: dict[str, Callable[[], str]] = {
    "docs/reference/command-line": _command_line,
    "docs/reference/instructions": _instructions,
    "docs/reference/boards": _boards,
    "docs/reference/causes": _causes,
    "docs/reference/json": documents,
}
"""The function that returns the text to append to each page."""
