"""Paths through multipliers that no register cuts, which nextpnr-ice40 leaves out.

nextpnr-ice40 takes every SB_MAC16 for one with registers, and one without a clock for a part of
the clock domain "ground", so that no path through it counts. Here nextpnr's own delays are added
up once more, with those of the multiplier.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import NamedTuple

__all__ = ["MULTIPLIER", "SlowPath", "slowest_path"]

MULTIPLIER = "ICESTORM_DSP"
# Picoseconds from A or B, and from other inputs, to O, multiplied, added and not registered: the
# slowest of SB_MAC16_*_BYPASS in icefuzz/timings_up5k.txt of Project IceStorm at 3cdcf4b. That of A
# and B is to CO in MAC_U_16X16 (11,233), and from CO to O what it is in ADS_U_32P32 (1,165).
FROM_FACTORS, FROM_REST = 12_400, 5_270

_WIRE = re.compile(r"\(INTERCONNECT (\S+)/(\w+) (\S+)/(\w+) \((\d+):")
_CELL = re.compile(r'\(CELLTYPE "(\w+)"\)\s+\(INSTANCE (\S*)\)')
_DELAY = re.compile(r"\(IOPATH (?:\(\w+ )?(\w+)\)? (\w+) \((\d+):\d+:\d+\) \((\d+):")
_SETUP = re.compile(r"\(SETUPHOLD \(\w+ (\w+)\) \(\w+ \w+\) \((\d+):")

Pin = tuple[str, str]


class SlowPath(NamedTuple):
    """A path between registers: picoseconds in all, those of wires, and the cells at its ends."""

    picoseconds: int
    routing: int
    start: str
    end: str = ""

    @property
    def nanoseconds(self) -> float:
        """How long it takes."""
        return self.picoseconds / 1000

    def longer(self, picoseconds: int, routing: int = 0) -> SlowPath:
        """Return the path with so much more at its end."""
        return self._replace(
            picoseconds=self.picoseconds + picoseconds, routing=self.routing + routing
        )


def slowest_path(sdf: str, through: str = MULTIPLIER) -> SlowPath | None:
    """Return the slowest path through a cell of a type, or None when there is none.

    Parameters
    ----------
    sdf
        What nextpnr-ice40's ``--sdf`` wrote.
    through
        The type; empty for the slowest path of all.

    Notes
    -----
    All clocks count as one. A multiplier with registers is taken to be slow on both sides of them.
    """
    sources: dict[Pin, tuple[Pin, int]] = {}
    for one, output, other, input_, delay in _WIRE.findall(sdf):
        sources[_plain(other), input_] = ((_plain(one), output), int(delay))
    inside: dict[Pin, list[tuple[str, int]]] = {}  # of an output, by input
    setups: dict[Pin, int] = {}
    chosen = set()
    for kind, cell, delays, checks in _cells(sdf):
        if kind == through:
            chosen.add(cell)
        clock = sources.get((cell, "CLK"))
        if kind == MULTIPLIER and (not clock or "GND_NET" in clock[0][0]):
            slow = [(input_, _multiplication(input_)) for input_ in checks]
            inside |= {(cell, output): slow for _, output, _ in delays}
            continue
        for input_, output, delay in delays:
            slower = FROM_FACTORS if kind == MULTIPLIER else delay
            inside.setdefault((cell, output), []).append((input_, slower))
        for input_, setup in checks.items():
            setups[cell, input_] = _multiplication(input_) if kind == MULTIPLIER else setup
    starts = {(cell, input_) for (cell, _), paths in inside.items() for input_, _ in paths}
    starts = {pin for pin in starts if "CLK" in pin[1] or pin[1] == "CLOCK"}
    best: dict[Pin, SlowPath | None] = {}  # the slowest to a pin
    passed: dict[Pin, SlowPath | None] = {}  # the slowest that has come through `through`
    graph: dict[Pin, list[Pin]] = {pin: [source] for pin, (source, _) in sources.items()}
    graph |= {pin: [(pin[0], input_) for input_, _ in paths] for pin, paths in inside.items()}
    for pin in TopologicalSorter(graph | {pin: [] for pin in starts}).static_order():
        cell = pin[0]
        if pin in starts:
            best[pin] = SlowPath(0, 0, cell)
            passed[pin] = best[pin] if cell in chosen else None
            continue
        before = [((cell, input_), delay, 0) for input_, delay in inside.get(pin, ())]
        if pin in sources:
            source, delay = sources[pin]
            before = [(source, delay, delay)]
        for known in (best, passed):
            known[pin] = max(
                (path.longer(*more) for each, *more in before if (path := known.get(each))),
                default=None,
            )
        if cell in chosen:
            passed[pin] = best[pin]
    known = passed if through else best
    return max(
        (
            path.longer(setup)._replace(end=pin[0])
            for pin, setup in setups.items()
            if (path := known.get(pin))
        ),
        default=None,
    )


def _cells(sdf: str) -> Iterator[tuple[str, str, list[tuple[str, str, int]], dict[str, int]]]:
    """Yield type, name, delays from input to output, and setup times of each cell."""
    parts = _CELL.split(sdf)
    for kind, name, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        delays = [(i, o, max(int(rise), int(fall))) for i, o, rise, fall in _DELAY.findall(text)]
        yield kind, _plain(name), delays, {i: int(setup) for i, setup in _SETUP.findall(text)}


def _multiplication(input_: str) -> int:
    return FROM_FACTORS if input_[:2] in ("A_", "B_") else FROM_REST


def _plain(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name)
