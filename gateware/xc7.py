"""Xilinx 7 series: yosys from PyPI; then nextpnr-xilinx with Project X-Ray's tools, or Vivado.

The use of the open tools follows LiteX 2024.12's toolchain "openxc7", and tests with them.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

from cfuforge.base.errors import InputError
from cfuforge.gateware.cells import Netlist
from cfuforge.gateware.constraints import xdc
from cfuforge.gateware.delays import SlowPath
from cfuforge.gateware.families import LUT_RAMS
from cfuforge.gateware.flow import NETLIST, Flow
from cfuforge.gateware.timing import Clock, clocks_of_log
from cfuforge.gateware.tools import ToolCommand
from cfuforge.gateware.vivado import vivado_clocks, vivado_command, vivado_script
from cfuforge.gateware.xc7_delays import slowest_path
from cfuforge.soc.generate import TOP

__all__ = ["Xc7Flow"]

DIES = {"xc7a35t": "xc7a50t"}  # Project X-Ray names dies: that of a 35T is a 50T's, in part unused
PROGRAMS = ("nextpnr-xilinx", "fasm2frames", "xc7frames2bit")
PART_FILES = ("part.yaml", "part.json", "package_pins.csv")  # read by the last two programs
DELAYS = "delays.sdf"
PLACED = "placed.json"
VIVADO_HZ = 100_000_000  # from which on Vivado is preferred: nextpnr-xilinx does not get there


class Xc7Flow(Flow):
    """The flow for a 7-series FPGA; see `Flow`.

    Notes
    -----
    ``$CHIPDB`` names the folder of nextpnr-xilinx's chip databases, ``$PRJXRAY_DB_DIR`` that of
    Project X-Ray's database. ``vivado`` on PATH is used instead if the open tools are incomplete,
    or for a clock that they do not reach.
    """

    routed = f"{TOP}.fasm"
    source = (
        "they come with openXC7's toolchain (nextpnr-xilinx, fasm2frames, xc7frames2bit, chip "
        "databases by its bbaexport.py and bbasm) and Project X-Ray's database prjxray-db; or put "
        "Xilinx's vivado on PATH"
    )

    @property
    def _part(self) -> str:
        """The part's name in Project X-Ray, without temperature grade and low-voltage letter."""
        return self.soc.board.require_fpga().part.replace("ti", "t", 1).removesuffix("L")

    def _chip_database(self) -> Path:
        name = self.soc.board.require_fpga().part.partition("-")[0]
        return Path(os.environ.get("CHIPDB", "")) / f"{name}.bin"

    def _xray(self) -> Path:
        return Path(os.environ.get("PRJXRAY_DB_DIR", "")) / "artix7"

    @property
    def begins_at_verilog(self) -> bool:
        """Whether Vivado is used: when it is present and the open tools are not, or too slow."""
        is_fast = self.soc.board.clock_hz >= VIVADO_HZ
        return (is_fast or bool(self.lacks())) and shutil.which("vivado") is not None

    def missing(self) -> list[str]:
        """Return what the open flow lacks, or nothing when Vivado is present."""
        return [] if self.begins_at_verilog else self.lacks()

    def lacks(self) -> list[str]:
        """Return what the open flow lacks, whether or not Vivado is present."""
        lacks = [f"{name} on PATH" for name in PROGRAMS if shutil.which(name) is None]
        die = DIES[self._part.partition("csg")[0]]
        needed = {
            "CHIPDB": [self._chip_database()],
            "PRJXRAY_DB_DIR": [
                *(self._xray() / self._part / name for name in PART_FILES),
                self._xray() / die / "tilegrid.json",
            ],
        }
        for variable, files in needed.items():
            if os.environ.get(variable):
                lacks += [str(file) for file in files if not file.is_file()]
            else:
                lacks.append(f"${variable}, the folder of {' and '.join(map(str, files))}")
        return lacks

    def check(self, netlist: Netlist) -> None:
        """Raise as `Flow` does, and for cells that nextpnr-xilinx does not support."""
        super().check(netlist)
        if unpacked := sorted({k for k in netlist.cells.values() if k in LUT_RAMS}):
            names = [name for name, kind in netlist.cells.items() if kind in LUT_RAMS]
            raise InputError(
                f"nextpnr-xilinx cannot pack single-port LUT RAM ({', '.join(unpacked)}), such as "
                f'{names[0]}: give that memory the attribute ram_style="block"'
            )

    def files(self) -> dict[str, str]:
        """Return the design constraints and, when Vivado is used, its script."""
        script = {"vivado.tcl": vivado_script(self.soc)} if self.begins_at_verilog else {}
        return {f"{TOP}.xdc": xdc(self.soc), **script}

    def layout(self, seed: int = 1) -> list[ToolCommand]:
        """Return nextpnr-xilinx and X-Ray's tools. `clocks` checks timing, not the exit code."""
        if self.begins_at_verilog:
            return [vivado_command()]
        system = next(iter(self.soc.clocks.values()))
        route = [
            *("--chipdb", str(self._chip_database()), "--xdc", f"{TOP}.xdc", "--json", NETLIST),
            *("--fasm", self.routed, "--freq", f"{system / 1e6:g}", "--timing-allow-fail"),
            # The same placement for Arty reaches 72.9 MHz with router2, 82.1 MHz with router1.
            *("--router", "router1"),
            *("--seed", str(seed), "--sdf", DELAYS, "--write", PLACED),
        ]
        frames = [
            "--part",
            self._part,
            "--db-root",
            str(self._xray()),
            self.routed,
            f"{TOP}.frames",
        ]
        pack = [
            *("--part_file", str(self._xray() / self._part / "part.yaml")),
            *("--part_name", self._part, "--frm_file", f"{TOP}.frames"),
            *("--output_file", self.bitstream),
        ]
        return [
            ToolCommand("place and route", "nextpnr-xilinx", route),
            ToolCommand("frames", "fasm2frames", frames),
            ToolCommand("bitstream", "xc7frames2bit", pack),
        ]

    def routed_clocks(self, folder: Path, netlist: Netlist) -> tuple[Clock, ...]:
        """Return the clocks from nextpnr's log, or from Vivado.

        A clock that is not the SoC's is the oscillator's, which nextpnr-xilinx does not know beyond
        the pin.
        """
        if (folder / "vivado.timing").is_file():
            return vivado_clocks((folder / "vivado.timing").read_text(), self.soc.clocks, netlist)
        log = (folder / "place-and-route.log").read_text()
        oscillator = self.soc.board.oscillator_hz
        return tuple(
            clock if clock.net in self.soc.clocks else replace(clock, wanted_hz=oscillator)
            for clock in clocks_of_log(log, self.soc.clocks, netlist)
        )

    def left_out(self, folder: Path) -> SlowPath | None:
        """Return the slowest path, with those that nextpnr-xilinx ignores; Vivado ignores none."""
        if (folder / "vivado.timing").is_file():
            return None
        placed = json.loads((folder / PLACED).read_text())
        return slowest_path((folder / DELAYS).read_text(), placed)
