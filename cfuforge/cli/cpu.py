"""``cfuforge cpu``."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cfuforge.base.head import head_now
from cfuforge.cli.choices import complete_cpu
from cfuforge.cli.options import JsonOption, require_writable, write_json
from cfuforge.cli.terminal import Commands, err, out
from cfuforge.tables import new_table

if TYPE_CHECKING:
    from cfuforge.cli.shape import CpuDocument, CpuFacts, CpusDocument
    from cfuforge.gateware.ice40_area import Ice40Area

__all__ = ["cpu_app"]

cpu_app = typer.Typer(
    cls=Commands, help="The CPU variants that a board can have.", no_args_is_help=True
)

NameArgument = Annotated[
    str,
    typer.Argument(
        help="A CPU variant, as `cfuforge cpu list` names it", autocompletion=complete_cpu
    ),
]


@cpu_app.command("list")
def list_cpus(json: JsonOption = None) -> None:
    """List all CPU variants: instruction set, caches, and whether their Verilog is ready."""
    from cfuforge.soc.cpu import CPUS

    require_writable(json)
    table = new_table()
    for heading in ("CPU", "instruction set"):
        table.add_column(heading, no_wrap=True)
    for heading in ("caches", "what it is", "ready"):
        table.add_column(heading)
    for name in CPUS:
        facts = _facts(name)
        ready = "yes" if facts["ready"] else "no"
        table.add_row(name, facts["isa"], _caches(facts), facts["description"], ready)
    out.print(table)
    if not all(_facts(name)["ready"] for name in CPUS):
        out.print("`cfuforge cpu generate CPU` makes one that is not ready, with a JVM.")
    if json:
        cpus = {name: _facts(name) for name in CPUS}
        document: CpusDocument = {"schema": "cpus", **head_now(), "cpus": cpus}
        write_json(json, document)


@cpu_app.command()
def generate(
    name: NameArgument,
    output: Annotated[Path | None, typer.Option(help="Also copy the Verilog to this file")] = None,
    reset_address: Annotated[
        str, typer.Option(help="The address where SmallCpu starts; VexRiscv has an input for it")
    ] = "0x0",
) -> None:
    """Generate a CPU's Verilog, or take it from the cache, and print where it is."""
    from cfuforge.base.errors import InputError
    from cfuforge.cli.progress import TerminalProgress
    from cfuforge.soc.cpu import cpu
    from cfuforge.soc.cpu_verilog import cpu_verilog

    require_writable(output)
    try:
        start = int(reset_address, 0)
    except ValueError as error:
        raise InputError(
            f"--reset-address must be a number such as 0x40000000, not {reset_address!r}"
        ) from error
    if start % 4 or not 0 <= start < 1 << 32:
        raise InputError(f"--reset-address must be a multiple of 4 in 32 bits, not {start:#x}")
    chosen = cpu(name)
    with TerminalProgress(err) as progress:
        progress.phase(f"Verilog of {name}")
        path = cpu_verilog(chosen, start)
    if output:
        path = Path(shutil.copyfile(path, output))
    out.print(str(path), soft_wrap=True)


@cpu_app.command()
def describe(
    name: NameArgument,
    area: Annotated[
        bool, typer.Option("--area", help="Pack it for an iCE40UP5K: 20 s the first time")
    ] = False,
    json: JsonOption = None,
) -> None:
    """Show what a CPU has and lacks and, with --area, its size on an iCE40UP5K."""
    require_writable(json)
    facts = _facts(name)
    options = facts["options"]
    lines = {
        "description": facts["description"],
        "made of": facts["core"],
        "instruction set": facts["isa"],
        "caches": _caches(facts),
        "shifts": "in one cycle" if options.barrel_shifter else "one bit per cycle",
        "bypass": "yes" if options.bypass else "no",
        "branch prediction": options.prediction,
        "CSRs": ", ".join(f"{number:#05x}" for number in facts["csrs"]),
        "CFU": "traps until bit 31 of CSR 0xbc0 is set" if facts["cfu_switch"] else "always on",
        "lacks": "; ".join(facts["lacks"]) or "nothing",
        "needs a JVM": "yes, to be generated" if facts["needs_jvm"] else "no",
        "in the cache": "yes" if facts["ready"] else "no",
    }
    taken = _area(name) if area else None
    if taken:
        lines["iCE40UP5K"] = (
            f"{taken.logic_cells:,} of 5,280 logic cells, {taken.block_rams} of 30 block "
            f"RAMs, {taken.multipliers} of 8 multipliers"
        )
    out.print(name)
    for title, text in lines.items():
        out.print(f"  {title + ':':<19}{text}", soft_wrap=True)
    if json:
        document: CpuDocument = {
            "schema": "cpu",
            **head_now(),
            "cpu": facts,
            "ice40up5k": taken,
        }
        write_json(json, document)


def _facts(name: str) -> CpuFacts:
    """Return all that is known of a CPU without generating it."""
    from cfuforge.soc.cpu import Core, cpu
    from cfuforge.soc.cpu_verilog import is_ready

    chosen = cpu(name)
    return {
        "name": name,
        "description": chosen.description,
        "core": chosen.core.value,
        "isa": chosen.isa,
        "options": chosen.options,
        "csrs": list(chosen.csrs),
        "cfu_switch": chosen.cfu_switch,
        "lacks": list(chosen.lacks),
        "needs_jvm": chosen.core is Core.GENERATED,
        "ready": is_ready(chosen),
    }


def _caches(facts: CpuFacts) -> str:
    options = facts["options"]
    sizes = {"instructions": options.instruction_cache, "data": options.data_cache}
    return ", ".join(f"{size:,} bytes {name}" for name, size in sizes.items() if size) or "none"


def _area(name: str) -> Ice40Area:
    from cfuforge.cli.progress import TerminalProgress
    from cfuforge.gateware.ice40_area import ice40_area
    from cfuforge.soc.cpu import cpu
    from cfuforge.soc.cpu_verilog import cpu_module, cpu_verilog

    chosen = cpu(name)
    with TerminalProgress(err) as progress:
        progress.phase(f"{name} on an iCE40UP5K")
        return ice40_area(cpu_verilog(chosen), cpu_module(chosen))
