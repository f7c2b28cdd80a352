"""The timing that place and route reports, and whether it is met."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cfuforge.base.errors import RunError
from cfuforge.gateware.cells import Netlist, register_name
from cfuforge.gateware.delays import SlowPath
from cfuforge.soc.board import Board
from cfuforge.soc.clock import AUTO, slower_clock

__all__ = [
    "Clock",
    "Path",
    "TimingError",
    "clocks_of_log",
    "clocks_of_report",
    "located",
    "located_path",
    "proven_hz",
    "require_timing",
    "slack",
    "with_estimate",
]

_FMAX = re.compile(r"Max frequency for clock +'([^']+)': ([\d.]+) MHz \(\w+ at ([\d.]+) MHz\)")
_CRITICAL = re.compile(r"Critical path report for (?:clock '([^']+)'|cross-domain path)")
EXACT = 1e-4  # relative error of a frequency in a report
_STEP = re.compile(r"Info: +(?:[a-z-]+ +)?(?:([\d.]+) +([\d.]+) +)?(Source|Sink|Setup|Net) +(\S+)")


class TimingError(RunError):
    """The design is too slow for its clock."""


@dataclass(frozen=True)
class Path:
    """The slowest path of a clock.

    Parameters
    ----------
    start, end
        Register, memory or pin, in the design's own names, and the part of the SoC it is in.
    nanoseconds
        The path's delay.
    routing_nanoseconds
        The share of that delay that is between cells.
    """

    start: str
    end: str
    nanoseconds: float
    routing_nanoseconds: float

    def __str__(self) -> str:
        return (
            f"{self.nanoseconds:.1f} ns goes from {self.start} to {self.end} "
            f"({self.routing_nanoseconds:.1f} ns of it are wires)"
        )


@dataclass(frozen=True)
class Clock:
    """The required and estimated frequency of a clock.

    Parameters
    ----------
    net
        Its net in the top module.
    wanted_hz, reached_hz
        The frequency that the SoC needs, and the maximum that its slowest path allows.
    path
        The slowest path, which limits it, if known.
    routed_hz
        The maximum by place and route's own report, where that ignores `path`; otherwise None.
    """

    net: str
    wanted_hz: float
    reached_hz: float
    path: Path | None = None
    routed_hz: float | None = None

    @property
    def remark(self) -> str:
        """What place and route says itself, where it ignores the slowest path; else empty."""
        if self.routed_hz is None:
            return ""
        return f"place and route ignores this path and reports {self.routed_hz / 1e6:.1f} MHz"

    @property
    def is_met(self) -> bool:
        """Whether the clock is fast enough."""
        return self.reached_hz >= self.wanted_hz


def slack(clocks: Sequence[Clock]) -> float:
    """Return the lowest ratio of reached to wanted frequency; 1 is enough."""
    return min(clock.reached_hz / clock.wanted_hz for clock in clocks)


def with_estimate(
    clocks: Sequence[Clock], system: str, slow: SlowPath | None, netlist: Netlist
) -> tuple[Clock, ...]:
    """Return the clocks, the system clock first and limited by a path left out of its report.

    Parameters
    ----------
    clocks
        The clocks as place and route reports them.
    system
        The net of the system clock.
    slow
        The slowest path of the system clock among those that the report ignores, by a sum of
        delays; None when it ignores none.
    netlist
        The netlist that was placed.
    """
    first, *others = sorted(clocks, key=lambda clock: clock.net != system)
    if slow and slow.nanoseconds > 1e9 / first.reached_hz:
        first = replace(
            first,
            reached_hz=1e9 / slow.nanoseconds,
            path=located_path(slow, netlist),
            routed_hz=first.reached_hz,
        )
    return (first, *others)


def proven_hz(clocks: Sequence[Clock], board: Board) -> int | None:
    """Return the fastest clock that the board can make and at which these clocks are fast enough.

    None when there is none, since a clock is too slow that does not depend on the board's.
    """
    depend = [clock for clock in clocks if _depends(clock, board)]
    if not depend or not all(clock.is_met for clock in clocks if clock not in depend):
        return None
    return slower_clock(board, board.clock_hz * slack(depend))


def _depends(clock: Clock, board: Board) -> bool:
    """Return whether it is the board's clock, or that of its DRAM, which may be 4 times as fast."""
    ratio = clock.wanted_hz / board.clock_hz
    return abs(ratio - 1) < EXACT or (board.dram is not None and abs(ratio / 4 - 1) < EXACT)


def require_timing(clocks: Sequence[Clock], board: Board) -> None:
    """Raise `TimingError` when a clock is too slow.

    The message names the worst one's path, and the board's clock at which it would be met.
    """
    missed = [clock for clock in clocks if not clock.is_met]
    if not missed:
        return
    worst = min(missed, key=lambda clock: clock.reached_hz / clock.wanted_hz)
    text = (
        f"timing is not met: {worst.net} needs {worst.wanted_hz / 1e6:g} MHz and reaches "
        f"{worst.reached_hz / 1e6:.1f} MHz"
    )
    if path := worst.path:
        text += f"; the critical path of {path}"
    if (hertz := proven_hz(clocks, board)) and hertz < board.clock_hz:
        text += f"; use --clock {hertz / 1e6:.12g}MHz or --clock {AUTO}"
    raise TimingError(text)


def clocks_of_report(
    report: Mapping[str, Any], wanted: Mapping[str, int], netlist: Netlist
) -> tuple[Clock, ...]:
    """Return the clocks in the output of nextpnr's ``--report``.

    Parameters
    ----------
    report
        The report's JSON.
    wanted
        Frequency in Hz of each clock of the SoC, by its net, the system clock first.
    netlist
        The netlist that was placed.

    Raises
    ------
    RunError
        When the system clock is missing, so that nothing shows that timing is met.
    """
    reached = {
        net: (entry["achieved"], entry["constraint"]) for net, entry in report["fmax"].items()
    }
    paths = {}
    for each in report["critical_paths"]:
        edges = {each["from"].split()[-1], each["to"].split()[-1]}  # "posedge NET"
        if len(edges) == 1:
            steps = each["path"]
            paths[edges.pop()] = Path(
                located(steps[0]["from"]["cell"], netlist),
                located(steps[-1]["to"]["cell"], netlist),
                sum(step["delay"] for step in steps),
                sum(step["delay"] for step in steps if step["type"] == "routing"),
            )
    return _clocks(reached, paths, wanted, netlist)


def clocks_of_log(log: str, wanted: Mapping[str, int], netlist: Netlist) -> tuple[Clock, ...]:
    """Return the clocks in nextpnr's log, for releases that write no report.

    Of several estimates, the last one, after routing, counts. Otherwise as `clocks_of_report`.
    """
    reached = {net: (float(mhz), float(at)) for net, mhz, at in _FMAX.findall(log)}
    paths = {}
    sections = _CRITICAL.split(log)
    for net, section in zip(sections[1::2], sections[2::2], strict=True):
        if net is None:  # a path between two clocks
            continue
        steps = _STEP.findall(section)
        cells = [where.rpartition(".")[0] for _, _, kind, where in steps if kind != "Net"]
        if not cells:
            continue
        delays = [(float(delay), float(total), kind) for delay, total, kind, _ in steps if delay]
        nets = sum(delay for delay, _, kind in delays if kind == "Net")
        start, end = (located(cell, netlist) for cell in (cells[0], cells[-1]))
        paths[net] = Path(start, end, delays[-1][1], nets)
    return _clocks(reached, paths, wanted, netlist)


def located_path(path: SlowPath, netlist: Netlist) -> Path:
    """Return a path, in the design's own names."""
    start, end = located(path.start, netlist), located(path.end, netlist)
    return Path(start, end, path.nanoseconds, path.routing / 1000)


def _clocks(
    reached: Mapping[str, tuple[float, float]],  # reached and required MHz, by net
    paths: Mapping[str, Path],
    wanted: Mapping[str, int],
    netlist: Netlist,
) -> tuple[Clock, ...]:
    clocks = []
    for net, (achieved, constraint) in reached.items():
        bare = net.removeprefix("$glbnet$").removesuffix("_$glb_clk").partition("$")[0]
        name = next((each for each in wanted if netlist.same_net(each, bare)), None)
        hertz = wanted[name] if name else constraint * 1e6
        clocks.append(Clock(name or bare, hertz, achieved * 1e6, paths.get(net)))
    system = next(iter(wanted))
    if system not in {clock.net for clock in clocks}:
        raise RunError(
            f"place and route does not report clock {system}, so timing cannot be checked: "
            f"its report names {', '.join(reached) or 'no clock'}"
        )
    return tuple(clocks)


def located(cell: str, netlist: Netlist) -> str:
    """Return a cell, in the design's own names, and the part of the SoC it is in."""
    return f"{register_name(cell)} ({netlist.part(cell)})"
