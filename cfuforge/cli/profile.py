"""`cfuforge profile`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cfuforge.base.errors import InputError
from cfuforge.cli.choices import boards_text, complete_board, complete_cfu
from cfuforge.cli.options import (
    CfuOption,
    ClockOption,
    DtypeOption,
    JsonOption,
    ModelOption,
    TraceFileOption,
    TraceOption,
    print_waveform,
    require_writable,
    wanted_trace,
    write_json,
)
from cfuforge.cli.terminal import err, out
from cfuforge.soc.board import DEFAULT_BOARD

__all__ = ["profile"]


def profile(
    model: ModelOption = None,
    input: Annotated[
        Path | None, typer.Option(help="A file, as for sim", show_default="a sample")
    ] = None,
    cfu: CfuOption = None,
    board: Annotated[
        str,
        typer.Option(
            help="The board whose SoC is simulated, with CPU full+cfu: "
            + boards_text(lambda board: board.cpu_variant == "full+cfu"),
            autocompletion=complete_board,
        ),
    ] = DEFAULT_BOARD,
    clock: ClockOption = None,
    dtype: DtypeOption = None,
    against: Annotated[
        list[str] | None,
        typer.Option(
            help="Compare with this design, or with the JSON of a profile; may be repeated",
            autocompletion=complete_cfu,
        ),
    ] = None,
    page: Annotated[Path | None, typer.Option(help="Write the page to this HTML file")] = None,
    json: JsonOption = None,
    speedscope: Annotated[
        Path | None, typer.Option(help="Write the call tree to this file, for speedscope")
    ] = None,
    chrome_trace: Annotated[
        Path | None, typer.Option(help="Write the call tree for Chrome's trace viewer or Perfetto")
    ] = None,
    trace: TraceOption = None,
    trace_file: TraceFileOption = None,
) -> None:
    """Run a model on the simulated SoC and show where its cycles go.

    Every cycle has one cause, read from the CPU's own signals, so that profiling changes no cycle.
    The exit code is 0 if every value of every layer equals TFLM's, else 1.
    """
    from cfuforge.cli.progress import TerminalProgress
    from cfuforge.defaults import board_at, model_or_sample
    from cfuforge.inputs.source import InputSource
    from cfuforge.profiles.profile import Profile
    from cfuforge.profiles.profiling import profilable
    from cfuforge.profiles.profiling import profile as profile_model
    from cfuforge.profiles.table import print_profile

    wanted = wanted_trace(trace, trace_file)
    require_writable(page, json, speedscope, chrome_trace, trace_file)
    chosen = board_at(board, clock)
    for name in (cfu, *(name for name in against or () if not name.endswith(".json"))):
        profilable(name, chosen)
    loaded = model_or_sample(model, runs=False)
    saved = {name: Profile.load(name) for name in against or () if name.endswith(".json")}
    for name, other in saved.items():
        if other.document["model"]["sha256"] != loaded.sha256:
            raise InputError(
                f"{name} is a profile of {other.document['model']['name']}, but the model is "
                f"{loaded.name}: compare runs of one model"
            )
    source = InputSource((input,), dtype=dtype) if input else None
    with TerminalProgress(err) as progress:
        others = [
            saved.get(name) or profile_model(model, source, name, chosen, progress=progress)
            for name in against or ()
        ]
        found = profile_model(model, source, cfu, chosen, trace=wanted, progress=progress)
    for each in (*others, found):
        print_profile(each, out)
    if page:
        found.save_page(page, others)
        out.print(f"The page is {page} ({page.stat().st_size / 1e6:.1f} MB).", soft_wrap=True)
    if json:
        write_json(json, found.to_json())
    if speedscope:
        found.save_speedscope(speedscope)
    if chrome_trace:
        found.save_chrome_trace(chrome_trace)
    if found.waveform:
        print_waveform(found.waveform)
    if not found.exact:
        raise typer.Exit(1)
