"""The command line: ``cfuforge``."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from cfuforge.cfu import cache
from cfuforge.cfu.disk import DISK_FULL, disk_full
from cfuforge.cfu.errors import EnvironmentLacksError, ForgeError, InputError
from cfuforge.cfu.fault import fault
from cfuforge.cli_bitstream import bitstream
from cfuforge.cli_check import check
from cfuforge.cli_cpu import cpu_app
from cfuforge.cli_model import model_app
from cfuforge.cli_profile import profile
from cfuforge.cli_tflm import run_application, write_kernels
from cfuforge.cli_wire import load, serve
from cfuforge.cli_wire import run as run_on_board
from cfuforge.options import (
    CfuOption,
    CountOption,
    DtypeOption,
    LabelsOption,
    ResizeOption,
    ScaleToOption,
    SeedOption,
    TraceFileOption,
    TraceOption,
    print_waveform,
    require_writable,
)
from cfuforge.terminal import Commands, err, out, print_error

__all__ = ["run"]

app = typer.Typer(
    name="cfuforge",
    cls=Commands,
    help="Co-design machine-learning accelerators for small FPGAs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
cache_app = typer.Typer(help="The cache of built things.", no_args_is_help=True)
app.add_typer(cache_app, name="cache")

app.command("bitstream")(bitstream)
app.command("check")(check)
app.command("profile")(profile)
app.command("app")(run_application)
app.command("tflm-kernels")(write_kernels)
app.command("serve")(serve)
app.command("load")(load)
app.command("run")(run_on_board)
app.add_typer(model_app, name="model")
app.add_typer(cpu_app, name="cpu")

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


@app.command()
def sim(
    model: Annotated[
        Path | None, typer.Option(help="A .tflite file", show_default="the keyword-spotting sample")
    ] = None,
    input: Annotated[
        list[Path] | None,
        typer.Option(
            help="A file or a folder; may be repeated: .npy, .npz, raw bytes, pictures, or .wav "
            "for keyword spotting",
            show_default="a sample",
        ),
    ] = None,
    cfu: CfuOption = None,
    board: Annotated[str, typer.Option(help="The board whose SoC is simulated")] = "sim",
    after_synthesis: Annotated[
        str | None,
        typer.Option(
            help="ice40 or xc7: simulate the CFU's netlist of that FPGA's cells, not its RTL"
        ),
    ] = None,
    count: CountOption = 0,
    seed: SeedOption = 0,
    dtype: DtypeOption = None,
    resize: ResizeOption = False,
    scale_to: ScaleToOption = None,
    labels: LabelsOption = None,
    json: Annotated[
        Path | None, typer.Option(help="Write everything to this file, - to the standard output")
    ] = None,
    trace: TraceOption = None,
    trace_file: TraceFileOption = None,
    max_cycles: Annotated[
        int | None, typer.Option(min=1, help="Give up after so many cycles")
    ] = None,
    cfu_timeout: Annotated[
        int, typer.Option(min=1, help="Cycles the CFU may take for one instruction")
    ] = 100_000,
) -> None:
    """Run a model on the simulated SoC, plain and with a CFU, and compare every layer with TFLM's.

    With several inputs the table is that of the first, and all are compared. The exit code is 0
    when every value of every layer equals TFLM's, else 1.
    """
    from cfuforge.compare import simulate
    from cfuforge.input_source import InputSource
    from cfuforge.progress import TerminalReport
    from cfuforge.sim.tracing import Trace
    from cfuforge.table import print_comparison

    if trace_file and not trace:
        raise InputError(f"--trace-file {trace_file} needs --trace: layer=N or pc=FUNCTION")
    wanted = Trace(trace, trace_file) if trace else None
    require_writable(json, trace_file)
    source = InputSource(
        tuple(input or ()), count, seed, dtype=dtype, resize=resize, scale_to=scale_to
    )
    with TerminalReport(err) as report:
        comparison = simulate(
            model,
            source,
            cfu,
            board,
            labels=labels,
            after_synthesis=after_synthesis,
            trace=wanted,
            max_cycles=max_cycles,
            cfu_timeout=cfu_timeout,
            report=report,
        )
    print_comparison(comparison, out)
    if json:
        comparison.save(json)
    if waveform := comparison.runs[-1].waveform:
        print_waveform(waveform)
    if not comparison.exact:
        raise typer.Exit(1)


@app.command()
def setup() -> None:
    """Install the host tools that PyPI cannot bring (as root), or say how."""
    from cfuforge.setup import prepare

    if problem := prepare("sim"):
        raise EnvironmentLacksError(problem)
    out.print("the host tools are there")


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="A Python name; the folder to make")],
) -> None:
    """Make a folder with a CFU of your own: hardware, kernel, test and README."""
    from cfuforge.scaffold import scaffold

    folder = scaffold(Path(name))
    out.print(f"{folder}/ is a CFU of your own. Try:")
    if folder.parent != Path():
        out.print(f"  cd {folder.parent}")
    out.print(f"  python -m unittest {folder.name}.test_{folder.name}")
    out.print(f"  cfuforge sim --cfu {folder.name}")


@app.command()
def describe(
    cfu: Annotated[str, typer.Argument(help="A design, as for sim --cfu")],
    header: Annotated[bool, typer.Option("--header", help="Print cfu.h instead")] = False,
) -> None:
    """Print the instructions of a CFU."""
    from cfuforge.cfu.design import Design

    design = Design.load(cfu)
    print(design.header() if header else design.documentation())


@cache_app.command()
def info() -> None:
    """Print where the cache is and what it holds."""
    entries = cache.entries()
    other, limit = cache.other_bytes(), cache.cache_limit()
    table = Table("kind", "entries", "MB")
    for kind in sorted({name.partition("-")[0] for name in entries}):
        sizes = [size for name, size in entries.items() if name.partition("-")[0] == kind]
        table.add_row(kind, str(len(sizes)), f"{sum(sizes) / 1e6:.1f}")
    if other:
        table.add_row("compiler's own, logs", "", f"{other / 1e6:.1f}")
    size = sum(entries.values()) + other
    out.print(
        f"{cache.cache_dir()}: {size / 1e6:.1f} MB of at most {limit / 1e6:,.0f}; then what was "
        "not used for longest goes (CFUFORGE_CACHE_GB=N sets the limit)",
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
    """Run the command that the arguments name; what ends it ends in one line and exit code 1."""
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
        line = EnvironmentLacksError(
            "this machine's memory ran out; end other programs or add swap"
        )
    else:
        place = error.filename or "the standard output"
        full = error.errno in DISK_FULL
        line = (
            disk_full(place)
            if full
            else EnvironmentLacksError(f"{place}: {error.strerror or error}")
        )
    line.__cause__ = error
    return line
