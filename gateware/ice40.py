"""Lattice iCE40: yosys, nextpnr-ice40 and icepack, all from PyPI."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from cfuforge.base.errors import InputError
from cfuforge.gateware.cells import Netlist
from cfuforge.gateware.constraints import pcf
from cfuforge.gateware.delays import SlowPath
from cfuforge.gateware.flow import NETLIST, REPORT, Flow
from cfuforge.gateware.multipliers import slowest_path
from cfuforge.gateware.timing import Clock, clocks_of_report
from cfuforge.gateware.tools import ToolCommand
from cfuforge.soc.generate import TOP

__all__ = ["Ice40Flow"]

_PART = re.compile(r"ice40-(\w+)-(\w+)")
PLACED = "placed.json"
DELAYS = "delays.sdf"
NO_CLOCK = "$PACKER_GND_NET"  # the clock of multipliers without registers


class Ice40Flow(Flow):
    """The flow for an iCE40, whose part is named as in LiteX: ``ice40-up5k-uwg30``."""

    routed = f"{TOP}.asc"
    seeds = range(1, 9)  # each takes half a minute
    bitstream = f"{TOP}.bin"

    def files(self) -> dict[str, str]:
        """Return the physical constraints."""
        return {f"{TOP}.pcf": pcf(self.soc)}

    def layout(self, seed: int = 1) -> list[ToolCommand]:
        """Return nextpnr and icepack. `clocks` checks the timing, not nextpnr's exit code."""
        name = self.soc.board.require_fpga().part
        part = _PART.fullmatch(name)
        if not part:
            raise InputError(
                f"the part of an iCE40 board must be like ice40-up5k-uwg30, not {name!r}"
            )
        size, package = part.groups()
        route = [
            *(f"--{size}", "--package", package),
            *("--json", NETLIST, "--pcf", f"{TOP}.pcf", "--asc", self.routed),
            *("--report", REPORT, "--timing-allow-fail", "--seed", str(seed)),
            *("--write", PLACED, "--sdf", DELAYS),
        ]
        pack = ["-s", self.routed, self.bitstream]  # -s: keep the flash awake, since code is in it
        return [
            ToolCommand("place and route", "nextpnr_ice40", route, package="nextpnr_ice40"),
            ToolCommand("bitstream", "icepack", pack, package="nextpnr_ice40"),
        ]

    def routed_clocks(self, folder: Path, netlist: Netlist) -> tuple[Clock, ...]:
        """Return the clocks from nextpnr's report."""
        report = json.loads((folder / REPORT).read_text())
        report["fmax"] = {n: v for n, v in report["fmax"].items() if not n.startswith(NO_CLOCK)}
        return clocks_of_report(report, self.soc.clocks, netlist)

    def left_out(self, folder: Path) -> SlowPath | None:
        """Return the slowest path through a multiplier, which belongs to the CPU or CFU."""
        return slowest_path((folder / DELAYS).read_text())

    def packed_by_part(self, folder: Path, netlist: Netlist) -> dict[str, dict[str, float]]:
        """Return the logic cells of each part; a cell has a LUT, a flip-flop or both."""
        (placed,) = json.loads((folder / PLACED).read_text())["modules"].values()
        counts: Counter[str] = Counter()
        for name, cell in placed["cells"].items():
            if cell["type"] == "ICESTORM_LC":
                counts[netlist.part(name.removesuffix("_LC"))] += 1
        return {part: {"LC": count} for part, count in counts.items()}
