"""Look up a model's runs in the cache."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from typing_extensions import TypedDict

from cfuforge.base import cache
from cfuforge.base.document import Count, read_document
from cfuforge.base.errors import InputError
from cfuforge.sw.run import Run

__all__ = ["Measured", "find_measured"]


@dataclass(frozen=True)
class Measured:
    """The latest run of a design on a board.

    Parameters
    ----------
    design, board, clock_hz
        The design's spec, the board's name, and its clock in Hz.
    cycles
        Clock cycles of one inference.
    arena_bytes
        Bytes that the arena needed.
    date
        The date of the simulation.
    tools
        Versions of all tools that the number depends on.
    """

    design: str
    board: str
    clock_hz: Count
    cycles: Count
    arena_bytes: Count
    date: str
    tools: dict[str, str]


class _About(TypedDict):
    model: str
    model_sha256: str


def find_measured(sha256: str) -> list[Measured]:
    """Return the latest RTL run of the model with that hash, for each design, board and clock."""
    latest: dict[tuple[str, str, int], tuple[float, Measured]] = {}
    for folder in cache.folders("run"):
        try:  # earlier versions have other entries, and an entry may vanish meanwhile
            about = read_document(folder / "about.json", _About, "it is not used")
            if about["model_sha256"] != sha256:
                continue
            run = read_document(folder / "run.json", Run, "it is not used")
            made = (folder / "run.json").stat().st_mtime
        except (InputError, FileNotFoundError):
            continue
        if (
            "netlist" in run.soc
            or "clock_hz" not in run.soc
            or run.cycles is None
            or run.arena_bytes is None
        ):
            continue
        date = datetime.fromtimestamp(made).isoformat(" ", "minutes")
        key = run.design["spec"], run.soc["name"], run.soc["clock_hz"]
        if key not in latest or latest[key][0] < made:
            latest[key] = made, Measured(*key, run.cycles, run.arena_bytes, date, run.tools)
    found = [each for _, each in latest.values()]
    return sorted(found, key=lambda each: (each.board, -each.cycles))
