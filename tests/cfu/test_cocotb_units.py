"""The hardware units as Verilog in Verilator against their references, with gaps and stalls."""

from __future__ import annotations

from collections.abc import Callable

from units_under_test import UnitsUnderTest, make_units

from cfuforge.cfu.verilog import component_to_verilog


def test_units(cocotb_run: Callable[..., None]) -> None:
    verilog = component_to_verilog(UnitsUnderTest(make_units()), "units")
    cocotb_run(verilog, "units", ["bench_units"])
