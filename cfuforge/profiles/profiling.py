"""One inference on the simulated SoC with every cycle accounted for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from cfuforge.cfu.component import Cfu
from cfuforge.cfu.design import Design
from cfuforge.comparisons.compare import design_of, source_of
from cfuforge.comparisons.verdict import verdict
from cfuforge.inputs.source import InputSource
from cfuforge.profiles.document import profile_document
from cfuforge.profiles.profile import Profile
from cfuforge.report import Report
from cfuforge.sim.account.account import account
from cfuforge.sim.account.counting import require_accountable
from cfuforge.sim.target import SimTarget
from cfuforge.sim.trace.tracing import Trace
from cfuforge.soc.board import Board
from cfuforge.soc.board import board as board_named
from cfuforge.sw.acceptance import accepted
from cfuforge.sw.oracle import start_oracle

__all__ = ["profilable", "profile_run"]


def profilable(
    cfu: str | type[Cfu] | Design | None = None, board: str = "sim"
) -> tuple[Board, Design]:
    """Return the board and the design that can be profiled there; nothing is built.

    Raises
    ------
    InputError
        When there is no such board or design, or the board has another CPU than ``full+cfu``.
    """
    chosen = board_named(board)
    require_accountable(chosen)
    return chosen, design_of(cfu or chosen.cfu)


def profile_run(
    model: Path | str | None = None,
    input: InputSource | Path | str | NDArray[Any] | None = None,
    cfu: str | type[Cfu] | Design | None = None,
    board: str = "sim",
    *,
    trace: Trace | str | None = None,
    report: Report | None = None,
) -> Profile:
    """Run one inference and tell for every cycle why it passed.

    Parameters
    ----------
    model, input, cfu
        As in `cfuforge.simulate`; of several inputs the first.
    board
        A board with CPU ``full+cfu``.
    trace
        A waveform to write, as in `cfuforge.simulate`; for it the inference is simulated again.
        The profile's document tells where it is, in ``run``.
    report
        Told about phases and progress.

    Returns
    -------
    Profile
        Cycles by layer, function, instruction and cause; they add up to the inference's.
        `Profile.exact` tells whether every value of every layer is TensorFlow Lite Micro's.
    """
    report = report or Report()
    chosen, design = profilable(cfu, board)
    source = source_of(input, model is None)
    source.files()
    start_oracle()
    loaded = accepted(model)
    sample = next(iter(source.samples(loaded, report.note)))
    slim = loaded if chosen.little_memory else None
    wanted = Trace(trace) if isinstance(trace, str) else trace
    if wanted:
        wanted.check_model(loaded)
    target = SimTarget(design, chosen, say=report.phase, slim=slim)
    if wanted:
        wanted.check(loaded, target.firmware)
    found = account(target, loaded, sample.arrays, report.progress)
    if wanted:
        traced = target.run(loaded, sample.arrays, trace=wanted, progress=report.progress)
        found = replace(found, run=replace(found.run, waveform=traced.waveform))
    report.phase(f"profile of {loaded.name} on {target.design.name}")
    return Profile(profile_document(found, verdict(loaded, found.run, sample)))
