"""The timing that place and route reports, and whether it is met."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cfuforge.base.errors import RunError
from cfuforge.gateware.cells import Netlist, register_name
from cfuforge.gateware.delays import SlowPath

__all__ = [
    "Clock",
    "Path",
    "TimingError",
    "clocks_of_log",
    "clocks_of_report",
    "located",
    "located_path",
    "require_timing",
    "slack",
]

_FMAX = re.compile(r"Max frequency for clock +'([^']+)': ([\d.]+) MHz \(\w+ at ([\d.]+) MHz\)")
_CRITICAL = re.compile(r"Critical path report for (?:clock '([^']+)'|cross-domain path)")
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
        The frequency that the SoC needs, and the maximum that place and route estimates.
    path
        The slowest path, which limits it, if known.
    left_out
        A path that the estimate ignores but that is slower, by a rough sum of delays.
    """

    net: str
    wanted_hz: float
    reached_hz: float
    path: Path | None = None
    left_out: Path | None = None

    @property
    def is_met(self) -> bool:
        """Whether the clock is fast enough."""
        return self.reached_hz >= self.wanted_hz


def slack(clocks: Sequence[Clock]) -> float:
    """Return the lowest ratio of reached to wanted frequency; 1 is enough."""
    return min(clock.reached_hz / clock.wanted_hz for clock in clocks)


def require_timing(clocks: Sequence[Clock]) -> None:
    """Raise `TimingError` when a clock is too slow; the message names the worst one's path."""
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
