"""``cfuforge check``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cfuforge.cli.options import (
    CountOption,
    DtypeOption,
    JsonOption,
    LabelsOption,
    ModelOption,
    ResizeOption,
    ScaleToOption,
    SeedOption,
    SimdMacOption,
    TimeoutOption,
    require_writable,
    write_json,
)
from cfuforge.cli.terminal import err, out

__all__ = ["check"]


def check(
    model: ModelOption = None,
    cfu: SimdMacOption = "simd_mac",
    inputs: Annotated[
        list[Path] | None,
        typer.Option(
            "--inputs",
            "--input",
            help="A file or a folder; may be repeated",
            show_default="the samples; for another model, random inputs and corners",
        ),
    ] = None,
    count: CountOption = 0,
    seed: SeedOption = 0,
    corners: Annotated[
        bool,
        typer.Option(
            "--corners", help="Add three inputs: all minimum, all maximum, all zero point"
        ),
    ] = False,
    dtype: DtypeOption = None,
    resize: ResizeOption = False,
    scale_to: ScaleToOption = None,
    labels: LabelsOption = None,
    truth: Annotated[
        Path | None,
        typer.Option(
            help="The true classes: lines of file,label (.csv or .tsv)",
            show_default="the names of the folder's sub-folders",
        ),
    ] = None,
    sanitize: Annotated[
        bool,
        typer.Option("--sanitize", help="Find reads and writes out of bounds (AddressSanitizer)"),
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="The number of processes", show_default="one per processor"),
    ] = None,
    timeout: TimeoutOption = 600,
    json: JsonOption = None,
) -> None:
    """Check a design on many inputs, on this machine: without the SoC, with the Verilated CFU.

    Every output is compared with TFLM's, and the CFU with its reference. The exit code is 0 if
    all are equal, else 1.
    """
    from cfuforge.checks.check import check as check_inputs
    from cfuforge.checks.table import print_check
    from cfuforge.cli.progress import TerminalProgress
    from cfuforge.inputs.source import InputSource

    require_writable(json)
    source = InputSource(tuple(inputs or ()), count, seed, corners, dtype, resize, scale_to)
    with TerminalProgress(err) as progress:
        found = check_inputs(
            model,
            source,
            cfu,
            labels=labels,
            truth=truth,
            jobs=jobs,
            timeout=timeout,
            sanitize=sanitize,
            progress=progress,
        )
    print_check(found, out)
    if json:
        write_json(json, found.to_json())
    if not found.exact or found.agreement.disagreement:
        raise typer.Exit(1)
