"""The netlist from yosys: its cells by part of the SoC, its nets by all their names."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cfuforge.soc.generate import TOP, Soc

__all__ = ["Netlist", "register_name"]

# autoname names a cell after a net connected to it, then the cell's type and the port
_DERIVED = re.compile(
    r"_(?:TRELLIS_\w+?|LUT[1-7]|CCU2C|PFUMX|L6MUX21|DP16KD|PDPW16KD|MULT18X18D|SB_\w+?|CARRY4"
    r"|MUXF[78]|FD[RSCP]E(?:_1)?|INV|RAM[BD0-9]\w*?|SRL\w+?|DSP48E1|BUFG|IBUF|OBUFT?)_[A-Z][A-Z0-9]*"
    r"(?:_|$)"
)
_PIN_CELLS = re.compile(r"[IO]SERDESE2|IDELAYE2|IOBUF|[IO]FS1P3BX|ODDRX1F")  # only in a PHY
# SPRAM's pins give their names to the cells that drive them; data to store comes from the CPU.
_STORED = re.compile(r"SB_SPRAM256KA(_\d)?_DATAIN")
OTHER = "other"
_INSTANCES = {
    "VexRiscv": "CPU",
    "SmallCpu": "CPU",
    "Cfu": "CFU",
    "UsbSerial": "USB",
    "FlashReader": "flash",
}


def register_name(cell: str) -> str:
    """Return the design's name of the register, memory or net from which a cell was made."""
    name = cell.replace("$glbnet$", "").partition("$")[0] or cell
    name = _DERIVED.split(name)[0] or name
    return re.sub(r"(\.\d+)+(_[A-Z]+\d*(_\d+)?)?$", "", name)  # for the pieces of a memory


class Netlist:
    """A synthesised netlist of `TOP`.

    Parameters
    ----------
    path
        The file from yosys's ``write_json``.
    soc
        The SoC from which it was made.
    """

    def __init__(self, path: Path, soc: Soc) -> None:
        module: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["modules"][TOP]
        self._parts = soc.parts
        self.cells: dict[str, str] = {name: c["type"] for name, c in module["cells"].items()}
        nets = {name: net["bits"] for name, net in module["netnames"].items()}
        self._bits = {name: bits[0] for name, bits in nets.items() if len(bits) == 1}
        self._bits |= {
            f"{name}[{index}]": bit
            for name, bits in nets.items()
            if len(bits) > 1
            for index, bit in enumerate(bits)
        }

    def part(self, cell: str) -> str:
        """Return the part of the SoC to which a cell or net belongs."""
        instance, dot, _ = cell.partition(".")
        if dot and instance in _INSTANCES:
            return _INSTANCES[instance]
        if _PIN_CELLS.match(cell):
            return "DRAM PHY"
        if cell.startswith("SB_SPRAM256KA"):
            return "CPU" if _STORED.match(cell) else "RAM"
        name = register_name(cell)
        while name:
            if name in self._parts:
                return self._parts[name]
            name = name.rpartition("_")[0]
        return OTHER

    def same_net(self, one: str, other: str) -> bool:
        """Whether two names are of the same one-bit net."""
        return one == other or (
            one in self._bits and self._bits[one] == self._bits.get(other, object())
        )

    def used(self, cells: Mapping[str, tuple[str, float]]) -> dict[str, float]:
        """Return the design's amount of each resource; `cells` is `Family.resources`."""
        totals: Counter[str] = Counter()
        for part in self.used_by_part(cells).values():
            totals.update(part)
        return dict(totals)

    def used_by_part(self, cells: Mapping[str, tuple[str, float]]) -> dict[str, dict[str, float]]:
        """Return each part's amount of each resource, the largest part first."""
        parts: dict[str, Counter[str]] = {}
        for name, kind in self.cells.items():
            if kind in cells:
                resource, amount = cells[kind]
                parts.setdefault(self.part(name), Counter())[resource] += amount  # type: ignore[assignment]
        ordered = sorted(parts.items(), key=lambda item: -item[1]["LUT"])
        return {part: dict(counts) for part, counts in ordered}
