from __future__ import annotations

import re
from pathlib import Path

import pytest
from sample_cfus import Sum4

from cfuforge.base.cache import entries
from cfuforge.base.errors import InputError
from cfuforge.cfu import Design
from cfuforge.cfu import verilog as module

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


def test_what_yosys_does_not_take_is_the_users_error_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CFUFORGE_CACHE", str(tmp_path))
    with pytest.raises(
        InputError,
        match=r"yosys fails: ERROR: Parser error in line 1.* \(all of it: .*\.log\)",
    ):
        module.rtlil_to_verilog("this is no RTLIL")
    assert not entries()


HARDWARE = """
from amaranth.hdl import ClockDomain, ClockSignal, DomainRenamer, Instance, Module, Signal
from amaranth.lib.memory import Memory

from cfuforge.cfu import Cfu


def inner(x):
    made = Module()
    made.d.sync += x.eq(x + 1)
    return made


class Odd(Cfu):
    def hardware(self, m, ports):
        x = Signal(8)
        {line}
"""


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("m.d.fast += x.eq(1)", r"clock domain 'fast' is not declared at .*odd_{}\.py:17; "),
        (
            "m.submodules += DomainRenamer('fast')(inner(x))",
            r"'fast' is not declared .*odd_{}\.py:10; ",
        ),
        ("m.d.comb += x.eq(ClockSignal('fast'))", r"clock domain 'fast' is not declared"),
        (
            "m.submodules.a = a = Memory(shape=8, depth=4, init=[]); a.write_port(domain='f')",
            r"clock domain 'f' is not declared",
        ),
        (
            "m.domains.f = ClockDomain('f'); m.d.f += x.eq(1)",
            r"nothing drives the clock of .*:16, so",
        ),
        (
            "m.domains.f = f = ClockDomain('f'); m.d.comb += f.clk.eq(0); m.d.f += x.eq(1)",
            r"nothing drives the clock of .*:16, so",
        ),
        (
            "y = Signal(8, name='a b'); m.d.sync += y.eq(y + 1)",
            r"a signal must have a name without blanks at .*:17, not 'a b'; call it 'a_b'",
        ),
        ("m.submodules['a\\nb'] = inner(x)", r"a submodule must have .*odd_{}\.py:9, not 'a\\nb'"),
        ("m.submodules += Instance('a b', i_a=x)", r"a submodule must .*odd_{}\.py:17, not 'a b'"),
        ("m.submodules += Instance('a', ('i', 'b c', x))", r"one of the ports must .*, not 'b c'"),
        (
            "m.submodules += Instance('foo', i_a=x)",
            r"an Instance is of module 'foo' at .*odd_{}\.py:17, which is not defined; write",
        ),
    ],
)
def test_hardware_that_would_not_do_what_it_says(line: str, message: str, tmp_path: Path) -> None:
    number = abs(hash(line))
    (tmp_path / f"odd_{number}.py").write_text(HARDWARE.format(line=line))
    with pytest.raises(InputError, match=message.format(number)) as caught:
        Design.load(f"{tmp_path}/odd_{number}.py").verilog()
    assert "\n" not in str(caught.value)


def test_a_clock_of_the_users_own_runs(tmp_path: Path) -> None:
    line = (
        "m.domains.f = f = ClockDomain('f'); m.d.comb += f.clk.eq(ClockSignal()); m.d.f += x.eq(1)"
    )
    (tmp_path / "divided.py").write_text(HARDWARE.format(line=line))
    assert "always @(posedge" in Design.load(f"{tmp_path}/divided.py").verilog()
