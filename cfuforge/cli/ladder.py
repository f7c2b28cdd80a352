"""``cfuforge ladder``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cfuforge.cli.options import JsonOption, ModelOption, require_writable, write_json
from cfuforge.cli.terminal import err, out

__all__ = ["ladder"]


def ladder(
    model: ModelOption = None,
    area: Annotated[bool, typer.Option(help="Synthesise each design, for its area")] = True,
    plot: Annotated[
        Path | None, typer.Option(help="Write a chart to this file (.png, .svg or .pdf)")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Climb from plain C over simd_mac to the whole engine, and show what each step gains.

    Every step is a design on board sim. The exit code is 0 if every value of every layer equals
    TFLM's in every run, else 1.
    """
    from cfuforge.base.head import head_now
    from cfuforge.cli.progress import TerminalProgress
    from cfuforge.comparisons.verdict import ORACLE
    from cfuforge.ladder.chart import ladder_chart
    from cfuforge.ladder.ladder import climb
    from cfuforge.ladder.shape import LadderDocument
    from cfuforge.ladder.table import print_ladder

    require_writable(plot, json)
    with TerminalProgress(err) as progress:
        found, rows = climb(model, areas=area, progress=progress)
    print_ladder(found, rows, out)
    if plot:
        ladder_chart(found.model["name"], rows).savefig(plot)
    if json:
        document: LadderDocument = {
            "schema": "ladder",
            **head_now(),
            "model": found.model,
            "oracle": ORACLE,
            "compared": found.compared,
            "wrong": "" if found.exact else found.wrong_layer or "The outputs differ.",
            "rows": rows,
        }
        write_json(json, document)
    if not found.exact:
        raise typer.Exit(1)
