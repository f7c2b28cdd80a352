"""Resolve what a command works on: what the user names, or the default.

Both the functions of `cfuforge` and the command line use this module alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.base.document import read_document
from cfuforge.base.errors import InputError
from cfuforge.base.progress import Progress
from cfuforge.cfu.component import Cfu
from cfuforge.cfu.design import Design
from cfuforge.gateware.shape import BuildDocument
from cfuforge.inputs.source import InputSource
from cfuforge.sim.target import SimTarget
from cfuforge.soc.board import Board
from cfuforge.soc.board import board as board_named
from cfuforge.soc.clock import AUTO, at_clock, clock_hz
from cfuforge.sw import models
from cfuforge.sw.acceptance import accept
from cfuforge.sw.tflite_model import Model

__all__ = [
    "BoardChoice",
    "CfuChoice",
    "InputChoice",
    "ModelChoice",
    "board_and_design",
    "board_and_designs",
    "board_at",
    "build_target",
    "model_or_sample",
    "source_of",
    "source_or_sample",
]

BoardChoice = str | Board
ModelChoice = Path | str | None
BUILDS = Path("build")  # where ``cfuforge bitstream`` writes, in a folder for each board
InputChoice = InputSource | Path | str | NDArray[Any] | Sequence[Path | str | NDArray[Any]] | None
CfuChoice = str | type[Cfu] | Design


def model_or_sample(model: ModelChoice, runs: bool = True) -> Model:
    """Read a model; by default the project's own, which is known to run.

    Parameters
    ----------
    model
        A ``.tflite`` file, or None.
    runs
        Prepare it on the host, and raise if the runtime refuses it.

    Raises
    ------
    InputError
        When it cannot be read, or is refused.
    EnvironmentLacksError
        When there is no compiler for the runtime.
    """
    if model is None:
        return Model.read(models.KWS_MODEL)
    loaded = Model.read(model)
    if runs:
        accept(loaded)
    return loaded


def source_of(inputs: InputChoice) -> InputSource:
    """Return the inputs that the user names; there may be none."""
    if inputs is None or isinstance(inputs, InputSource):
        return inputs or InputSource()
    if isinstance(inputs, str | Path | np.ndarray):
        return InputSource((inputs,))
    return InputSource(tuple(inputs))


def source_or_sample(inputs: InputChoice, model: ModelChoice) -> InputSource:
    """Return the named inputs; by default a sample, or a random input for a model of the user's."""
    source = source_of(inputs)
    if not source.empty:
        return source
    return InputSource((models.KWS_SAMPLE,)) if model is None else replace(source, count=1)


def board_at(board: str, clock: str | None) -> Board:
    """Return a board at a clock.

    Parameters
    ----------
    board
        Its name.
    clock
        A frequency such as ``60e6`` or ``60MHz``; ``auto`` for that of the board's last bitstream
        in ``build/``, at which its timing is met; None for the board's own.

    Raises
    ------
    InputError
        When there is no such board or clock, or no such bitstream.
    """
    chosen = board_named(board)
    if clock is None:
        return chosen
    return at_clock(chosen, _built_hz(chosen) if clock == AUTO else clock_hz(clock))


def _built_hz(board: Board) -> int:
    """Return the clock in Hz of the board's last bitstream."""
    remedy = f"make one with: cfuforge bitstream --board {board.name} --clock {AUTO}"
    board.require_fpga()
    report: BuildDocument = read_document(
        BUILDS / board.name / "report.json", BuildDocument, remedy
    )
    if report["bitstream"] is None:
        raise InputError(f"the last build for {board.name} made no bitstream; {remedy}")
    return report["inference"]["clock_hz"]


def board_and_design(board: BoardChoice, cfu: CfuChoice | None = None) -> tuple[Board, Design]:
    """Return a board, and the named design; by default the one that fits the board."""
    chosen = _board(board)
    design = Design.of(cfu or chosen.cfu)
    if design.memory_width:
        chosen.require_port(design.memory_width)
    return chosen, design


def board_and_designs(
    board: BoardChoice, cfu: CfuChoice | Sequence[CfuChoice] | None = None
) -> tuple[Board, list[Design]]:
    """Return a board, and the named designs without duplicates; by default the board's own."""
    chosen = _board(board)
    named = chosen.cfu if cfu is None else cfu
    several = named if isinstance(named, Sequence) and not isinstance(named, str) else [named]
    designs = {(each.spec, each.kernels): each for each in map(Design.of, several)}
    for each in designs.values():
        if each.memory_width:
            chosen.require_port(each.memory_width)
    return chosen, list(designs.values())


def _board(choice: BoardChoice) -> Board:
    return board_named(choice) if isinstance(choice, str) else choice


def build_target(
    design: Design, board: Board, model: Model, progress: Progress, **options: Any
) -> SimTarget:
    """Return the target that simulates a board's SoC with a model; `options` go to `SimTarget`.

    A board with little memory gets the slim firmware for that model.
    """
    slim = model if board.little_memory else None
    return SimTarget(design, board, progress, slim, **options)
