"""Models of the block RAM of Xilinx's 7 series, which yosys's models of its cells lack."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["with_block_ram"]

MODEL = Path(__file__).with_name("block_ram.v")
IGNORED = [
    "RDADDR_COLLISION_HWCONFIG", "RSTREG_PRIORITY_A", "RSTREG_PRIORITY_B", "SIM_COLLISION_CHECK",
    "SIM_DEVICE",
]  # fmt: skip


def with_block_ram(cells: str) -> str:
    """Return yosys's models of Xilinx's cells with models of RAMB18E1 and RAMB36E1.

    Yosys has these two as modules without contents.
    """
    others = re.sub(r"module (RAMB18E1|RAMB36E1) \(.*?\nendmodule\n", "", cells, flags=re.DOTALL)
    parameters = ", ".join(f'parameter {name} = ""' for name in IGNORED)
    macros = [
        f"`define FORGE_RAMB_IGNORED {parameters}",
        *_contents("18", 64),
        *_contents("36", 128),
    ]
    return "\n".join([others, *macros, MODEL.read_text(encoding="utf-8")])


def _contents(kind: str, rows: int) -> list[str]:
    """Return macros for a cell's first contents: its parameters, and their values in one number."""
    data = [f"INIT_{row:02X}" for row in range(rows)]
    parity = [f"INITP_{row:02X}" for row in range(rows // 8)]
    parameters = ", ".join(f"parameter [255:0] {name} = 0" for name in data + parity)
    return [
        f"`define FORGE_RAMB{kind}_PARAMETERS {parameters}",
        f"`define FORGE_RAMB{kind}_DATA {{{', '.join(reversed(data))}}}",
        f"`define FORGE_RAMB{kind}_PARITY {{{', '.join(reversed(parity))}}}",
    ]
