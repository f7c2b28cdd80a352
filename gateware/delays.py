"""The delays that nextpnr writes (SDF), and the slowest path through them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from graphlib import TopologicalSorter
from typing import NamedTuple

__all__ = ["Cell", "Delays", "Pin", "SlowPath", "read_delays", "slowest"]

_WIRE = re.compile(r"\(INTERCONNECT (\S+)/(\w+) (\S+)/(\w+) \((\d+):")
_CELL = re.compile(r'\(CELLTYPE "(\w+)"\)\s+\(INSTANCE (\S*)\)')
_DELAY = re.compile(r"\(IOPATH (?:\(\w+ )?(\w+)\)? (\w+) \((\d+):\d+:\d+\) \((\d+):")
_SETUP = re.compile(r"\(SETUPHOLD \(\w+ (\w+)\) \(\w+ \w+\) \((\d+):")

Pin = tuple[str, str]  # a cell, and its input or output


class SlowPath(NamedTuple):
    """A path between registers: picoseconds in total and in wires, and the cells at its ends."""

    picoseconds: int
    routing: int
    start: str
    end: str = ""

    @property
    def nanoseconds(self) -> float:
        """The path's delay in nanoseconds."""
        return self.picoseconds / 1000

    def longer(self, picoseconds: int, routing: int = 0) -> SlowPath:
        """Return the path with an additional delay at its end."""
        return self._replace(
            picoseconds=self.picoseconds + picoseconds, routing=self.routing + routing
        )


class Cell(NamedTuple):
    """A cell's type, delays (input, output, picoseconds), and setup times by input."""

    kind: str
    delays: list[tuple[str, str, int]]
    setups: dict[str, int]


class Delays(NamedTuple):
    """The driver of each cell input, with the wire's delay in picoseconds; the cells by name."""

    wires: dict[Pin, tuple[Pin, int]]
    cells: dict[str, Cell]


def read_delays(sdf: str) -> Delays:
    """Parse the output of nextpnr's ``--sdf``."""
    wires: dict[Pin, tuple[Pin, int]] = {}
    for one, output, other, input_, delay in _WIRE.findall(sdf):
        wires[_plain(other), input_] = ((_plain(one), output), int(delay))
    cells = {}
    parts = _CELL.split(sdf)
    for kind, name, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        delays = [(i, o, max(int(rise), int(fall))) for i, o, rise, fall in _DELAY.findall(text)]
        setups = {i: int(setup) for i, setup in _SETUP.findall(text)}
        cells[_plain(name)] = Cell(kind, delays, setups)
    return Delays(wires, cells)


def slowest(
    wires: Mapping[Pin, tuple[Pin, int]],
    cells: Mapping[str, Cell],
    starts: Collection[Pin],
    through: Collection[str] | None = None,
) -> SlowPath | None:
    """Return the slowest path, or None when there is none.

    Parameters
    ----------
    wires, cells
        As in `Delays`. A path ends at an input that has a setup time.
    starts
        The clock inputs at which paths begin.
    through
        Cells, one of which a path must pass through; None to consider all paths.
    """
    inside: dict[Pin, list[tuple[str, int]]] = {}  # by output: inputs with delays to it
    for name, cell in cells.items():
        for input_, output, delay in cell.delays:
            inside.setdefault((name, output), []).append((input_, delay))
    best: dict[Pin, SlowPath | None] = {}  # the slowest to a pin
    passed: dict[Pin, SlowPath | None] = {}  # the slowest that has passed through `through`
    graph: dict[Pin, list[Pin]] = {pin: [source] for pin, (source, _) in wires.items()}
    graph |= {pin: [(pin[0], input_) for input_, _ in paths] for pin, paths in inside.items()}
    for pin in TopologicalSorter(graph | {pin: [] for pin in starts}).static_order():
        cell_name = pin[0]
        chosen = through is None or cell_name in through
        if pin in starts:
            best[pin] = SlowPath(0, 0, cell_name)
            passed[pin] = best[pin] if chosen else None
            continue
        before = [((cell_name, input_), delay, 0) for input_, delay in inside.get(pin, ())]
        if pin in wires:
            source, delay = wires[pin]
            before = [(source, delay, delay)]
        for known in (best, passed):
            known[pin] = max(
                (path.longer(*more) for each, *more in before if (path := known.get(each))),
                default=None,
            )
        if chosen:
            passed[pin] = best[pin]
    return max(
        (
            path.longer(setup)._replace(end=name)
            for name, cell in cells.items()
            for input_, setup in cell.setups.items()
            if (path := passed.get((name, input_)))
        ),
        default=None,
    )


def _plain(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name)
