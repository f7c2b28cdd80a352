"""Options that several commands have in common."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cfuforge.cfu.document import document_text
from cfuforge.cfu.errors import InputError
from cfuforge.cfu.output import STANDARD_OUTPUT, write_whole
from cfuforge.terminal import out

if TYPE_CHECKING:
    from cfuforge.sim.run import Waveform

__all__ = [
    "CfuOption",
    "CountOption",
    "DtypeOption",
    "LabelsOption",
    "ResizeOption",
    "ScaleToOption",
    "SeedOption",
    "TraceFileOption",
    "TraceOption",
    "print_waveform",
    "require_writable",
    "write_file",
    "write_json",
]

CfuOption = Annotated[
    str | None,
    typer.Option(
        help="NAME, NAME:key=value or package.module:Class, which runs that module's code",
        show_default="simd_mac, as the board has room for",
    ),
]
CountOption = Annotated[int, typer.Option(min=0, help="So many random inputs besides")]
SeedOption = Annotated[int, typer.Option(min=0, help="The seed of the first random input")]
DtypeOption = Annotated[
    str | None, typer.Option(help="The type of raw bytes: int8, uint8, int16 or float32")
]
ResizeOption = Annotated[
    bool, typer.Option("--resize", help="Stretch pictures of another size than the model's")
]
ScaleToOption = Annotated[
    str | None,
    typer.Option(
        help="What a pixel of 0 to 255 means to the model: 0..1, -1..1, 0..255 or -128..127",
        show_default="what the input's scale spans",
    ),
]
LabelsOption = Annotated[
    Path | None, typer.Option(help="A text file with the name of a class in each line")
]
TraceOption = Annotated[
    str | None,
    typer.Option(
        help="Write a waveform of layer=N, of a call, pc=FUNCTION or pc=FUNCTION#3 for the third, "
        "or of the cycles FIRST:END (of the run with the CFU)"
    ),
]
TraceFileOption = Annotated[
    Path | None,
    typer.Option(help="The waveform's file, .fst or .vcd", show_default="in build/trace/"),
]


def require_writable(*files: Path | None) -> None:
    """Raise `InputError` when files cannot be written, or one is named for two outputs.

    Where one of them is ``-``, the standard output, what is for people goes to the error output.
    """
    if STANDARD_OUTPUT in files:
        out.stderr = True
    named = [file.absolute() for file in files if file]
    for twice in named:
        if named.count(twice) > 1:
            raise InputError(f"{twice} is named for two outputs: name two files")
    for file in files:
        if file == STANDARD_OUTPUT:
            continue
        if file and file.is_dir():
            raise InputError(f"{file} cannot be written: it is a folder")
        if file and not file.absolute().parent.is_dir():
            raise InputError(f"{file} cannot be written: there is no folder {file.parent}")


def print_waveform(waveform: Waveform) -> None:
    """Tell what was traced, where it is and what shows it."""
    save, commands = map(Path, waveform.views)
    there = f"cd {commands.parent} && " if commands.parent != Path() else ""
    out.print(
        f"{waveform.cycles:,} cycles from cycle {waveform.first:,} are in {waveform.file}, "
        f"{waveform.bytes / 1e6:.2f} MB. To see them: {there}gtkwave {save.name}, or "
        f"{there}surfer -c {commands.name}",
        soft_wrap=True,
    )


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write `value` to `path`, which ``--json`` named."""
    write_file(path, document_text(value, indent=1) + "\n", "--json")


def write_file(path: Path, text: str, option: str) -> None:
    """Write `text` to `path`, which `option` named."""
    write_whole(path, text, f"name another file with {option}")
