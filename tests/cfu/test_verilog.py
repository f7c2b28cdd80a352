from __future__ import annotations

import re
from pathlib import Path

import pytest
from sample_cfus import Sum4

from cfuforge.cfu import Design
from cfuforge.cfu import verilog as module
from cfuforge.cfu.cache import entries
from cfuforge.cfu.errors import EnvironmentLacksError

PORTS = {
    "cmd_valid": "input",
    "cmd_ready": "output",
    "cmd_payload_function_id": "input [9:0]",
    "cmd_payload_inputs_0": "input [31:0]",
    "cmd_payload_inputs_1": "input [31:0]",
    "rsp_valid": "output",
    "rsp_ready": "input",
    "rsp_payload_outputs_0": "output [31:0]",
    "clk": "input",
    "reset": "input",
}


@pytest.mark.parametrize("spec", ["none", "sample_cfus:Sum4"])
def test_the_ports_that_the_cpu_connects(spec: str) -> None:
    text = Design.load(spec).verilog()
    (header,) = re.findall(r"^module Cfu\((.*?)\);", text, re.M | re.S)
    assert set(header.split(", ")) == set(PORTS)
    body = text[text.index("module Cfu(") : text.index("endmodule")]
    for name, kind in PORTS.items():
        assert f"  {kind} {name};" in body


def test_yosys_runs_once_for_the_same_hardware(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CFUFORGE_CACHE", str(tmp_path))
    runs = []
    monkeypatch.setattr(module, "_run_yosys", lambda text, _: runs.append(text) or "module Cfu")
    assert Design.load("none").verilog_file() == Design.load("none").verilog_file()
    assert len(runs) == 1
    Design.load("simd_mac:rows=1").verilog_file()
    Design.load("simd_mac:rows=2").verilog_file()
    assert len(runs) == 3


def test_the_rtlil_names_no_source_file() -> None:
    text = Design.load("sample_cfus:Sum4").rtlil()
    assert "attribute \\src" not in text
    assert text == module.to_rtlil(Sum4())


def test_a_yosys_that_fails_ends_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CFUFORGE_CACHE", str(tmp_path))
    with pytest.raises(
        EnvironmentLacksError,
        match=r"yosys fails: ERROR: Parser error in line 1.* \(all of it: .*\.log\)",
    ):
        module.rtlil_to_verilog("this is no RTLIL")
    assert not entries()
