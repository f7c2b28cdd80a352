"""``cfuforge model``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cfuforge.cli.choices import CFUS, complete_cfu
from cfuforge.cli.options import JsonOption, require_writable, write_file, write_json
from cfuforge.cli.terminal import Commands, err, out

__all__ = ["model_app"]

model_app = typer.Typer(cls=Commands, help="Inspect a model.", no_args_is_help=True)


@model_app.callback()
def _commands() -> None:
    """Keep `inspect` a subcommand, although it is the only one."""


@model_app.command()
def inspect(
    model: Annotated[
        Path | None,
        typer.Argument(help="A .tflite file", show_default="the keyword-spotting sample"),
    ] = None,
    cfu: Annotated[
        list[str] | None,
        typer.Option(
            help=f"A design whose arena and cycles are shown; may be repeated: {CFUS}",
            show_default="none",
            autocompletion=complete_cfu,
        ),
    ] = None,
    no_arena: Annotated[
        bool,
        typer.Option("--no-arena", help="Leave out the arena's size: it takes a simulated SoC"),
    ] = False,
    json: JsonOption = None,
    svg: Annotated[Path | None, typer.Option(help="Draw the activations to this SVG file")] = None,
) -> None:
    """Show operators, shapes, MACs, weights, what cannot run, the arena, and cycles.

    The exit code is 0 even if the model cannot run.
    """
    from cfuforge.cli.progress import TerminalProgress
    from cfuforge.inspection.inspect import inspect as inspect_model
    from cfuforge.inspection.lifetimes_svg import lifetimes_svg
    from cfuforge.inspection.table import print_inspection

    require_writable(json, svg)
    with TerminalProgress(err) as progress:
        found = inspect_model(model, cfu or "none", arena=not no_arena, progress=progress)
    print_inspection(found, out)
    if json:
        write_json(json, found.to_json())
    if svg:
        names = [operator.name for operator in found.model.operators]
        title = f"{found.model.name}: what lies in the tensor arena when"
        write_file(svg, lifetimes_svg(found.plan, names, title), "--svg")
