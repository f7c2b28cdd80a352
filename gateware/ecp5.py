"""Lattice ECP5: yosys, nextpnr-ecp5 and ecppack, all from PyPI."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from cfuforge.base.cache import code
from cfuforge.base.errors import InputError
from cfuforge.gateware import ecp5_registers
from cfuforge.gateware.cells import Netlist
from cfuforge.gateware.constraints import lpf
from cfuforge.gateware.ecp5_registers import move_registers
from cfuforge.gateware.flow import NETLIST, REPORT, Flow
from cfuforge.gateware.timing import Clock, clocks_of_report
from cfuforge.gateware.tools import ToolCommand
from cfuforge.soc.generate import TOP

__all__ = ["Ecp5Flow"]

_PART = re.compile(r"LFE5U-(12|25|45|85)F-([678])BG(256|381|554|756)[CI]")


class _Synthesis(ToolCommand):
    """Synthesis, after which registers move into multipliers."""

    @property
    def identity(self) -> list[str]:
        """The parts on which a result depends, besides the files."""
        return [*super().identity, code(Path(ecp5_registers.__file__))]

    def run(self, folder: Path) -> None:
        """Run yosys in `folder`, and move the registers."""
        super().run(folder)
        move_registers(folder / NETLIST)


class Ecp5Flow(Flow):
    """The flow for an ECP5 without SerDes, LFE5U; see `Flow`."""

    routed = f"{TOP}.config"

    def synthesise(self, sources: Sequence[str]) -> ToolCommand:
        """Return the command that synthesises Verilog files to `NETLIST`."""
        command = super().synthesise(sources)
        return _Synthesis(command.name, command.tool, command.arguments, command.package)

    def files(self) -> dict[str, str]:
        """Return the preference file."""
        return {f"{TOP}.lpf": lpf(self.soc)}

    def layout(self, seed: int = 1) -> list[ToolCommand]:
        """Return nextpnr and ecppack. `clocks` checks the timing, not nextpnr's exit code."""
        name = self.soc.board.require_fpga().part
        part = _PART.fullmatch(name)
        if not part:
            raise InputError(
                f"the part of an ECP5 board must be like LFE5U-85F-6BG381C, not {name!r}"
            )
        size, speed, balls = part.groups()
        route = [
            *(f"--{size}k", "--package", f"CABGA{balls}", "--speed", speed),
            *("--json", NETLIST, "--lpf", f"{TOP}.lpf", "--textcfg", self.routed),
            *("--report", REPORT, "--timing-allow-fail", "--seed", str(seed)),
        ]
        pack = ["--compress", "--input", self.routed, "--bit", self.bitstream]
        return [
            ToolCommand("place and route", "nextpnr_ecp5", route, package="nextpnr_ecp5"),
            ToolCommand("bitstream", "ecppack", pack, package="nextpnr_ecp5"),
        ]

    def routed_clocks(self, folder: Path, netlist: Netlist) -> tuple[Clock, ...]:
        """Return the clocks from nextpnr's report."""
        report = json.loads((folder / REPORT).read_text())
        return clocks_of_report(report, self.soc.clocks, netlist)
