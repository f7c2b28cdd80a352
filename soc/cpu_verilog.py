"""The Verilog of a CPU variant, wherever it comes from."""

from __future__ import annotations

from pathlib import Path

from cfuforge.base.cache import cached_text
from cfuforge.base.errors import ForgeError
from cfuforge.soc.cpu import Core, Cpu
from cfuforge.soc.small_cpu.verilog import small_cpu_verilog
from cfuforge.soc.vexriscv.generate import (
    generate_vexriscv,
    is_generated,
    vexriscv_package,
)

__all__ = ["cpu_module", "cpu_verilog", "is_ready", "mended"]

READY = "if(CfuPlugin_bus_cmd_ready) begin\n        execute_CfuPlugin_hold <= 1'b0;"


def cpu_module(cpu: Cpu) -> str:
    """Return the name of the CPU's Verilog module."""
    return "SmallCpu" if cpu.core is Core.SMALL else "VexRiscv"


def cpu_verilog(cpu: Cpu, reset_address: int = 0) -> Path:
    """Return the CPU's Verilog file, from the cache where it is there.

    Parameters
    ----------
    cpu
        The variant.
    reset_address
        Where SmallCpu starts; VexRiscv has an input for it.

    Raises
    ------
    EnvironmentLacksError
        When VexRiscv has to be generated and something for that is missing.
    """
    if cpu.core is Core.GENERATED:
        return generate_vexriscv(cpu.options)
    if cpu.core is Core.PACKAGED:
        return vexriscv_package() / "VexRiscv_FullCfu.v"
    text = small_cpu_verilog(reset_address=reset_address, multiply=cpu.options.multiply)
    return cached_text("cpu", "SmallCpu.v", text)


def mended(verilog: str) -> str:
    """Return the text of a Verilog file; of a VexRiscv with its CFU port mended.

    VexRiscv's CfuPlugin notes in ``hold`` that the CFU has not taken a command yet, and notes it
    again after the CFU has, while something older, such as a division, keeps the instruction in
    Execute. If the CFU is not ready in the cycle in which that ends, the next instruction goes to
    the CFU as well, whatever it is: the CPU then hangs, or a register is wrong. Here a command that
    was taken is not noted. Programs that this does not happen to take the same cycles.

    Raises
    ------
    ForgeError
        When it is a VexRiscv with another CFU port.
    """
    if "execute_CfuPlugin_hold" not in verilog:
        return verilog
    if verilog.count(READY) != 1:
        raise ForgeError("this VexRiscv has another CFU port than the one that is mended here")
    ready = "CfuPlugin_bus_cmd_ready"
    return verilog.replace(READY, READY.replace(ready, f"{ready} || execute_CfuPlugin_fired"))


def is_ready(cpu: Cpu) -> bool:
    """Tell whether `cpu_verilog` needs no JVM, for it is in the cache or never needs one."""
    return cpu.core is not Core.GENERATED or is_generated(cpu.options)
