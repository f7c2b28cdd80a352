"""The common base of the flows for all FPGA families, with commands as data."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from cfuforge.base.errors import InputError
from cfuforge.gateware.cells import Netlist
from cfuforge.gateware.delays import SlowPath
from cfuforge.gateware.families import FAMILIES
from cfuforge.gateware.timing import Clock, with_estimate
from cfuforge.gateware.tools import NEXTPNR, ToolCommand, release
from cfuforge.soc.generate import TOP, Soc

__all__ = ["NETLIST", "REPORT", "Flow", "flow"]

NETLIST = f"{TOP}.json"
REPORT = "timing.json"  # nextpnr's, of the families whose nextpnr writes one


class Flow(ABC):
    """The flow for one FPGA family. A new family needs a subclass and a line in `flow`.

    Parameters
    ----------
    soc
        The SoC, generated for hardware.

    Members
    -------
    family : Family
        The FPGA's family.
    routed, bitstream : str
        The file that the first command of `layout` makes for the others, and the final product.
    seeds : sequence of int
        Seeds with which to try place and route until timing is met.
    source : str
        Where to get the tools that `missing` may return.
    """

    routed: str
    bitstream: str = f"{TOP}.bit"
    seeds: ClassVar[Sequence[int]] = (1, 2, 3)
    source: str = NEXTPNR

    def __init__(self, soc: Soc) -> None:
        self.soc = soc
        self.family = FAMILIES[soc.board.require_fpga().family]

    @property
    def begins_at_verilog(self) -> bool:
        """Whether `layout` reads the sources instead of `NETLIST`."""
        return False

    def synthesise(self, sources: Sequence[str]) -> ToolCommand:
        """Return the command that synthesises Verilog files to `NETLIST`."""
        script = self.family.whole_script(sources, TOP, list(self.soc.clocks), NETLIST)
        return ToolCommand("synthesis", "yosys", ["-q", "-p", script], package="yosys")

    def missing(self) -> list[str]:
        """Return the missing tools and files for place and route, each with its source."""
        needed = {each.distribution for each in self.layout() if each.package}
        return sorted(name for name in needed if not release(name))

    def check(self, netlist: Netlist) -> None:
        """Raise `InputError` when the design cannot be placed; here, when it exceeds the limits."""
        fpga = self.soc.board.require_fpga()
        used = netlist.used(self.family.resources)
        over = [
            f"{amount:,.0f} {name} of {fpga.limits[name]:,}"
            for name, amount in used.items()
            if amount > fpga.limits.get(name, amount)
        ]
        if over:
            raise InputError(
                f"the design does not fit {fpga.part}: it needs {', '.join(over)}; "
                "make the CFU or the board's memories smaller"
            )

    @abstractmethod
    def files(self) -> dict[str, str]:
        """Return the texts of the constraint file and of other files for `layout`, by name."""

    @abstractmethod
    def layout(self, seed: int = 1) -> list[ToolCommand]:
        """Return the commands from `NETLIST` and constraints to the bitstream.

        The first places and routes with the random `seed`; the others read only `routed`.
        """

    @abstractmethod
    def routed_clocks(self, folder: Path, netlist: Netlist) -> tuple[Clock, ...]:
        """Return the clocks as place and route reports them, from its files in `folder`."""

    def left_out(self, folder: Path) -> SlowPath | None:
        """Return the slowest path of the system clock that place and route's report ignores."""
        return None

    def clocks(self, folder: Path, netlist: Netlist) -> tuple[Clock, ...]:
        """Return the speed that the clocks reach, the system clock first.

        The slowest path decides, also one that place and route's report leaves out.
        """
        system = next(iter(self.soc.clocks))
        clocks = self.routed_clocks(folder, netlist)
        return with_estimate(clocks, system, self.left_out(folder), netlist)

    def packed(self, folder: Path) -> dict[str, tuple[int, int]]:
        """Return the used and available number of each packed cell, if nextpnr reports them."""
        if not (folder / REPORT).is_file():
            return {}
        cells = json.loads((folder / REPORT).read_text())["utilization"]
        return {name: (each["used"], each["available"]) for name, each in cells.items()}

    def packed_by_part(self, folder: Path, netlist: Netlist) -> dict[str, dict[str, float]]:
        """Return those resources by part that are known only after packing."""
        return {}


def flow(soc: Soc) -> Flow:
    """Return the flow for the FPGA of a SoC."""
    from cfuforge.gateware.ecp5 import Ecp5Flow
    from cfuforge.gateware.ice40 import Ice40Flow
    from cfuforge.gateware.xc7 import Xc7Flow

    kinds: dict[str, type[Flow]] = {"ecp5": Ecp5Flow, "ice40": Ice40Flow, "xc7": Xc7Flow}
    return kinds[soc.board.require_fpga().family](soc)
