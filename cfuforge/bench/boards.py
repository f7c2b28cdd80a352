"""Run models on several boards, for the time that an inference takes on each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cfuforge.base.errors import EnvironmentLacksError, ForgeError
from cfuforge.base.progress import SILENT, Progress
from cfuforge.bench.shape import BoardRow
from cfuforge.cfu.design import Design
from cfuforge.comparisons.compare import run_on
from cfuforge.comparisons.known_models import known
from cfuforge.defaults import board_and_design, build_target
from cfuforge.soc.board import Board
from cfuforge.sw import models
from cfuforge.sw.tflite_model import Model

__all__ = ["run_on_boards"]


def run_on_boards(
    boards: Sequence[Board],
    files: Sequence[Path] = (),
    cfu: str | None = None,
    progress: Progress = SILENT,
) -> list[BoardRow]:
    """Run the project's own model and others on each board.

    Parameters
    ----------
    boards
        The boards, each at its clock.
    files
        ``.tflite`` files to run after the project's own model, each on one random input.
    cfu
        The design; by default ``engine`` on boards with a memory port, unless their own default is
        another one with a port, and the board's default elsewhere.
    progress
        Receives the progress, and a note with the result of each run.
    """
    designs = [board_and_design(each, cfu or _default(each)) for each in boards]
    rows = []
    for file in [None, *files]:
        for board, design in designs:
            row = _row(board, design, file, progress)
            rows.append(row)
            cycles = "does not run" if row["cycles"] is None else f"{row['cycles']:,} cycles"
            said = row["wrong"] or row["refused"] or "exact"
            progress.note(f"{row['model']['name']} on {board.name}: {cycles}, {said}")
    return rows


def _default(board: Board) -> str:
    if board.memory_port and not Design.load(board.cfu).memory_width:
        return "engine"
    return board.cfu


def _row(board: Board, design: Design, file: Path | None, progress: Progress) -> BoardRow:
    model = Model.read(file or models.KWS_MODEL)
    about = known(model.macs, len(model.operators))
    row: BoardRow = {
        "board": board.name,
        "clock_hz": board.clock_hz,
        "design": design.spec,
        "model": model.facts,
        "title": about.title if about else model.name,
        "cycles": None,
        "milliseconds": None,
        "per_second": None,
        "arena": "",
        "refused": "",
        "wrong": "",
    }
    try:
        target = build_target(design, board, model, progress)
        found = run_on(target, file, progress=progress)
        row["arena"] = target.soc.region(target.placement(model).arena)
    except EnvironmentLacksError:
        raise
    except ForgeError as error:
        return {**row, "refused": str(error)}
    cycles = found.plain.cycles or 0
    differ = "" if found.exact else f"The outputs of {model.name} differ from TFLM's."
    return {
        **row,
        "cycles": cycles,
        "milliseconds": 1e3 * cycles / board.clock_hz,
        "per_second": board.clock_hz / cycles,
        "wrong": found.wrong_layer or differ,
    }
