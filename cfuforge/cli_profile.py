"""`cfuforge profile`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cfuforge.options import CfuOption, DtypeOption, require_writable, write_json
from cfuforge.terminal import err, out

__all__ = ["profile"]


def profile(
    model: Annotated[
        Path | None, typer.Option(help="A .tflite file", show_default="the keyword-spotting sample")
    ] = None,
    input: Annotated[
        Path | None, typer.Option(help="A file, as for sim", show_default="a sample")
    ] = None,
    cfu: CfuOption = None,
    board: Annotated[str, typer.Option(help="A simulated board with CPU full+cfu")] = "sim",
    dtype: DtypeOption = None,
    json: Annotated[Path | None, typer.Option(help="Write every count to this file")] = None,
) -> None:
    """Run a model on the simulated SoC and tell where its cycles go.

    Every cycle of the inference has one cause, seen in the CPU's own signals: the program runs as
    without, to the cycle.
    """
    from cfuforge.input_source import InputSource
    from cfuforge.profile_table import print_profile
    from cfuforge.profiling import profile_run
    from cfuforge.progress import TerminalReport

    require_writable(json)
    source = InputSource((input,), dtype=dtype) if input else None
    with TerminalReport(err) as report:
        found = profile_run(model, source, cfu, board, report=report)
    print_profile(found, out)
    if json:
        write_json(json, found.to_json())
