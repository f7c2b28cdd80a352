"""Write a SoC as files: Verilog with reproducible names and order, and its facts as JSON."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

from litex.soc.integration.export import get_csr_json

from cfuforge.soc.board import Board
from cfuforge.soc.cpu_verilog import mended
from cfuforge.soc.litex.dram import firmware_macros
from cfuforge.soc.litex.hardware import Hardware
from cfuforge.soc.litex.names import own_names
from cfuforge.soc.litex.parts import parts_of_nets
from cfuforge.soc.litex.simulation import Simulation
from cfuforge.soc.litex.soc import ForgeSoC

__all__ = ["write_soc"]

_TALKATIVE = (
    "ECP5PLL",
    "S7PLL",
    "SoC",
    "SoCBusHandler",
    "SoCCSRHandler",
    "SoCIRQHandler",
    "SoCRegion",
)


def write_soc(board: Board, hardware: bool, port: int, top: str, folder: Path) -> None:
    """Write a SoC's Verilog, and ``soc.json``, from which `cfuforge.soc.generate.Soc` is made.

    Parameters
    ----------
    board, hardware, port
        As in `cfuforge.soc.generate.generate`.
    top
        The name of the top module.
    folder
        The folder to write to.
    """
    for logger in _TALKATIVE:
        logging.getLogger(logger).setLevel(logging.WARNING)
    cfu = folder / "cfu.v"  # LiteX requires the file; each design brings its own later
    cfu.touch()
    with own_names():
        around = Hardware(board) if hardware else Simulation(board)
        soc = ForgeSoC(board, cfu, around, port)
        soc.finalize()
        converted = soc.platform.get_verilog(soc, name=top)
    verilog = converted.main_source
    # The host fills memory before the CPU runs, so no file has to be found at run time.
    verilog = re.sub(r"initial begin\s*\$readmemh\([^)]*\);\s*end", "", verilog)
    # Comments contain the date, and cells in random order: no cache would find this SoC again.
    verilog = re.sub(r"^/\*.*?^\*/\n|^//[^\n]*\n", "", verilog, flags=re.MULTILINE | re.DOTALL)
    (folder / f"{top}.v").write_text(verilog, encoding="utf-8")
    exported = json.loads(get_csr_json(soc.csr_regions, soc.constants, soc.mem_regions))
    sources = []
    for path, _, _ in soc.platform.sources:
        if path != str(cfu):  # copied: the cache outlives LiteX's virtual environment
            (folder / Path(path).name).write_text(
                mended(Path(path).read_text(encoding="utf-8")), encoding="utf-8"
            )
            sources.append(Path(path).name)
    described = {
        "sources": sources,
        "memories": {n: m for n, m in exported["memories"].items() if m["type"] != "io"},
        "registers": exported["csr_registers"],
        "interrupts": _interrupts(exported["constants"]),
        "arrays": {
            name: [[converted.ns.get_name(bank) for bank in banks], stripe]
            for name, (banks, stripe) in soc.arrays.items()
        },
        "dram": _dram_macros(board, soc, exported["csr_registers"]),
        "pins": _pins(soc, converted.ns) if hardware else [],
        "clocks": _clocks(soc, converted.ns),
        "parts": parts_of_nets(soc, converted.ns),
    }
    (folder / "soc.json").write_text(json.dumps(described, indent=1), encoding="utf-8")


def _interrupts(constants: dict[str, Any]) -> dict[str, int]:
    numbers = {name: n for name, n in constants.items() if isinstance(n, int)}
    end = "_interrupt"
    return {name.removesuffix(end): n for name, n in numbers.items() if name.endswith(end)}


def _dram_macros(board: Board, soc: Any, registers: dict[str, Any]) -> dict[str, str]:
    if not board.dram:
        return {}
    addresses = {name: register["addr"] for name, register in registers.items()}
    return firmware_macros(board, soc.ddrphy.settings, addresses)


def _pins(soc: Any, names: Any) -> list[tuple[str, str, list[str]]]:
    found = []  # port, pin, options
    for signal, pins, others, _ in soc.platform.constraint_manager.get_sig_constraints():
        name = names.get_name(signal)
        options = [getattr(each, "name", None) or each.misc for each in others]
        ports = [name] if len(pins) == 1 else [f"{name}[{i}]" for i in range(len(pins))]
        found += [(port, pin, options) for port, pin in zip(ports, pins, strict=True)]
    return found


def _clocks(soc: Any, names: Any) -> dict[str, int]:
    domains = {name.removeprefix("cd_"): domain for name, domain in vars(soc.crg).items()}
    return {names.get_name(domains[name].clk): hertz for name, hertz in soc.crg.hertz.items()}
