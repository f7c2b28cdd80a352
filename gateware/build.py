"""The build steps: synthesis, place and route, bitstream, each cached."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile

from cfuforge.base.cache import build_once, digest
from cfuforge.base.errors import EnvironmentLacksError, ForgeError, InputError
from cfuforge.base.output import write_whole, writing
from cfuforge.base.progress import SILENT, Progress
from cfuforge.gateware.cells import Netlist
from cfuforge.gateware.dfu import image_in_flash, with_dfu_suffix
from cfuforge.gateware.flow import NETLIST, Flow
from cfuforge.gateware.page import page
from cfuforge.gateware.report import BuildReport
from cfuforge.gateware.shape import Step
from cfuforge.gateware.timing import require_timing, slack
from cfuforge.gateware.tools import ToolCommand
from cfuforge.soc.generate import TOP

__all__ = ["build", "empty_folder"]

SECONDS = "seconds.json"
OUTPUTS = ("report.json", "report.html", *(f"{TOP}.{kind}" for kind in ("bit", "bin", "dfu")))


def build(
    flow: Flow,
    sources: Mapping[str, str],
    report: BuildReport,
    folder: Path,
    progress: Progress = SILENT,
    program: bytes = b"",
) -> None:
    """Build a bitstream from Verilog, and write the report however far the build gets.

    Parameters
    ----------
    flow
        The flow for the FPGA.
    sources
        The text of each file, by name: Verilog, and the files that it reads.
    report
        The report to fill in.
    folder, progress
        As in `cfuforge.gateware.bitstream.build_bitstream`, and so are the errors raised.
    program
        The contents of the board's flash from its ``boot_offset`` on.
    """
    empty_folder(folder)
    try:
        _build(flow, sources, report, folder, progress)
        _write_dfu(report, folder, program)
    except ForgeError as error:
        report.failure = str(error)
        raise
    finally:
        write_whole(folder / "report.json", json.dumps(report.to_json(), indent=1) + "\n")
        write_whole(folder / "report.html", page(report))


def empty_folder(folder: Path) -> None:
    """Create a folder for a build, or remove an earlier build's files from it.

    Raises
    ------
    InputError
        When the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in OUTPUTS:
            (folder / name).unlink(missing_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        raise InputError(
            f"the build folder {folder} cannot be written ({error.strerror}); name another with "
            "folder="
        ) from error


def _build(
    flow: Flow,
    sources: Mapping[str, str],
    report: BuildReport,
    folder: Path,
    progress: Progress,
) -> None:
    synthesis = flow.synthesise([name for name in sources if name.endswith(".v")])
    read = {**sources, **flow.family.files()}
    synthesised = _run("synthesis", [synthesis], read, report, progress)
    netlist = Netlist(synthesised / NETLIST, flow.soc)
    report.used_by_part = netlist.used_by_part(flow.family.resources)
    report.counted |= {resource for resource, _ in flow.family.resources.values()}
    flow.check(netlist)
    if missing := flow.missing():
        raise EnvironmentLacksError(
            f"the resource report is done; to place and route for {report.part} this machine lacks "
            f"{', '.join(missing)}: {flow.source}"
        )
    texts = {**flow.files(), NETLIST: (synthesised / NETLIST).read_text(encoding="utf-8")}
    if flow.begins_at_verilog:
        texts |= sources
    for seed in flow.seeds:
        route, *pack = flow.layout(seed)
        laid_out = _run("layout", [route], texts, report, progress)
        clocks = flow.clocks(laid_out, netlist)
        if not report.clocks or slack(clocks) > slack(report.clocks):
            report.clocks, best = clocks, laid_out
        if slack(report.clocks) >= 1:
            break
    report.packed = flow.packed(best)
    for part, counts in flow.packed_by_part(best, netlist).items():
        report.used_by_part.setdefault(part, {}).update(counts)
        report.counted |= set(counts)
    require_timing(report.clocks, flow.soc.board)
    if pack:
        routed = {flow.routed: (best / flow.routed).read_text(encoding="utf-8")}
        best = _run("bitstream", pack, routed, report, progress)
    report.bitstream = folder / flow.bitstream
    with writing(report.bitstream):
        shutil.copyfile(best / flow.bitstream, report.bitstream)


def _write_dfu(report: BuildReport, folder: Path, program: bytes) -> None:
    board, bitstream = report.board, report.bitstream
    if not (board.dfu and bitstream):
        return
    image = bitstream.read_bytes()
    if program and board.flash:
        image = image_in_flash(image, program, board.flash.boot_offset - board.dfu.offset)
    report.dfu = folder / f"{TOP}.dfu"
    with writing(report.dfu):
        report.dfu.write_bytes(with_dfu_suffix(image, board.dfu.vendor, board.dfu.product))


def _run(
    kind: str,
    commands: Sequence[ToolCommand],
    texts: Mapping[str, str],
    report: BuildReport,
    progress: Progress,
) -> Path:
    """Run commands on files, or take their results from the cache; record each one's time."""
    fresh = []

    def work(folder: Path) -> None:
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        seconds = {}
        for command in commands:
            progress.phase(command.name)
            started = time.perf_counter()
            command.run(folder)
            seconds[command.name] = time.perf_counter() - started
            fresh.append(command.name)
        (folder / SECONDS).write_text(json.dumps(seconds), encoding="utf-8")

    key = digest(dict(texts), [command.identity for command in commands])
    folder = build_once(kind, key, work)
    for name, seconds in json.loads((folder / SECONDS).read_text(encoding="utf-8")).items():
        report.steps.append(Step(name, seconds, cached=name not in fresh))
    return folder
