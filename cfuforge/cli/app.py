"""The command line: ``cfuforge``."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from cfuforge.base import cache
from cfuforge.base.disk import DISK_FULL, disk_full
from cfuforge.base.errors import EnvironmentLacksError, ForgeError
from cfuforge.base.fault import fault
from cfuforge.cli.bench import bench
from cfuforge.cli.bitstream import bitstream
from cfuforge.cli.check import check
from cfuforge.cli.choices import complete_family
from cfuforge.cli.cpu import cpu_app
from cfuforge.cli.ladder import ladder
from cfuforge.cli.lists import board_app, cfu_app
from cfuforge.cli.model import model_app
from cfuforge.cli.options import (
    BoardOption,
    CfuArgument,
    CfusOption,
    CfuTimeoutOption,
    ClockOption,
    CountOption,
    DtypeOption,
    JsonOption,
    LabelsOption,
    ModelOption,
    ResizeOption,
    ScaleToOption,
    SeedOption,
    TraceFileOption,
    TraceOption,
    print_waveform,
    require_writable,
    wanted_trace,
    write_json,
)
from cfuforge.cli.profile import profile
from cfuforge.cli.schema import print_schema
from cfuforge.cli.terminal import Commands, err, out, print_error
from cfuforge.cli.tflm import run_application, write_kernels
from cfuforge.cli.wire import load, serve
from cfuforge.cli.wire import run as run_on_board
from cfuforge.soc.board import DEFAULT_BOARD
from cfuforge.tables import new_table

__all__ = ["run"]

_ORDER = {  # of use, under headings
    "Try a design": ("sim", "profile", "check", "bench", "ladder", "model", "schema"),
    "Make one": ("new", "describe", "cfu"),
    "On an FPGA": ("board", "cpu", "bitstream", "load", "run", "serve"),
    "With TensorFlow Lite Micro": ("app", "tflm-kernels"),
    "This machine": ("setup", "cache"),
}
_HEADING = {name: heading for heading, names in _ORDER.items() for name in names}


class _Front(Commands):
    """The commands, in the order in which they are used."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(_HEADING)


app = typer.Typer(
    name="cfuforge",
    cls=_Front,
    help="Co-design machine-learning accelerators for small FPGAs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
cache_app = typer.Typer(cls=Commands, help="The cache of build results.", no_args_is_help=True)


def _add(name: str, command: Callable[..., None]) -> None:
    app.command(name, rich_help_panel=_HEADING[name])(command)


_add("profile", profile)
_add("check", check)
_add("bench", bench)
_add("ladder", ladder)
_add("schema", print_schema)
_add("bitstream", bitstream)
_add("app", run_application)
_add("tflm-kernels", write_kernels)
_add("serve", serve)
_add("load", load)
_add("run", run_on_board)
_GROUPS = {
    "board": board_app,
    "cache": cache_app,
    "cfu": cfu_app,
    "cpu": cpu_app,
    "model": model_app,
}
for _name, _group in _GROUPS.items():
    app.add_typer(_group, name=_name, rich_help_panel=_HEADING[_name])

_verbose = False


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"cfuforge {version('cfuforge')}")
        raise typer.Exit


@app.callback()
def _options(
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show the traceback of an error.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, help="Print the version.")
    ] = False,
) -> None:
    global _verbose
    _verbose = verbose


@app.command(rich_help_panel=_HEADING["sim"])
def sim(
    model: ModelOption = None,
    input: Annotated[
        list[Path] | None,
        typer.Option(
            help="A file or a folder: .npy, .npz, raw bytes, pictures, or .wav for keyword "
            "spotting. May be repeated",
            show_default="a sample",
        ),
    ] = None,
    cfu: CfusOption = None,
    board: BoardOption = DEFAULT_BOARD,
    clock: ClockOption = None,
    after_synthesis: Annotated[
        str | None,
        typer.Option(
            help="ice40 or xc7: simulate the CFU's netlist for this FPGA family, not its RTL",
            autocompletion=complete_family,
        ),
    ] = None,
    count: CountOption = 0,
    seed: SeedOption = 0,
    dtype: DtypeOption = None,
    resize: ResizeOption = False,
    scale_to: ScaleToOption = None,
    labels: LabelsOption = None,
    json: JsonOption = None,
    trace: TraceOption = None,
    trace_file: TraceFileOption = None,
    placements: Annotated[
        int,
        typer.Option(
            min=1,
            max=100,
            help="Simulate this many placements of code and tensors (link orders of the firmware, "
            "addresses of model and arena), and show the median and range of the cycles",
        ),
    ] = 1,
    max_cycles: Annotated[
        int | None, typer.Option(min=1, help="Stop after this many cycles")
    ] = None,
    cfu_timeout: CfuTimeoutOption = 100_000,
) -> None:
    """Run a model on the simulated SoC, plain and with a CFU, and compare every layer with TFLM's.

    Several CFUs are shown in one table. With several inputs, all are compared, and the table shows
    the first. The exit code is 0 if every value of every layer equals TFLM's, else 1.
    """
    from cfuforge.cli.progress import TerminalProgress
    from cfuforge.comparisons.compare import simulate
    from cfuforge.comparisons.table import print_comparison
    from cfuforge.defaults import board_at
    from cfuforge.inputs.source import InputSource

    wanted = wanted_trace(trace, trace_file)
    require_writable(json, trace_file)
    chosen = board_at(board, clock)
    source = InputSource(
        tuple(input or ()), count, seed, dtype=dtype, resize=resize, scale_to=scale_to
    )
    with TerminalProgress(err) as progress:
        comparison = simulate(
            model,
            source,
            cfu or None,
            chosen,
            labels=labels,
            after_synthesis=after_synthesis,
            trace=wanted,
            placements=placements,
            max_cycles=max_cycles,
            cfu_timeout=cfu_timeout,
            progress=progress,
        )
    print_comparison(comparison, out)
    if json:
        write_json(json, comparison.to_json())
    if waveform := comparison.runs[-1].waveform:
        print_waveform(waveform)
    if not comparison.exact:
        raise typer.Exit(1)


@app.command(rich_help_panel=_HEADING["setup"])
def setup() -> None:
    """Install the host tools that are not on PyPI (as root), or say how."""
    from cfuforge.setup import prepare

    if problem := prepare("sim"):
        raise EnvironmentLacksError(problem)
    out.print("all host tools are installed")


@app.command(rich_help_panel=_HEADING["new"])
def new(
    name: Annotated[str, typer.Argument(help="The folder to make; its name is a Python name")],
    port: Annotated[
        bool, typer.Option("--port", help="Give it a port of its own into memory")
    ] = False,
) -> None:
    """Make a folder with a CFU of your own: hardware, kernel, test and README."""
    from cfuforge.cli.scaffold import scaffold

    folder = scaffold(Path(name), port)
    out.print(f"{folder}/ holds your CFU. Try:")
    if folder.parent != Path():
        out.print(f"  cd {folder.parent}")
    out.print(f"  python -m unittest {folder.name}.test_{folder.name}")
    out.print(f"  cfuforge sim --cfu {folder.name}")


@app.command(rich_help_panel=_HEADING["describe"])
def describe(
    cfu: CfuArgument,
    header: Annotated[bool, typer.Option("--header", help="Print cfu.h instead")] = False,
) -> None:
    """Print the instructions of a CFU."""
    from rich.markdown import Markdown
    from rich.text import Text

    from cfuforge.cfu.design import Design

    design = Design.load(cfu)
    text, _, tables = design.documentation().partition("\n| ")
    if out.is_terminal and not header:
        out.print(Text(text))
        out.print(Markdown(f"| {tables}"))
    else:
        print(design.header() if header else design.documentation())


@cache_app.command()
def info() -> None:
    """Print where the cache is and what it holds."""
    entries = cache.entries()
    other, limit = cache.other_bytes(), cache.cache_limit()
    table = new_table()
    table.add_column("kind")
    for heading in ("entries", "MB"):
        table.add_column(heading, justify="right")
    for kind in sorted({name.partition("-")[0] for name in entries}):
        sizes = [size for name, size in entries.items() if name.partition("-")[0] == kind]
        table.add_row(kind, str(len(sizes)), f"{sum(sizes) / 1e6:.1f}")
    if other:
        table.add_row("compiler's own, logs", "", f"{other / 1e6:.1f}")
    size = sum(entries.values()) + other
    out.print(
        f"{cache.cache_dir()}: {size / 1e6:.1f} MB of at most {limit / 1e6:,.0f}; above that, the "
        "least recently used entries are removed (CFUFORGE_CACHE_GB=N sets the limit)",
        soft_wrap=True,
    )
    if size:
        out.print(table)


@cache_app.command()
def clear() -> None:
    """Empty the cache."""
    size = sum(cache.entries().values()) + cache.other_bytes()
    used = cache.clear()
    left = sum(cache.entries().values()) + cache.other_bytes()
    state = f"keeps what other processes use ({len(used)} entries)" if used else "is empty"
    out.print(f"{cache.cache_dir()} {state}; {(size - left) / 1e6:.1f} MB freed")


def run() -> None:
    """Run the command that the arguments name; an error ends in one line and exit code 1."""
    out.stderr = False
    try:
        app()
    except BrokenPipeError:
        raise
    except Exception as error:
        print_error(_in_one_line(error), _verbose)
        raise SystemExit(1) from None


def _in_one_line(error: Exception) -> ForgeError:
    if isinstance(error, ForgeError):
        return error
    if not isinstance(error, OSError | MemoryError):
        return fault(error)
    if isinstance(error, MemoryError):
        line = EnvironmentLacksError("out of memory; close other programs or add swap")
    else:
        where = error.filename or "the standard output"
        full = error.errno in DISK_FULL
        line = (
            disk_full(where)
            if full
            else EnvironmentLacksError(f"{where}: {error.strerror or error}")
        )
    line.__cause__ = error
    return line
