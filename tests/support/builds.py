"""The table of builds in gateware/README; as a program, write rows anew: ``make builds``."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

__all__ = ["README", "renewed_builds"]

README = Path(__file__).parents[2] / "gateware" / "README.md"


def renewed_builds(readme: str, report: dict[str, Any]) -> str:
    """Return the text of gateware/README with the row of a board as its build's report has it."""
    row = re.compile(rf"^\| `{report['board']}` \| [\d,]+ of .*\n", re.MULTILINE)
    readme, count = row.subn(lambda _: _row(report), readme)
    if count != 1:
        raise ValueError(f"the README has {count} rows of board {report['board']}, not 1")
    return readme


def _row(report: dict[str, Any]) -> str:
    used, limits = report["resources"]["used"], report["resources"]["limits"]
    counts = [f"{used[name]:,g} of {limits[name]:,}" for name in ("LUT", "FF", "BRAM", "DSP")]
    speed = "not placed here"
    if report["clocks"]:
        system = report["clocks"][0]
        speed = f"{system['reached_hz'] / 1e6:.1f} of {system['wanted_hz'] / 1e6:g} MHz"
        if system["routed_hz"]:
            speed += f"; {system['routed_hz'] / 1e6:.1f} by place and route's report"
    minutes = sum(step["seconds"] for step in report["steps"]) / 60
    board = f"`{report['board']}`"
    return f"| {' | '.join([board, *counts, speed, f'{minutes:.0f} min'])} |\n"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        text = renewed_builds(README.read_text(), json.loads(Path(name).read_text()))
        README.write_text(text)
