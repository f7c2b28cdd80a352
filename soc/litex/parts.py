"""Find the part of the SoC to which each net belongs, since LiteX's Verilog is flat."""

from __future__ import annotations

from typing import Any

from migen import Memory

__all__ = ["parts_of_nets"]

PARTS = {  # each with the classes whose instances make its signals, in lower case as in migen
    "DRAM PHY": (
        "gensdrphy", "a7ddrphy", "simulatedphy", "inferedsdrio", "inferedsdrtristate",
    ),
    "DRAM controller": (
        "litedramcore", "litedramcrossbar", "litedramnativeport", "litedramwishbone2native",
    ),
    "L2 cache": ("cache",),
    "UART": ("uart", "rs232phy", "uart_pads"),
    "RAM": ("sram", "sharedram", "singleram", "up5kspram"),
    "memory port": (
        "cfuport", "ramport", "flashport", "portswitch", "drambus", "dramreader", "dramwriter",
    ),
    "timer": ("timer",),
    "USB": ("usbport",),
    "flash": ("spiflash", "flashpads"),
    "clocks": (
        "ecp5clocks", "ice40clocks", "xc7clocks", "latticeecp5asyncresetsynchronizerimpl",
        "xilinxasyncresetsynchronizerimpl",
    ),
    "CPU": ("vexriscv", "litexgeneratedvexriscv", "litexsmallcpu"),
    "bus": (
        "interconnectshared", "csrbankarray", "soccontroller", "wishbone2csr", "simulationcontrol",
        "ram_bus",
    ),
}  # fmt: skip
BY_CLASS = {name: part for part, names in PARTS.items() for name in names}


def parts_of_nets(soc: Any, names: Any) -> dict[str, str]:
    """Return the part of each net and memory of the top module, by Verilog name.

    Parameters
    ----------
    soc
        The finalised SoC.
    names
        LiteX's namespace of the converted Verilog.
    """
    found = {names.get_name(signal): _part(signal) for signal in list(names.name_dict)}
    for special in soc._fragment.specials:
        if isinstance(special, Memory) and special.ports:
            found[names.get_name(special)] = _part(special.ports[0].adr)
    return {name: part for name, part in sorted(found.items()) if part}


def _part(signal: Any) -> str | None:
    """Return the part of the innermost known class that made `signal`."""
    steps = (name for name, _ in reversed(signal.backtrace))
    return next((BY_CLASS[name] for name in steps if name in BY_CLASS), None)
