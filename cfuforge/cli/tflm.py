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
    from cfuforge.sw.application import Application

__all__ = [
    "DataOption",
    "ProgramOption",
    "application_of",
    "program_of",
    "run_application",
    "write_kernels",
]

DataOption = Annotated[
    list[str] | None,
    typer.Option(help="NAME=FILE: the contents of a file, such as a model, as a C array"),
]


ProgramOption = Annotated[
    list[Path] | None,
    typer.Option(
        help="A folder of C and C++ sources, or a source file (may be repeated): a program of your "
        "own, with main, printf, getchar, cfu.h and TensorFlow Lite Micro's API"
    ),
]


def run_application(
    sources: Annotated[
        list[Path], typer.Argument(help="A folder of C and C++ sources, or source files")
    ],
    data: DataOption = None,
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
    """Run a program of your own on the simulated SoC, with cfu.h and TensorFlow Lite Micro's API.

    Its output goes to standard output, and getchar reads standard input. The exit code is 0 if its
    main returns 0, else 1. On a board: cfuforge bitstream --program, cfuforge load --program.
    """
    application = application_of(sources, data)
    if host:
        if json:
            raise InputError(f"--json {json} is for the simulated SoC, not for --host")
        returned = _run_here(application)
    else:
        require_writable(json)
        returned = _simulate(application, cfu, board, clock, max_cycles, cfu_timeout, json)
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


def application_of(paths: Sequence[Path], data: Sequence[str] | None) -> Application:
    """Return the program that the command line names."""
    from cfuforge.sw.application import Application

    named = {}
    for item in data or ():
        name, sign, path = item.partition("=")
        if not sign:
            raise InputError(f"--data must be NAME=FILE, not {item!r}")
        named[name] = Path(path)
    return Application(tuple(paths), named)


def program_of(
    program: Sequence[Path] | None, data: Sequence[str] | None, model: Path | None
) -> Application | None:
    """Return the program that --program and --data name; None without --program."""
    if program and model:
        raise InputError(
            f"--model {model} is for the device firmware; give a program its model with "
            f"--data NAME={model}"
        )
    if data and not program:
        raise InputError(f"--data {data[0]} needs --program")
    return application_of(program, data) if program else None


def _run_here(application: Application) -> int:
    from cfuforge.sw.application import build_host_application

    program = build_host_application(application)
    running = start_tool([str(program)])
    try:
        code = running.wait()
    finally:
        end(running)
    if code < 0:
        name = signal.Signals(-code).name
        raise RunError(f"{application.name} crashed ({name}) on this machine")
    err.print(f"main returned {code} on this machine")
    return code


def _simulate(
    application: Application,
    cfu: str,
    board: str,
    clock: str | None,
    max_cycles: int,
    cfu_timeout: int,
    json: Path | None,
) -> int:
    from cfuforge.cli.keys import Keys
    from cfuforge.cli.progress import TerminalProgress
    from cfuforge.defaults import board_and_design, board_at
    from cfuforge.sim import run_application as simulated

    chosen, design = board_and_design(board_at(board, clock), cfu)
    shown = sys.stderr if json == STANDARD_OUTPUT else sys.stdout
    with TerminalProgress(err) as progress, Keys() as keys:
        run = simulated.run_application(
            application,
            design,
            chosen,
            max_cycles=max_cycles,
            patience=cfu_timeout,
            progress=progress,
            uart=lambda text: print(text, end="", flush=True, file=shown),
            keys=keys.for_simulation,
        )
    err.print(
        f"main returned {run.returned} after {run.cycles:,} cycles on board {board}, "
        f"CFU {design.name}",
    )
    if json:
        document: ApplicationDocument = {
            "schema": "app",
            **head_now(run.tools),
            "application": application.name,
            "data": {
                name: {"file": path.name, "sha256": sha256(path.read_bytes()).hexdigest()}
                for name, path in application.data.items()
            },
            "design": design.spec,
            "board": board,
            "returned": run.returned,
            "cycles": run.cycles,
            "uart": run.uart,
        }
        write_json(json, document)
    return run.returned
