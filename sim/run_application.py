"""Run an application on the simulated SoC: its output, exit code and cycles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cfuforge.base.errors import RunError
from cfuforge.base.progress import SILENT, Progress
from cfuforge.cfu.design import Design
from cfuforge.sim import diagnose
from cfuforge.sim.mailbox import read_mailbox
from cfuforge.sim.power_on import store
from cfuforge.sim.simulator import Simulator
from cfuforge.sim.verilate import require_tools
from cfuforge.sim.versions import versions
from cfuforge.soc.board import Board
from cfuforge.soc.generate import generate
from cfuforge.sw.application import END_OF_INPUT, Application, build_application
from cfuforge.sw.elf import Firmware
from cfuforge.sw.kernels import KernelSet

__all__ = ["ApplicationRun", "run_application"]

_READS = "device_wait"  # the function in which a program waits for a character


@dataclass(frozen=True)
class ApplicationRun:
    """The result of an application's run.

    Parameters
    ----------
    returned
        What its ``main`` returned.
    cycles
        Clock cycles from reset to the return.
    uart
        Everything that it printed.
    tools
        Versions of everything on which the result depends.
    """

    returned: int
    cycles: int
    uart: str
    tools: dict[str, str]


def run_application(
    application: Application,
    design: Design,
    board: Board,
    *,
    max_cycles: int = 2_000_000_000,
    patience: int = 100_000,
    progress: Progress = SILENT,
    uart: Callable[[str], None] = lambda text: None,
    keys: Callable[[bool], bytes] | None = None,
) -> ApplicationRun:
    """Build an application for a board and a design, and run it until ``main`` returns.

    Parameters
    ----------
    application
        The program.
    design
        The CFU and its kernels.
    board
        The board whose SoC is simulated.
    max_cycles
        Limit of the run in cycles.
    patience
        Limit of one CFU instruction in cycles.
    progress
        Told of each phase.
    uart
        Called with what the application prints, as it prints it.
    keys
        Returns what has been typed since the last call, if the application calls ``getchar``. The
        argument is whether the application waits for it; no time passes for it meanwhile. By
        default the input ends at once.

    Raises
    ------
    RunError
        When the CFU does not answer, or the program traps or does not end.
    InputError
        When the application does not compile, link or fit.
    """
    require_tools()
    progress.phase(f"SoC of board {board.name}")
    soc = generate(board, port=design.memory_width)
    progress.phase(f"CFU {design.name}")
    cfu = design.verilog_file()
    progress.phase(f"{application.name} with {design.name}")
    elf = build_application(application, soc, KernelSet.of(design))
    progress.phase(f"simulator with {design.name}")
    firmware, simulator = Firmware(elf), Simulator(soc, cfu)
    simulator.load(firmware)
    store(simulator, firmware)
    progress.phase(f"run {application.name} on {design.name}")
    simulator.reset()
    printed: list[str] = []
    reading = firmware.extent(_READS) if _READS in firmware.symbols else range(0)
    if reading:
        simulator.send(keys(False) if keys else END_OF_INPUT)

    def forward(_: int, __: float) -> None:
        if text := simulator.uart():
            printed.append(text)
            uart(text)
        if reading and keys:
            waits = not simulator.unsent and simulator.state().pc in reading
            simulator.send(keys(waits))

    stop = simulator.run(max_cycles, patience=patience, on_chunk=forward)
    try:
        diagnose.require_finished(stop, simulator, firmware, design, max_cycles)
    except RunError:
        box = read_mailbox(simulator.read, firmware)
        if firmware.function(box.trap_pc) != "abort":
            raise
        after = f"after {simulator.state().cycles:,} cycles"
        raise RunError(f"{application.name} called abort() {after}") from None
    word = simulator.read(firmware.symbols["application_returned"], 4)
    return ApplicationRun(
        returned=int.from_bytes(word, "little", signed=True),
        cycles=simulator.state().cycles,
        uart="".join(printed),
        tools=versions(soc),
    )
