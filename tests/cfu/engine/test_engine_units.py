"""The units of `engine` as Verilog in Verilator, with random stalls, against their references."""

from __future__ import annotations

from collections.abc import Callable

from engine.engine_units import EngineUnits, make_units

from cfuforge.cfu.verilog import component_to_verilog

BENCHES = ("computing", "control", "loading", "reading", "walking", "writing")


def test_units(cocotb_run: Callable[..., None]) -> None:
    units = make_units()
    verilog = component_to_verilog(EngineUnits(units), "units", domains=[*units])
    cocotb_run(verilog, "units", [f"engine.bench_{name}" for name in BENCHES])
