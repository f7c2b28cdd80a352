"""The runs of a model that the cache still holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cfuforge.cfu import cache

__all__ = ["Measured", "measured"]


@dataclass(frozen=True)
class Measured:
    """The latest run of a design on a board.

    Parameters
    ----------
    design, board
        The design's spec, and the board's name.
    cycles
        Of one inference.
    arena_bytes
        What the arena needed.
    date
        When it was simulated.
    tools
        Versions of everything that made the number.
    """

    design: str
    board: str
    cycles: int
    arena_bytes: int
    date: str
    tools: dict[str, str]


def measured(sha256: str) -> list[Measured]:
    """Return the latest run of the model with that hash for each design and board, from RTL."""
    latest: dict[tuple[str, str], Measured] = {}
    for folder in cache.folders("run"):
        about = _read(folder / "about.json")
        run = _read(folder / "run.json")
        if about.get("model_sha256") != sha256 or not run or "netlist" in run["soc"]:
            continue
        key = run["design"]["spec"], run["soc"]["name"]
        date = datetime.fromtimestamp((folder / "run.json").stat().st_mtime).isoformat(
            " ", "minutes"
        )
        latest[key] = Measured(*key, run["cycles"], run["arena_bytes"], date, run["tools"])
    return sorted(latest.values(), key=lambda each: (each.board, -each.cycles))


def _read(path: Path) -> dict[str, Any]:
    """Return a JSON file's value; nothing where it is not there, in entries of earlier versions."""
    try:
        value: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return value
