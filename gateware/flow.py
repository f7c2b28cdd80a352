"""The common part of the flows of all FPGA families: commands as data."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from cfuforge.base.errors import InputError
from cfuforge.gateware.cells import Netlist
from cfuforge.gateware.families import FAMILIES
from cfuforge.gateware.timing import Clock
from cfuforge.gateware.tools import NEXTPNR, Command, release
from cfuforge.soc.generate import TOP, Soc

__all__ = ["NETLIST", "Flow", "flow"]

NETLIST = f"{TOP}.json"


class Flow(ABC):
    """The flow of one FPGA family. A new family is one subclass and a line in `flow`.

    Parameters
    ----------
    soc
        The SoC, generated for hardware.

    Members
    -------
    family : Family
        The FPGA's family.
    routed, bitstream : str
        The file that the first command of `layout` makes for the others, and what is made in the
        end.
    seeds : sequence of int
        What place and route is tried with until timing is met.
    source : str
        Where the tools come from that `missing` may find lacking.
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
        """Whether `layout` reads the sources and not `NETLIST`."""
        return False

    def synthesise(self, sources: Sequence[str]) -> Command:
        """Return the command that makes `NETLIST` of Verilog files."""
        script = self.family.whole_script(sources, TOP, list(self.soc.clocks), NETLIST)
        return Command("synthesis", "yosys", ["-q", "-p", script], package="yosys")

    def missing(self) -> list[str]:
        """Return what place and route needs and this machine lacks, each with where it is from."""
        needed = {each.distribution for each in self.layout() if each.package}
        return sorted(name for name in needed if not release(name))

    def check(self, netlist: Netlist) -> None:
        """Raise `InputError` when the design cannot be placed; the base looks at the limits."""
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
        """Return the text of the constraint file, and of what else `layout` reads, by name."""

    @abstractmethod
    def layout(self, seed: int = 1) -> list[Command]:
        """Return the commands from `NETLIST` and constraints to the bitstream, one by one.

        The first places and routes, beginning with random numbers of `seed`; the others read
        nothing but `routed`.
        """

    @abstractmethod
    def clocks(self, folder: Path, netlist: Netlist) -> tuple[Clock, ...]:
        """Return how fast the clocks may be, from what `layout` has left in `folder`."""

    def packed(self, folder: Path) -> dict[str, tuple[int, int]]:
        """Return the used and existing number of each packed cell, where place and route says."""
        return {}

    def packed_by_part(self, folder: Path, netlist: Netlist) -> dict[str, dict[str, float]]:
        """Return resources by part that are known only when cells are packed."""
        return {}


def flow(soc: Soc) -> Flow:
    """Return the flow for the FPGA of a SoC."""
    from cfuforge.gateware.ecp5 import Ecp5Flow
    from cfuforge.gateware.ice40 import Ice40Flow
    from cfuforge.gateware.xc7 import Xc7Flow

    kinds: dict[str, type[Flow]] = {"ecp5": Ecp5Flow, "ice40": Ice40Flow, "xc7": Xc7Flow}
    return kinds[soc.board.require_fpga().family](soc)
