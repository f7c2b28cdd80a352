"""The units of `engine` as Verilog in Verilator, with random stalls, against their references."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from cfuforge.cfu.verilog import component_to_verilog

sys.path.insert(0, str(Path(__file__).parent))  # for the benches here, also in cocotb
from engine_units import EngineUnits, make_units

BENCHES = ("computing", "control", "loading", "reading", "walking", "writing")


def test_units(cocotb_run: Callable[..., None]) -> None:
    units = make_units()
    verilog = component_to_verilog(EngineUnits(units), "units", domains=[*units])
    cocotb_run(verilog, "units", [f"bench_{name}" for name in BENCHES])
