"""``cfuforge bench``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cfuforge.cli.choices import CFUS, boards_text, complete_board, complete_cfu
from cfuforge.cli.options import JsonOption, require_writable, write_file, write_json
from cfuforge.cli.terminal import err, out

if TYPE_CHECKING:
    from cfuforge.bench.shape import BenchDocument, BoardsBenchDocument
    from cfuforge.soc.board import Board

__all__ = ["bench"]


def bench(
    models: Annotated[
        Path | None, typer.Option(help="A folder; every .tflite file in it is run as well")
    ] = None,
    board: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Show the time of an inference on this board instead: {boards_text()}. "
            "Another clock is written as in arty@60MHz. May be repeated",
            show_default="none",
            autocompletion=complete_board,
        ),
    ] = None,
    cfu: Annotated[
        str | None,
        typer.Option(
            help=f"The design for --board: {CFUS}",
            show_default="engine on boards with a memory port, else the board's own",
            autocompletion=complete_cfu,
        ),
    ] = None,
    write: Annotated[
        Path | None, typer.Option(help="Write the table to this Markdown file")
    ] = None,
    json: JsonOption = None,
) -> None:
    """Run models in plain C, with simd_mac and with engine, and show the cycles beside the floors.

    Board sim runs the keyword-spotting sample, and the models of a folder with random inputs. The
    exit code is 0 if every value of every layer equals TFLM's in every run, else 1.

    With --board, show cycles, milliseconds and inferences a second with one design on each board.
    """
    from cfuforge.base.errors import InputError
    from cfuforge.base.head import head_now
    from cfuforge.bench.bench import bench as run_models
    from cfuforge.bench.bench import models_in
    from cfuforge.bench.table import markdown, print_bench
    from cfuforge.cli.progress import TerminalProgress
    from cfuforge.comparisons.verdict import ORACLE

    require_writable(write, json)
    if cfu and not board:
        raise InputError(f"--cfu {cfu} needs --board: without it, bench runs its own designs")
    chosen = [_board(name) for name in board or ()]
    files = models_in(models) if models else []
    if chosen:
        _bench_boards(chosen, files, cfu, write, json)
        return
    with TerminalProgress(err) as progress:
        rows = run_models(files, progress)
    print_bench(rows, out)
    document: BenchDocument = {"schema": "bench", **head_now(), "oracle": ORACLE, "rows": rows}
    _finish(document, markdown(rows), write, json)


def _board(text: str) -> Board:
    """Return the board that ``NAME`` or ``NAME@CLOCK`` names."""
    from cfuforge.defaults import board_at

    name, sign, clock = text.partition("@")
    return board_at(name, clock if sign else None)


def _bench_boards(
    boards: list[Board], files: list[Path], cfu: str | None, write: Path | None, json: Path | None
) -> None:
    """Run models on boards, and write page and document."""
    from cfuforge.base.head import head_now
    from cfuforge.bench.boards import run_on_boards
    from cfuforge.bench.boards_table import markdown_of_boards, print_boards
    from cfuforge.cli.progress import TerminalProgress
    from cfuforge.comparisons.verdict import ORACLE

    with TerminalProgress(err) as progress:
        rows = run_on_boards(boards, files, cfu, progress)
    print_boards(rows, out)
    document: BoardsBenchDocument = {
        "schema": "bench-boards",
        **head_now(),
        "oracle": ORACLE,
        "rows": rows,
    }
    _finish(document, markdown_of_boards(rows), write, json)


def _finish(
    document: BenchDocument | BoardsBenchDocument, page: str, write: Path | None, json: Path | None
) -> None:
    """Write page and document; with a wrong value there is no page, and the exit code is 1."""
    wrong = any(row["wrong"] for row in document["rows"])
    if write and not wrong:
        write_file(write, page, "--write")
    if json:
        write_json(json, document)
    if wrong:
        raise typer.Exit(1)
