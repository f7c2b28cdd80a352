"""``cfuforge board list`` and ``cfuforge cfu list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from cfuforge.base.head import head_now
from cfuforge.base.shown import shown
from cfuforge.cli.options import JsonOption, require_writable, write_json
from cfuforge.cli.terminal import Commands, out
from cfuforge.tables import new_table

if TYPE_CHECKING:
    from cfuforge.cli.shape import BoardsDocument, CfuFacts, CfusDocument

__all__ = ["board_app", "cfu_app"]

board_app = typer.Typer(cls=Commands, help="The boards that --board accepts.", no_args_is_help=True)
cfu_app = typer.Typer(cls=Commands, help="The designs that --cfu accepts.", no_args_is_help=True)


@board_app.callback()
def _boards() -> None:
    """Keep `list` a subcommand, although it is the only one."""


@cfu_app.callback()
def _cfus() -> None:
    """Keep `list` a subcommand, although it is the only one."""


@board_app.command("list")
def list_boards(json: JsonOption = None) -> None:
    """List all boards: clock, CPU, FPGA and description."""
    from cfuforge.soc.board import BOARDS

    require_writable(json)
    table = new_table()
    table.add_column("board", no_wrap=True)
    table.add_column("MHz", justify="right")
    table.add_column("CPU", no_wrap=True)
    table.add_column("FPGA", no_wrap=True)
    table.add_column("what it is")
    for board in BOARDS.values():
        table.add_row(
            board.name,
            f"{board.clock_hz / 1e6:g}",
            board.cpu_variant,
            board.fpga.part if board.fpga else "simulated",
            board.description,
        )
    out.print(table)
    if json:
        document: BoardsDocument = {"schema": "boards", **head_now(), "boards": BOARDS}
        write_json(json, document)


@cfu_app.command("list")
def list_cfus(json: JsonOption = None) -> None:
    """List the designs that come with CFU Forge and those in the current folder; none is run."""
    from cfuforge.cfu.design import Design
    from cfuforge.cfu.designs import builtin_designs
    from cfuforge.cli.choices import described

    require_writable(json)
    table = new_table()
    table.add_column("CFU", overflow="fold")
    table.add_column("parameters")
    table.add_column("instructions", justify="right")
    table.add_column("what it is")
    found: dict[str, CfuFacts] = {}
    for name, text in described().items():
        design = Design.load(name) if name in builtin_designs() else None
        found[name] = {"description": text, "in_this_folder": design is None}
        values, count = "", ""
        if design:
            instructions = [each.name for each in design.instructions]
            found[name]["parameters"] = design.parameters
            found[name]["instructions"] = instructions
            values = design.spec.partition(":")[2] or ", ".join(design.parameters)
            count = str(len(instructions))
        what = text.replace("`", "") if design else f"in this folder: {text}".rstrip(": ")
        table.add_row(shown(name), values, count, shown(what, 200))
    out.print(table)
    out.print("`cfuforge describe CFU` shows a design's instructions.")
    if json:
        document: CfusDocument = {"schema": "cfus", **head_now(), "cfus": found}
        write_json(json, document)
