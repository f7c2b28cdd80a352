"""What a changed CFU costs: its own build alone."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import Signal

from cfuforge.base import tools
from cfuforge.cfu.design import Design
from cfuforge.cfu.designs.simd_mac import SimdMac
from cfuforge.sim import verilate
from cfuforge.sim.simulator import Simulator
from cfuforge.soc.generate import Soc
from cfuforge.sw import toolchain

MUST = 8.0  # s of processor time


class Changed(SimdMac):
    def hardware(self, m: Any, ports: Any) -> None:
        super().hardware(m, ports)
        new = Signal(64)  # hardware that no cache has
        m.d.sync += new.eq(new + time.time_ns())


def used() -> float:
    """Return the processor time of this process and of all that it has started."""
    times = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in times)


def test_a_changed_cfu_is_verilated_compiled_and_linked_alone(
    soc: Soc, monkeypatch: pytest.MonkeyPatch
) -> None:
    Simulator(soc, Design.load("none").verilog_file())
    ran: list[str] = []

    def run_tool(command: Sequence[str], **how: Any) -> tools.Done:
        compiled = [word for word in command if word.endswith((".cpp", ".h"))]
        ran.append(compiled[-1] if compiled else Path(command[0]).name)
        return tools.run_tool(command, **how)

    for module in (verilate, toolchain):
        monkeypatch.setattr(module, "run_tool", run_tool)
    before = used()
    verilog = Design(Changed).verilog_file()
    made = used() - before
    Simulator(soc, verilog)
    took = used() - before
    print(f"{took:.1f} s of processor time, {made:.1f} s of them for the Verilog")
    assert ran == ["verilator_bin", "all_piece0.cpp", "zig"]
    assert took < MUST
    Simulator(soc, verilog)
    assert len(ran) == 3


@pytest.mark.parametrize("place", ["headers", "option", "folder"])
def test_no_model_meets_other_headers(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys: list[str] = []

    def build_once(kind: str, key: str, build: Callable[[Path], None]) -> Path:
        keys.append(key)
        return tmp_path

    monkeypatch.setattr(verilate, "build_once", build_once)
    verilate._headers(None)
    if place == "headers":
        changed = tmp_path / verilate.HEADERS.name
        changed.write_text(verilate.HEADERS.read_text() + "\n#include <list>\n")
        monkeypatch.setattr(verilate, "HEADERS", changed)
    elif place == "option":
        monkeypatch.setattr(verilate, "OPTIONS", [*verilate.OPTIONS, "-DOTHER"])
    else:
        monkeypatch.setattr(verilate, "verilator_root", lambda: tmp_path)
    verilate._headers(None)
    assert len(set(keys)) == 2
