"""Profile an inference on the simulated SoC, with every cycle accounted for."""

from __future__ import annotations

from dataclasses import replace

from cfuforge.base.progress import SILENT, Progress
from cfuforge.cfu.design import Design
from cfuforge.comparisons.verdict import verdict
from cfuforge.defaults import (
    BoardChoice,
    CfuChoice,
    InputChoice,
    ModelChoice,
    board_and_design,
    build_target,
    model_or_sample,
    source_or_sample,
)
from cfuforge.profiles.document import profile_document
from cfuforge.profiles.profile import Profile
from cfuforge.sim.account.account import account
from cfuforge.sim.account.counting import require_accountable
from cfuforge.sim.trace.tracing import Trace
from cfuforge.soc.board import DEFAULT_BOARD, Board
from cfuforge.sw.oracle import start_oracle

__all__ = ["profilable", "profile"]


def profilable(
    cfu: CfuChoice | None = None, board: BoardChoice = DEFAULT_BOARD
) -> tuple[Board, Design]:
    """Return the board and the design if they can be profiled, without building anything.

    Raises
    ------
    InputError
        When there is no such board or design, or the board has a CPU other than ``full+cfu``.
    """
    chosen, design = board_and_design(board, cfu)
    require_accountable(chosen)
    return chosen, design


def profile(
    model: ModelChoice = None,
    inputs: InputChoice = None,
    cfu: CfuChoice | None = None,
    board: BoardChoice = DEFAULT_BOARD,
    *,
    trace: Trace | str | None = None,
    progress: Progress = SILENT,
) -> Profile:
    """Run one inference and find the cause of every cycle.

    Parameters
    ----------
    model, inputs, cfu
        As in `cfuforge.simulate`, but with one design; only the first of several inputs is used.
    board
        A board with CPU ``full+cfu``, or its name.
    trace
        A waveform to write, as in `cfuforge.simulate`; this simulates the inference again. The
        profile's document has its path, in ``run``.
    progress
        Receives the progress.

    Returns
    -------
    Profile
        Cycles by layer, function, instruction and cause; they add up to the inference's.
        `Profile.exact` tells whether every value of every layer is TensorFlow Lite Micro's.
    """
    chosen, design = profilable(cfu, board)
    source = source_or_sample(inputs, model)
    source.files()
    start_oracle()
    loaded = model_or_sample(model)
    sample = next(iter(source.samples(loaded, progress)))
    wanted = Trace(trace) if isinstance(trace, str) else trace
    if wanted:
        wanted.check_model(loaded)
    target = build_target(design, chosen, loaded, progress)
    if wanted:
        wanted.check(loaded, target.firmware)
    found = account(target, loaded, sample.arrays)
    if wanted:
        traced = target.run(loaded, sample.arrays, trace=wanted)
        found = replace(found, run=replace(found.run, waveform=traced.waveform))
    progress.phase(f"profile of {loaded.name} on {target.design.name}")
    return Profile(profile_document(found, sample, verdict(loaded, found.run, sample)))
