"""``cfuforge bitstream``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cfuforge.cli.choices import boards_text, complete_board
from cfuforge.cli.options import CfuOption, ClockOption, JsonOption, require_writable, write_json
from cfuforge.cli.terminal import err, out
from cfuforge.cli.tflm import DataOption, ProgramOption, program_of
from cfuforge.tables import new_table

if TYPE_CHECKING:
    from cfuforge.base.progress import Progress
    from cfuforge.cfu.design import Design
    from cfuforge.gateware.report import BuildReport
    from cfuforge.soc.board import Board
    from cfuforge.sw.tflite_model import Model

__all__ = ["bitstream"]


def bitstream(
    board: Annotated[
        str,
        typer.Option(
            help=f"The board to build for: {boards_text(lambda board: board.fpga)}",
            autocompletion=complete_board,
        ),
    ],
    cfu: CfuOption = None,
    clock: ClockOption = None,
    model: Annotated[
        Path | None,
        typer.Option(
            help="A .tflite file; the firmware gets its operators",
            show_default="the keyword-spotting sample",
        ),
    ] = None,
    program: ProgramOption = None,
    data: DataOption = None,
    json: JsonOption = None,
    build_dir: Annotated[
        Path | None, typer.Option(help="Where the outputs go", show_default="build/BOARD")
    ] = None,
) -> None:
    """Build the bitstream of a board with a CFU and the device firmware, and report its size.

    With --program, the board starts that program instead; cfuforge app runs it in simulation.

    The report also says how long an inference takes, as `cfuforge sim` last measured it on that
    board, or from a new run. With --clock auto, builds are repeated at the clock that the last one
    proves, and the fastest one whose timing is met stays. The exit code is 1 if timing is not met,
    the design does not fit or a tool is missing; the report then covers the steps that were done.
    """
    from cfuforge.cli.progress import TerminalProgress
    from cfuforge.defaults import board_and_design, board_at, model_or_sample
    from cfuforge.gateware.bitstream import build_bitstream
    from cfuforge.gateware.build import empty_folder
    from cfuforge.gateware.proven_clock import build_at_proven_clock
    from cfuforge.gateware.timing import TimingError
    from cfuforge.sim.target import SimTarget
    from cfuforge.soc.clock import AUTO
    from cfuforge.sw.tflite_model import Model

    require_writable(json)
    named = None if clock == AUTO else clock
    chosen, design = board_and_design(board_at(board, named), cfu)
    chosen.require_fpga()
    own = program_of(program, data, model)
    software = own or model_or_sample(model)
    folder = build_dir or Path("build") / board
    empty_folder(folder)
    reports: list[BuildReport] = []

    def build(chosen: Board) -> BuildReport:
        cycles = None
        if isinstance(software, Model):
            cycles = inference_cycles(design, chosen, model, software, progress)

        def arena_bytes(model: Model) -> int:
            return SimTarget(design, chosen, progress, slim=model).arena_bytes(model)

        done = reports.append
        return build_bitstream(
            design, chosen, software, folder, arena_bytes, progress, done, cycles
        )

    def attempt(chosen: Board) -> BuildReport:
        progress.note(f"{chosen.name} at {chosen.clock_hz / 1e6:.12g} MHz")
        try:
            return build(chosen)
        except TimingError:
            return reports[-1]

    try:
        with TerminalProgress(err) as progress:
            if clock == AUTO:
                build_at_proven_clock(chosen, attempt)
            else:
                build(chosen)
    finally:
        if reports:
            print_report(reports[-1], folder)
            if json:
                write_json(json, reports[-1].to_json())


def inference_cycles(
    design: Design, board: Board, path: Path | None, model: Model, progress: Progress
) -> int | None:
    """Return the cycles of an inference on the simulated board; None if it cannot run there."""
    from cfuforge.base.errors import ForgeError
    from cfuforge.comparisons.compare import run_on
    from cfuforge.defaults import build_target
    from cfuforge.inspection.measured import find_measured

    for known in find_measured(model.sha256):
        if (known.design, known.board, known.clock_hz) == (design.spec, board.name, board.clock_hz):
            return known.cycles
    try:
        target = build_target(design, board, model, progress)
        return run_on(target, path, progress=progress).plain.cycles
    except ForgeError as error:
        progress.note(f"The time of an inference is unknown: {error}")
        return None


def print_report(report: BuildReport, folder: Path) -> None:
    """Print the size and speed of a build, and where its files are."""
    names = list(report.limits)
    table = new_table()
    table.add_column(f"{report.board.name}, CFU {report.design['spec']}")
    for name in names:
        table.add_column(name, justify="right")
    rows: dict[str, Mapping[str, float]] = {
        **report.used_by_part,
        "all": report.used,
        report.part: report.limits,
        "left for a larger CFU": report.left,
    }
    for title, counts in rows.items():
        table.add_row(title, *(f"{counts.get(name, 0):,g}" for name in names))
    if report.used_by_part:
        out.print(table)
    for clock in report.clocks:
        verdict = "" if clock.is_met else ", which is not enough"
        out.print(
            f"{clock.net}: {clock.reached_hz / 1e6:.1f} MHz of {clock.wanted_hz / 1e6:g}{verdict}",
        )
        if clock.path:
            out.print(f"  Its slowest path of {clock.path}.", soft_wrap=True)
        if clock.remark:
            out.print(f"  ({clock.remark})", soft_wrap=True)
    if report.milliseconds and report.per_second:
        out.print(
            f"An inference: {report.cycles:,} cycles, {report.milliseconds:.2f} ms at "
            f"{report.board.clock_hz / 1e6:g} MHz, {report.per_second:.3g} per second."
        )
    if report.steps:
        times = ", ".join(
            f"{step.name} {step.seconds:.0f} s{' (earlier)' if step.cached else ''}"
            for step in report.steps
        )
        out.print(f"Time: {times}.")
    out.print(f"The report is in {folder / 'report.html'} and report.json.")
    if report.bitstream:
        out.print(f"The bitstream is {report.bitstream}.")
    if report.dfu:
        out.print(f"To load it with its software: dfu-util -D {report.dfu}")
