"""`--clock auto`: builds at what the last build proves, until that is worth nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_soc import report_of, small_soc

from cfuforge.gateware.proven_clock import build_at_proven_clock
from cfuforge.gateware.report import BuildReport
from cfuforge.gateware.timing import Clock, TimingError
from cfuforge.soc.board import Board, board


class Builds:
    """Builds whose system clock reaches these MHz, one after the other, then always the last."""

    def __init__(self, *reaches: float, fixed: bool = True) -> None:
        self.reaches, self.fixed = reaches, fixed
        self.made: list[float] = []

    def __call__(self, chosen: Board) -> BuildReport:
        reached = 1e6 * self.reaches[min(len(self.made), len(self.reaches) - 1)]
        self.made.append(chosen.clock_hz / 1e6)
        report = report_of(small_soc(chosen.name, chosen.clock_hz, "G2 M1 L4"))
        fixed = Clock("usb_clk", 48e6, 50e6 if self.fixed else 40e6)
        report.clocks = (Clock("sys_clk", chosen.clock_hz, reached), fixed)
        if all(clock.is_met for clock in report.clocks):
            report.bitstream = Path("soc.bit")
        else:
            report.failure = f"timing is not met at {chosen.clock_hz / 1e6:g}"
        return report


@pytest.mark.parametrize(
    ("name", "reaches", "made", "best"),
    [
        ("arty", [56.2], [75, 55.952381], 55.952381),
        ("arty", [90, 84], [75, 89.583333, 83.333333], 83.333333),
        ("ulx3s", [55.9, 53, 54], [50, 55.769231, 52.884615], 52.884615),
        ("ulx3s", [55.9, 50.5], [50, 55.769231, 50], 50),
        ("fomu", [13.9], [12], 12),
        ("fomu", [25, 23], [12, 24, 12], 12),
    ],
)
def test_rounds(name: str, reaches: list[float], made: list[float], best: float) -> None:
    builds = Builds(*reaches)
    report = build_at_proven_clock(board(name), builds)
    assert builds.made == pytest.approx(made)
    assert report.board.clock_hz / 1e6 == pytest.approx(best)
    assert report.bitstream


def test_timing_that_is_never_met() -> None:
    builds = Builds(70, 60, 50, 40, 30)
    with pytest.raises(TimingError, match="timing is not met at 50"):
        build_at_proven_clock(board("arty"), builds)
    assert len(builds.made) == 4


def test_another_clock_is_no_remedy_for_one_that_does_not_depend_on_it() -> None:
    builds = Builds(20, fixed=False)
    with pytest.raises(TimingError):
        build_at_proven_clock(board("fomu"), builds)
    assert builds.made == [12]
