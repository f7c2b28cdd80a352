"""``cfuforge bench``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cfuforge.cli.options import JsonOption, require_writable, write_file, write_json
from cfuforge.cli.terminal import err, out

__all__ = ["bench"]


def bench(
    models: Annotated[
        Path | None, typer.Option(help="A folder; every .tflite file in it is run as well")
    ] = None,
    write: Annotated[
        Path | None, typer.Option(help="Write the table to this Markdown file")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Run models in plain C, with simd_mac and with engine, and show the cycles beside the floors.

    Board sim runs the keyword-spotting sample, and the models of a folder with random inputs. The
    exit code is 0 if every value of every layer equals TFLM's in every run, else 1.
    """
    from cfuforge.base.head import head_now
    from cfuforge.bench.bench import bench as run_models
    from cfuforge.bench.bench import models_in
    from cfuforge.bench.shape import BenchDocument
    from cfuforge.bench.table import markdown, print_bench
    from cfuforge.cli.progress import TerminalProgress
    from cfuforge.comparisons.verdict import ORACLE

    require_writable(write, json)
    files = models_in(models) if models else []
    with TerminalProgress(err) as progress:
        rows = run_models(files, progress)
    print_bench(rows, out)
    wrong = any(row["wrong"] for row in rows)
    if write and not wrong:
        write_file(write, markdown(rows), "--write")
    if json:
        document: BenchDocument = {
            "schema": "bench",
            **head_now(),
            "oracle": ORACLE,
            "rows": rows,
        }
        write_json(json, document)
    if wrong:
        raise typer.Exit(1)
