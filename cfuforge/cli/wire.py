"""``cfuforge serve``, ``cfuforge load`` and ``cfuforge run``: boards at the other end of a line."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cfuforge.base.errors import InputError
from cfuforge.cli.choices import CFUS, complete_cfu
from cfuforge.cli.ending import end_well
from cfuforge.cli.options import (
    BoardOption,
    CfuOption,
    CfuTimeoutOption,
    ClockOption,
    CountOption,
    DtypeOption,
    JsonOption,
    LabelsOption,
    ModelOption,
    ResizeOption,
    ScaleToOption,
    SeedOption,
    TimeoutOption,
    require_writable,
    write_json,
)
from cfuforge.cli.terminal import err, out
from cfuforge.cli.tflm import DataOption, ProgramOption, program_of
from cfuforge.soc.board import DEFAULT_BOARD

if TYPE_CHECKING:
    from cfuforge.cfu.design import Design
    from cfuforge.gateware.serial_target import DeviceInfo, SerialTarget
    from cfuforge.soc.board import Board
    from cfuforge.sw.tflite_model import Model

__all__ = ["load", "run", "serve"]

SIM = "sim"  # the simulated target
TargetOption = Annotated[
    str, typer.Option(help="A serial port such as /dev/ttyACM0, or sim: a simulated board")
]
BaudOption = Annotated[int, typer.Option(min=1, help="The baud rate of a UART; USB takes any")]


def serve(
    board: BoardOption = DEFAULT_BOARD,
    cfu: CfuOption = None,
    clock: ClockOption = None,
    model: Annotated[
        Path | None,
        typer.Option(
            help="A .tflite file to have in memory at the start; on boards with little memory for "
            "code, the firmware is built for this model only",
            show_default="none",
        ),
    ] = None,
    cfu_timeout: CfuTimeoutOption = 100_000,
) -> None:
    """Simulate a board behind a pseudo-terminal until Ctrl-C, and print the terminal's name.

    MLPerf Tiny's runner, `cfuforge run --target` and any terminal program can talk to it.
    """
    from cfuforge.cli.progress import TerminalProgress
    from cfuforge.defaults import board_and_design, board_at, model_or_sample
    from cfuforge.sim.pty_board import PtyBoard

    chosen, design = board_and_design(board_at(board, clock), cfu)
    loaded = model_or_sample(model) if model else None
    with TerminalProgress(err) as progress:
        served = PtyBoard(design, chosen, loaded, patience=cfu_timeout, progress=progress)
    with served:
        end_well(signal.SIGINT, signal.SIGTERM)
        print(served.port, flush=True)
        served.wait()


def load(
    target: TargetOption,
    model: ModelOption = None,
    cfu: Annotated[
        str | None,
        typer.Option(
            help=f"The design that the board must have: {CFUS}",
            show_default="the board's, if it comes with CFU Forge",
            autocompletion=complete_cfu,
        ),
    ] = None,
    program: ProgramOption = None,
    data: DataOption = None,
    baud: BaudOption = 115200,
) -> None:
    """Load a model onto a board on a serial port.

    With --program, load that program instead and run it: standard input and output are its console.
    Ctrl-C ends it when it next reads or writes, Ctrl-] leaves it running. The exit code is 0 if its
    main returns 0, else 1.
    """
    from cfuforge.cfu.design import Design
    from cfuforge.cli.console import run_program
    from cfuforge.defaults import model_or_sample
    from cfuforge.gateware.serial_target import SerialTarget

    if target == SIM:
        raise InputError(
            "--target sim ends with this command: start a board with cfuforge serve and load to "
            "its terminal, or use cfuforge run --target sim"
        )
    own = program_of(program, data, model)
    design = Design.load(cfu) if cfu else None
    if own:
        with SerialTarget(target, design, baud=baud) as device:
            returned = run_program(device, own)
        if returned:
            raise typer.Exit(1)
        return
    loaded = model_or_sample(model)
    with SerialTarget(target, design, baud=baud) as device:
        info = _load(device, loaded)
    out.print(
        f"{loaded.name} is on board {info.board} at {info.clock_hz / 1e6:g} MHz: "
        f"{info.model_bytes:,} of {info.model_room:,} bytes, tensor arena {info.arena_used:,} "
        "bytes.",
    )


def run(
    target: TargetOption,
    model: ModelOption = None,
    input: Annotated[
        list[Path] | None,
        typer.Option(
            help="A file or a folder, as for sim; may be repeated", show_default="a sample"
        ),
    ] = None,
    cfu: Annotated[
        str | None,
        typer.Option(
            help=f"The design that the board must have: {CFUS}",
            show_default="the board's, if it comes with CFU Forge; for sim, the board's default",
            autocompletion=complete_cfu,
        ),
    ] = None,
    board: BoardOption = DEFAULT_BOARD,
    clock: ClockOption = None,
    count: CountOption = 0,
    seed: SeedOption = 0,
    dtype: DtypeOption = None,
    resize: ResizeOption = False,
    scale_to: ScaleToOption = None,
    labels: LabelsOption = None,
    json: JsonOption = None,
    baud: BaudOption = 115200,
    timeout: TimeoutOption = 600,
    trace: Annotated[str | None, typer.Option(hidden=True)] = None,
) -> None:
    """Run a model on a board, over its serial line, and compare every layer with TFLM's.

    The board runs the input once more, unmeasured, for the CRC-32 of each layer's outputs. The exit
    code is 0 if all equal TFLM's, else 1.
    """
    from cfuforge.cli.progress import TerminalProgress
    from cfuforge.comparisons.compare import run_on
    from cfuforge.comparisons.table import print_comparison
    from cfuforge.defaults import board_and_design, board_at, model_or_sample, source_or_sample
    from cfuforge.gateware.serial_target import SerialTarget
    from cfuforge.inputs.labels import class_names
    from cfuforge.inputs.source import InputSource

    require_writable(json)
    if trace:
        raise InputError(
            f"--trace needs a simulated SoC, not {target} with the device's firmware; use: "
            f"cfuforge sim --trace {trace} --board with the board's name"
        )
    chosen, default = board_and_design(board_at(board, clock), cfu)
    design = default if cfu or target == SIM else None
    loaded = model_or_sample(model)
    source = InputSource(
        tuple(input or ()), count, seed, dtype=dtype, resize=resize, scale_to=scale_to
    )
    source_or_sample(source, model).check(loaded)
    class_names(loaded, labels, default_model=model is None)
    with (
        _port(target, design, chosen, loaded) as port,
        SerialTarget(port, design, baud=baud, limit=timeout) as device,
    ):
        info = _load(device, loaded)
        if clock and info.clock_hz != chosen.clock_hz:
            raise InputError(
                f"the board runs at {info.clock_hz / 1e6:.12g} MHz, not at --clock {clock}: load "
                "the bitstream with that clock, or leave --clock out, since the board says its own"
            )
        with TerminalProgress(err) as progress:
            progress.phase(f"run {loaded.name}")
            comparison = run_on(device, model, source, labels=labels, progress=progress)
    print_comparison(comparison, out)
    if json:
        write_json(json, comparison.to_json())
    if not comparison.exact:
        raise typer.Exit(1)


@contextlib.contextmanager
def _port(target: str, design: Design | None, board: Board, model: Model) -> Iterator[str]:
    """Return the name of the port; for `sim`, start a simulated board."""
    if target != SIM or design is None:
        yield target
        return
    from cfuforge.cli.progress import TerminalProgress
    from cfuforge.sim.pty_board import PtyBoard

    with TerminalProgress(err) as progress:
        served = PtyBoard(design, board, model, progress=progress)
    with served:
        yield served.port


def _load(device: SerialTarget, model: Model) -> DeviceInfo:
    from cfuforge.cli.progress import TerminalProgress

    with TerminalProgress(err) as progress:
        progress.phase(f"load {model.name}")
        return device.load(model, progress)
