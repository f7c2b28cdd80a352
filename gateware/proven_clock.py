"""Find the fastest clock of a board at which its timing is met, by building."""

from __future__ import annotations

from collections.abc import Callable

from cfuforge.gateware.report import BuildReport
from cfuforge.gateware.timing import TimingError
from cfuforge.soc.board import Board
from cfuforge.soc.clock import at_clock

__all__ = ["build_at_proven_clock"]

BUILDS = 4
GAIN = 1.02  # less than this is not worth another build


def build_at_proven_clock(board: Board, build: Callable[[Board], BuildReport]) -> BuildReport:
    """Build at the board's own clock, and again at what the timing of the last build proves.

    Another clock is another SoC, which is placed anew: only what its own build proves counts.

    Parameters
    ----------
    board
        The board.
    build
        Builds for a board, and returns the report, also when timing is not met.

    Returns
    -------
    BuildReport
        The fastest build whose timing is met, which is also the last one.

    Raises
    ------
    TimingError
        When timing is met in none of them.
    """
    best: BuildReport | None = None
    for _ in range(BUILDS):
        report = build(board)
        if report.bitstream:
            best = report
        hertz = report.proven_hz
        if not hertz or (best and hertz < GAIN * best.board.clock_hz):
            break
        board = at_clock(board, hertz)
    if not best:
        raise TimingError(report.failure)
    return best if report is best else build(best.board)
