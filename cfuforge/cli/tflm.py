"""``cfuforge app`` and ``cfuforge tflm-kernels``: programs of TFLM here, kernels of ours there."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cfuforge.base.errors import InputError, RunError
from cfuforge.base.head import head_now
from cfuforge.base.output import STANDARD_OUTPUT
from cfuforge.base.tools import end, start_tool
from cfuforge.cli.options import (
    BoardOption,
    CfuTimeoutOption,
    ClockOption,
    JsonOption,
    SimdMacOption,
    require_writable,
    write_json,
)
from cfuforge.cli.terminal import err, out
from cfuforge.soc.board import DEFAULT_BOARD

if TYPE_CHECKING:
    from cfuforge.cli.shape import ApplicationDocument

__all__ = ["run_application", "write_kernels"]


def run_application(
    folder: Annotated[Path, typer.Argument(help="The program's C and C++ sources")],
    data: Annotated[
        list[str] | None,
        typer.Option(help="NAME=FILE: the contents of a file, such as the model, as a C array"),
    ] = None,
    cfu: SimdMacOption = "simd_mac",
    board: BoardOption = DEFAULT_BOARD,
    clock: ClockOption = None,
    host: Annotated[
        bool, typer.Option("--host", help="Run on this machine, without a CFU")
    ] = False,
    json: JsonOption = None,
    max_cycles: Annotated[
        int, typer.Option(min=1, help="Stop after this many cycles")
    ] = 2_000_000_000,
    cfu_timeout: CfuTimeoutOption = 100_000,
) -> None:
    """Run a program written for TensorFlow Lite Micro on the simulated SoC.

    Its output goes to standard output. The exit code is 0 if its main returns 0, else 1.
    """
    files = _named(data or [])
    if host:
        if json:
            raise InputError(f"--json {json} is for the simulated SoC, not for --host")
        returned = _run_here(folder, files)
    else:
        require_writable(json)
        returned = _simulate(folder, files, cfu, board, clock, max_cycles, cfu_timeout, json)
    if returned:
        raise typer.Exit(1)


def write_kernels(
    folder: Annotated[Path, typer.Argument(help="The folder to make")],
    cfu: SimdMacOption = "simd_mac",
) -> None:
    """Write the kernels as an optimised-kernel directory for TensorFlow Lite Micro's own build."""
    from cfuforge.cfu.design import Design
    from cfuforge.sw.kernel_export import export_kernels
    from cfuforge.sw.kernels import KernelSet

    design = Design.load(cfu)
    export_kernels(folder, KernelSet.of(design))
    out.print(f"{folder}/README.md says how TFLM's build takes it.")


def _named(data: Sequence[str]) -> dict[str, Path]:
    named = {}
    for item in data:
        name, sign, path = item.partition("=")
        if not sign:
            raise InputError(f"--data must be NAME=FILE, not {item!r}")
        named[name] = Path(path)
    return named


def _run_here(folder: Path, data: dict[str, Path]) -> int:
    from cfuforge.sw.application import build_host_application

    program = build_host_application(folder, data)
    running = start_tool([str(program)])
    try:
        code = running.wait()
    finally:
        end(running)
    if code < 0:
        name = signal.Signals(-code).name
        raise RunError(f"{folder.resolve().name} crashed ({name}) on this machine")
    err.print(f"main returned {code} on this machine")
    return code


def _simulate(
    folder: Path,
    data: dict[str, Path],
    cfu: str,
    board: str,
    clock: str | None,
    max_cycles: int,
    cfu_timeout: int,
    json: Path | None,
) -> int:
    from cfuforge.cli.progress import TerminalProgress
    from cfuforge.defaults import board_and_design, board_at
    from cfuforge.sim import run_application as application

    chosen, design = board_and_design(board_at(board, clock), cfu)
    shown = sys.stderr if json == STANDARD_OUTPUT else sys.stdout
    with TerminalProgress(err) as progress:
        run = application.run_application(
            folder,
            data,
            design,
            chosen,
            max_cycles=max_cycles,
            patience=cfu_timeout,
            progress=progress,
            uart=lambda text: print(text, end="", flush=True, file=shown),
        )
    err.print(
        f"main returned {run.returned} after {run.cycles:,} cycles on board {board}, "
        f"CFU {design.name}",
    )
    if json:
        document: ApplicationDocument = {
            "schema": "app",
            **head_now(run.tools),
            "application": folder.resolve().name,
            "data": {
                name: {"file": path.name, "sha256": sha256(path.read_bytes()).hexdigest()}
                for name, path in data.items()
            },
            "design": design.spec,
            "board": board,
            "returned": run.returned,
            "cycles": run.cycles,
            "uart": run.uart,
        }
        write_json(json, document)
    return run.returned
