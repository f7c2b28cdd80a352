"""Synthesis, place and route in Vivado, which starts from Verilog."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cfuforge.base.errors import RunError
from cfuforge.gateware.cells import Netlist, register_name
from cfuforge.gateware.timing import Clock, Path
from cfuforge.gateware.tools import ToolCommand
from cfuforge.soc.generate import TOP, Soc

__all__ = ["vivado_clocks", "vivado_command", "vivado_script"]


def vivado_script(soc: Soc) -> str:
    """Return Vivado's Tcl script, from the sources to ``soc.bit`` and ``vivado.timing``."""
    part = soc.board.require_fpga().part
    referenced = " ".join(pin.pin for pin in soc.pins if pin.options[0] == "SSTL135")
    banks = f"[get_iobanks -of_objects [get_package_pins {{{referenced}}}]]"
    reference = f"set_property INTERNAL_VREF 0.675 {banks}" if referenced else ""
    return f"""\
read_verilog [glob *.v]
read_xdc {TOP}.xdc
synth_design -top {TOP} -part {part}
set_property CFGBVS VCCO [current_design]
set_property CONFIG_VOLTAGE 3.3 [current_design]
{reference}
opt_design
place_design
route_design
report_utilization -hierarchical -file vivado.utilization
set file [open vivado.timing w]
foreach path [get_timing_paths -setup -max_paths 1 -group [get_path_groups]] {{
  puts $file [join [list [get_property ENDPOINT_CLOCK $path] [get_property REQUIREMENT $path] \\
    [get_property SLACK $path] [get_property DATAPATH_DELAY $path] \\
    [get_property DATAPATH_NET_DELAY $path] [get_property STARTPOINT_PIN $path] \\
    [get_property ENDPOINT_PIN $path]] " "]
}}
close $file
write_bitstream -force {TOP}.bit
"""


def vivado_command() -> ToolCommand:
    """Return the command that runs `vivado_script`, which must be in ``vivado.tcl``."""
    return ToolCommand(
        "place and route",
        "vivado",
        ["-mode", "batch", "-nojournal", "-nolog", "-source", "vivado.tcl"],
    )


def vivado_clocks(text: str, wanted: Mapping[str, int], netlist: Netlist) -> tuple[Clock, ...]:
    """Parse ``vivado.timing``; a line is clock, requirement, slack, delays, start and end.

    Raises
    ------
    RunError
        When there is none, or the file cannot be read.
    """
    clocks = []
    for line in text.splitlines():
        if not (found := re.fullmatch(r"(\S+) (\S+) (\S+) (\S+) (\S+) (\S+)/\w+ (\S+)/\w+", line)):
            raise RunError(f"Vivado's timing cannot be read: {line!r}")
        net, requirement, slack, delay, nets, start, end = found.groups()
        period = float(requirement)
        names = [f"{register_name(cell)} ({netlist.part(cell)})" for cell in (start, end)]
        path = Path(names[0], names[1], float(delay), float(nets))
        clocks.append(Clock(net, 1e9 / period, 1e9 / (period - float(slack)), path))
    if not clocks:
        raise RunError(f"Vivado reports no timing of {', '.join(wanted)}")
    return tuple(clocks)
