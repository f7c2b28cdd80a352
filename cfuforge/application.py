"""``cfuforge app``: a program written for TensorFlow Lite Micro, on the simulated SoC or here."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from cfuforge.cfu.design import Design
from cfuforge.cfu.errors import InputError
from cfuforge.progress import TerminalReport
from cfuforge.sim.application import run_application
from cfuforge.soc.board import board as board_named
from cfuforge.sw.application import build_host_application

__all__ = ["run_here", "run_simulated"]


def run_here(folder: Path, data: Sequence[str]) -> int:
    """Run the application in `folder` on this machine, and return what its main returns."""
    program = build_host_application(folder, _named(data))
    return subprocess.run([program], check=False).returncode


def run_simulated(
    folder: Path,
    data: Sequence[str],
    cfu: str,
    board: str,
    max_cycles: int,
    cfu_timeout: int,
    json_file: Path | None,
    console: Console,
) -> int:
    """Run the application in `folder` on the simulated SoC, and return what its main returns.

    What it prints goes to the standard output as it comes; phases and cycles go to `console`.
    """
    design = Design.load(cfu)
    with TerminalReport(console) as report:
        run = run_application(
            folder,
            _named(data),
            design,
            board_named(board),
            max_cycles=max_cycles,
            patience=cfu_timeout,
            say=report.phase,
            uart=lambda text: print(text, end="", flush=True),
        )
    console.print(
        f"main returned {run.returned} after {run.cycles:,} cycles on board {board}, "
        f"CFU {design.name}",
        highlight=False,
    )
    if json_file:
        described = {"design": design.spec, "board": board, **run.to_json()}
        json_file.write_text(json.dumps(described, indent=1) + "\n")
    return run.returned


def _named(data: Sequence[str]) -> dict[str, Path]:
    named = {}
    for item in data:
        name, sign, path = item.partition("=")
        if not sign:
            raise InputError(f"--data must be NAME=FILE, not {item!r}")
        named[name] = Path(path)
    return named
