"""The Verilog of a CPU variant, whatever its origin."""

from __future__ import annotations

from pathlib import Path

from cfuforge.base.cache import write_once
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
    """Return the CPU's Verilog file, from the cache if it is there.

    Parameters
    ----------
    cpu
        The variant.
    reset_address
        Where SmallCpu starts; VexRiscv has an input for this.

    Raises
    ------
    EnvironmentLacksError
        When VexRiscv has to be generated and a tool for that is missing.
    """
    if cpu.core is Core.GENERATED:
        return generate_vexriscv(cpu.options)
    if cpu.core is Core.PACKAGED:
        return vexriscv_package() / "VexRiscv_FullCfu.v"
    text = small_cpu_verilog(reset_address=reset_address, multiply=cpu.options.multiply)
    return write_once("cpu", "SmallCpu.v", text)


def mended(verilog: str) -> str:
    """Return the text of a Verilog file, with the bug in VexRiscv's CFU port fixed.

    VexRiscv's CfuPlugin sets ``hold`` while the CFU has not taken a command. It sets ``hold`` again
    after the CFU has taken it, while an older instruction such as a division keeps the CFU
    instruction in Execute. If the CFU is not ready in the cycle in which that ends, the next
    instruction is sent to the CFU too, whatever it is: the CPU then hangs, or a register is wrong.
    With the fix, ``hold`` is not set for a command that was taken. Programs that do not hit the bug
    take the same number of cycles.

    Raises
    ------
    ForgeError
        When it is a VexRiscv with a different CFU port.
    """
    if "execute_CfuPlugin_hold" not in verilog:
        return verilog
    if verilog.count(READY) != 1:
        raise ForgeError("this VexRiscv has a CFU port that cfuforge does not know how to fix")
    ready = "CfuPlugin_bus_cmd_ready"
    return verilog.replace(READY, READY.replace(ready, f"{ready} || execute_CfuPlugin_fired"))


def is_ready(cpu: Cpu) -> bool:
    """Return whether `cpu_verilog` needs no JVM now: it never does, or the file is cached."""
    return cpu.core is not Core.GENERATED or is_generated(cpu.options)
