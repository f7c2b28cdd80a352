"""How fast `engine` is on an ECP5, as nextpnr estimates when it has placed the engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import Cat, Const, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from cfuforge.base.yowasp import run_yowasp
from cfuforge.cfu.component import Cfu
from cfuforge.cfu.designs.engine import Engine
from cfuforge.cfu.verilog import component_to_verilog
from cfuforge.gateware.ecp5_registers import move_registers

MEGAHERTZ = 80
LAYOUT = "--85k --package CABGA381 --speed 6 --lpf-allow-unconstrained --no-route"


class Serial(wiring.Component):
    """A CFU with a register at each input and output, written and read serially."""

    def __init__(self, cfu: Cfu) -> None:
        self._cfu = cfu
        super().__init__({"given": In(1), "captures": In(1), "found": Out(1)})

    def elaborate(self, platform: Any) -> Module:
        """Build two shift registers, and one that captures the outputs."""
        m = Module()
        m.submodules.cfu = cfu = self._cfu
        ports: dict[Any, list[Value]] = {In: [], Out: []}
        for _, member, each in cfu.signature.flatten(cfu):
            value = Value.cast(each)
            if not isinstance(value, Const):
                ports[member.flow].append(value)
        inputs, outputs = Cat(ports[In]), Cat(ports[Out])
        given = Signal(len(inputs))
        captured, found = Signal(len(outputs)), Signal(len(outputs))
        captures = Signal()
        m.d.comb += [inputs.eq(given), self.found.eq(found[-1])]
        m.d.sync += [
            given.eq(Cat(self.given, given)),
            captures.eq(self.captures),
            captured.eq(outputs),
            found.eq(Mux(captures, captured, found << 1)),
        ]
        return m


@pytest.mark.long
def test_engine_reaches_80_mhz_on_an_ecp5(tmp_path: Path) -> None:
    """Place it alone: 10 minutes on an idle machine. The estimate is nextpnr's, before routing."""
    verilog = component_to_verilog(Serial(Engine()), "top")
    (tmp_path / "top.v").write_text(verilog, encoding="utf-8")
    script = "read_verilog top.v; synth_ecp5 -top top -json top.json"
    run_yowasp(tmp_path, "yosys", ["-q", "-p", script])
    move_registers(tmp_path / "top.json", "top")
    options = ["--json", "top.json", "--freq", str(MEGAHERTZ), "--timing-allow-fail"]
    _, said = run_yowasp(tmp_path, "nextpnr_ecp5", [*LAYOUT.split(), *options])
    (found,) = re.findall(r"Max frequency for clock .*?: ([0-9.]+) MHz", said)
    assert float(found) >= MEGAHERTZ
