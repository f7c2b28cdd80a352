"""A program on a board, with the terminal as its console."""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType

from cfuforge.base.errors import InputError, RunError
from cfuforge.cli.keys import Keys
from cfuforge.cli.progress import TerminalProgress
from cfuforge.cli.terminal import err
from cfuforge.defaults import board_at
from cfuforge.gateware.console import Console, Stopped
from cfuforge.gateware.serial_target import DeviceInfo, SerialTarget
from cfuforge.sim.diagnose import trapped
from cfuforge.soc.generate import Soc, generate
from cfuforge.sw.application import Application, build_loaded_application, memory_image
from cfuforge.sw.kernels import KernelSet

__all__ = ["run_program"]

_LEAVE = b"\x1d"  # Ctrl-]
_PATIENCE = 10.0  # seconds in which a program has to end after Ctrl-C


def run_program(device: SerialTarget, application: Application) -> int:
    """Load a program onto a board and run it until it ends, and return what its main returned.

    Raises
    ------
    InputError
        When the program does not compile, or does not fit the board's memory for it.
    RunError
        When it traps, or does not end after Ctrl-C.
    """
    info = device.info()
    with TerminalProgress(err) as progress:
        soc = generate(board_at(info.board, str(info.clock_hz)), port=device.design.memory_width)
        _require_room(info, soc, device.wire.port)
        progress.phase(f"{application.name} with {device.design.name}")
        program = build_loaded_application(
            application, soc, KernelSet.of(device.design), info.program_at, info.program_room
        )
        progress.phase(f"load {application.name}")
        console = device.start(memory_image(program, info.program_at), progress)
    with Keys() as keys:
        ended = _converse(console, keys, device.wire.port)
    if ended is None:
        err.print(f"{application.name} goes on: reset the board before loading something else")
        return 0
    if ended.trap:
        raise RunError(trapped(*ended.trap, program, device.design, application.name))
    if ended.returned is None:
        raise RunError(f"{application.name} was stopped by Ctrl-C")
    err.print(f"main returned {ended.returned} on board {info.board}, CFU {info.cfu}")
    return ended.returned


class _Interrupts:
    """Counts how often Ctrl-C is pressed, instead of ending this process."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> _Interrupts:
        self._kept = signal.signal(signal.SIGINT, self._add)
        return self

    def __exit__(self, *error: object) -> None:
        signal.signal(signal.SIGINT, self._kept)

    def _add(self, number: int, frame: FrameType | None) -> None:
        self.count += 1


def _converse(console: Console, keys: Keys, port: str) -> Stopped | None:
    """Pass on keys and output until the program ends; return None if the user leaves it."""
    limit = None
    with _Interrupts() as interrupts:
        while not (ended := console.read(_write)):
            if interrupts.count and not limit:
                limit = time.monotonic() + _PATIENCE
                console.stop()
            if limit and (time.monotonic() > limit or interrupts.count > 1):
                raise RunError(
                    f"{port}: the program neither reads nor writes after Ctrl-C: reset the board"
                )
            typed = keys.read()
            if keys.typed and _LEAVE in typed:
                return None
            console.type(typed)
    return ended


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.flush()


def _require_room(info: DeviceInfo, soc: Soc, port: str) -> None:
    if not info.program_room:
        raise InputError(
            f"the firmware of the board on {port} cannot load programs: build it anew with "
            f"cfuforge bitstream --board {info.board}"
        )
    end = info.program_at + info.program_room
    if not any(base <= info.program_at and end <= base + n for base, n in soc.memories.values()):
        raise RunError(
            f"{port}: the device has {info.program_room:,} bytes for a program at "
            f"{info.program_at:#x}, where board {info.board} has no memory"
        )
