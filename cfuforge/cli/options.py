"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cfuforge.base.document import as_json, document_text
from cfuforge.base.errors import InputError
from cfuforge.base.output import STANDARD_OUTPUT, write_whole
from cfuforge.cli.choices import CFUS, boards_text, complete_board, complete_cfu
from cfuforge.cli.terminal import out

if TYPE_CHECKING:
    from cfuforge.sim.trace.tracing import Trace
    from cfuforge.sw.run import Waveform

__all__ = [
    "BoardOption",
    "CfuArgument",
    "CfuOption",
    "CfuTimeoutOption",
    "CfusOption",
    "ClockOption",
    "CountOption",
    "DtypeOption",
    "JsonOption",
    "LabelsOption",
    "ModelOption",
    "ResizeOption",
    "ScaleToOption",
    "SeedOption",
    "SimdMacOption",
    "TimeoutOption",
    "TraceFileOption",
    "TraceOption",
    "print_waveform",
    "require_writable",
    "wanted_trace",
    "write_file",
    "write_json",
]

ModelOption = Annotated[
    Path | None, typer.Option(help="A .tflite file", show_default="the keyword-spotting sample")
]
JsonOption = Annotated[
    Path | None, typer.Option(help="Write everything to this JSON file (- is standard output)")
]
TimeoutOption = Annotated[float, typer.Option(min=0.1, help="Seconds that one input may take")]
ROOM = "simd_mac, in a size that fits the board"
CfuOption = Annotated[
    str | None, typer.Option(help=CFUS, show_default=ROOM, autocompletion=complete_cfu)
]
SimdMacOption = Annotated[str, typer.Option(help=CFUS, autocompletion=complete_cfu)]
"""`--cfu` of a command whose default is ``simd_mac``, whatever the board."""
CfusOption = Annotated[
    list[str] | None,
    typer.Option(
        "--cfu",
        help=f"{CFUS}. May be repeated, to compare designs in one table",
        show_default=ROOM,
        autocompletion=complete_cfu,
    ),
]
CfuArgument = Annotated[str, typer.Argument(help=CFUS, autocompletion=complete_cfu)]
CfuTimeoutOption = Annotated[
    int, typer.Option(min=1, help="Cycles the CFU may take for one instruction")
]
BoardOption = Annotated[
    str,
    typer.Option(
        help=f"The board whose SoC is simulated: {boards_text()}", autocompletion=complete_board
    ),
]
ClockOption = Annotated[
    str | None,
    typer.Option(
        help="The system clock: 60e6 or 60MHz; auto is the fastest at which the bitstream meets "
        "its timing",
        show_default="the board's own",
    ),
]
CountOption = Annotated[int, typer.Option(min=0, help="Add this many random inputs")]
SeedOption = Annotated[int, typer.Option(min=0, help="The seed of the first random input")]
DtypeOption = Annotated[
    str | None, typer.Option(help="The type of raw bytes: int8, uint8, int16 or float32")
]
ResizeOption = Annotated[
    bool, typer.Option("--resize", help="Stretch pictures to the size that the model takes")
]
ScaleToOption = Annotated[
    str | None,
    typer.Option(
        help="The range that pixels from 0 to 255 are scaled to: 0..1, -1..1, 0..255 or -128..127",
        show_default="the range of the model's input",
    ),
]
LabelsOption = Annotated[Path | None, typer.Option(help="A text file with one class name per line")]
TraceOption = Annotated[
    str | None,
    typer.Option(
        help="Write a waveform of a layer (layer=N), of a call (pc=FUNCTION, or pc=FUNCTION#3 for "
        "the third one) or of cycles (FIRST:END), in the run with the CFU"
    ),
]
TraceFileOption = Annotated[
    Path | None,
    typer.Option(help="The file of the waveform, .fst or .vcd", show_default="in build/trace/"),
]


def wanted_trace(text: str | None, file: Path | None) -> Trace | None:
    """Return the waveform that --trace and --trace-file ask for, if any."""
    from cfuforge.sim.trace.tracing import Trace

    if file and not text:
        raise InputError(f"--trace-file {file} needs --trace layer=N or --trace pc=FUNCTION")
    return Trace(text, file) if text else None


def require_writable(*files: Path | None) -> None:
    """Raise `InputError` if a file cannot be written, or is named for two outputs.

    If one of them is ``-``, the standard output, text for people goes to standard error.
    """
    if STANDARD_OUTPUT in files:
        out.stderr = True
    named = [file.absolute() for file in files if file]
    for twice in named:
        if named.count(twice) > 1:
            raise InputError(f"two outputs would go to {twice}: name a different file for each")
    for file in files:
        if file == STANDARD_OUTPUT:
            continue
        if file and file.is_dir():
            raise InputError(f"{file} cannot be written: it is a folder")
        if file and not file.absolute().parent.is_dir():
            raise InputError(f"{file} cannot be written: there is no folder {file.parent}")


def print_waveform(waveform: Waveform) -> None:
    """Print what was traced, the file, and how to view it."""
    save, commands = map(Path, waveform.views)
    there = f"cd {commands.parent} && " if commands.parent != Path() else ""
    out.print(
        f"{waveform.cycles:,} cycles from cycle {waveform.first:,} are in {waveform.file}, "
        f"{waveform.bytes / 1e6:.2f} MB. To view them: {there}gtkwave {save.name}, or "
        f"{there}surfer -c {commands.name}",
        soft_wrap=True,
    )


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write `value` as JSON to `path`, the value of ``--json``."""
    write_file(path, document_text(as_json(value), indent=1) + "\n", "--json")


def write_file(path: Path, text: str, option: str) -> None:
    """Write `text` to `path`, the value of `option`."""
    write_whole(path, text, f"name another file with {option}")
