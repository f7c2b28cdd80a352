"""A simulated board whose serial line is a pseudo-terminal, so that any program can talk to it."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import threading
import time
import tty

from cfuforge.base.errors import InputError, RunError
from cfuforge.base.progress import SILENT, Progress
from cfuforge.cfu.design import Design
from cfuforge.sim import diagnose
from cfuforge.sim.power_on import fill
from cfuforge.sim.simulator import CHUNK, Simulator, Stop
from cfuforge.sim.target import SimTarget
from cfuforge.sim.verilate import require_tools
from cfuforge.soc.board import Board
from cfuforge.soc.generate import generate
from cfuforge.sw.device_firmware import build_device_firmware
from cfuforge.sw.flash_image import device_flash
from cfuforge.sw.image import model_address, model_image
from cfuforge.sw.tflite_model import Model

__all__ = ["PtyBoard"]

HEARTBEAT = 2.0  # seconds; MLPerf Tiny's runner waits 5 for a line, 30 for infer
_STEP = 5_000  # cycles between two polls of the terminal while the board or the host sends
_IDLE = 0.2  # seconds between two checks whether to stop
_MOST_UNREAD = 1 << 16  # bytes either way, after which the board waits, as one on USB does


class PtyBoard:
    """A board's SoC with a design, running the device firmware, behind a pseudo-terminal.

    Parameters
    ----------
    design
        The CFU and its kernels.
    board
        The board whose SoC is simulated.
    model
        A model that is in memory when the firmware starts, or None. On a board with little memory
        for code, the firmware has only this model's operators; with None it has all operators.
    heartbeat
        Seconds of host time. While a command runs and the board is silent, a line ``m-busy-[...]``
        is sent this often. It does not come from the board, so it costs no cycles. While a program
        runs that the firmware has loaded, none is sent.
    patience
        Cycles without a retired instruction after which the CPU counts as stuck. An error is then
        sent, and the board is reset.
    progress
        Told of each phase, and of errors.

    Members
    -------
    port : str
        The terminal's name, such as ``/dev/pts/3``.

    Notes
    -----
    The board runs in a thread from `start` to `stop`, or as a context manager. While it waits for a
    command, nothing is simulated: no time passes for it.
    """

    def __init__(
        self,
        design: Design,
        board: Board,
        model: Model | None = None,
        *,
        heartbeat: float = HEARTBEAT,
        patience: int = 100_000,
        progress: Progress = SILENT,
    ) -> None:
        require_tools()
        self._design, self._heartbeat, self._patience = design, heartbeat, patience
        self._progress = progress
        progress.phase(f"SoC of board {board.name}")
        soc = generate(board, port=design.memory_width)
        progress.phase(f"CFU {design.name}")
        cfu = design.verilog_file()
        progress.phase(f"device firmware with {design.name}")
        only = model if board.little_memory else None
        self._firmware = build_device_firmware(soc, design, only)
        progress.phase(f"simulator with {design.name}")
        self._simulator = Simulator(soc, cfu)
        self._simulator.load(self._firmware)
        if board.flash:

            def arena_bytes(model: Model) -> int:
                return SimTarget(design, board, progress, slim=model).arena_bytes(model)

            contents = device_flash(soc, self._firmware, model, arena_bytes)
            fill(self._simulator, contents)
        elif model is not None:
            self._store(model)
        self._master, self._slave = pty.openpty()  # both stay open, or a close would end it
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.port = os.ttyname(self._slave)
        self._unread = b""  # sent, but not taken by the terminal yet
        self._line_is_whole = True  # whether what was sent ends with a newline
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=f"board on {self.port}")

    def _store(self, model: Model) -> None:
        where = self._simulator.read(self._firmware.symbols["device_model_room"], 8)
        begin, end = (int.from_bytes(where[i : i + 4], "little") for i in (0, 4))
        address, image = model_address(begin, end), model_image(model.data)
        if address + len(image) > end:
            raise InputError(
                f"{model.name} has {len(model.data):,} bytes: the board has room for "
                f"{end - address - len(image) + len(model.data):,}"
            )
        self._simulator.write(address, image)

    def start(self) -> None:
        """Start the board."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the board and close the terminal."""
        if self._thread.ident is not None:
            self._stopping.set()
            self._thread.join()
        for file in (self._master, self._slave):
            os.close(file)

    def wait(self) -> None:
        """Wait until the board has been stopped.

        Raises
        ------
        RunError
            When the simulation has ended with an error.
        """
        while self._thread.is_alive():
            self._thread.join(_IDLE)
        if not self._stopping.is_set():
            raise RunError(f"the simulation behind {self.port} has ended: its error is above")

    def __enter__(self) -> PtyBoard:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def _serve(self) -> None:
        simulator = self._simulator
        simulator.reset()
        step, waits, spoke = _STEP, 0, time.monotonic()
        while not self._stopping.is_set():
            is_full = len(self._unread) > _MOST_UNREAD
            idle = waits > 1 or is_full
            listens = not is_full and simulator.unsent <= _MOST_UNREAD
            if self._receive(_IDLE if idle else 0, listen=listens):
                step, waits, spoke = _STEP, 0, time.monotonic()
            elif idle:
                self._send(b"")
                continue
            began = time.monotonic()
            stop = simulator.run(step, patience=self._patience)
            if stop == Stop.STUCK:
                self._reset(diagnose.stuck(simulator.state(), self._firmware, self._design))
            elif stop == Stop.OUTSIDE:
                self._reset(diagnose.outside(simulator, self._firmware, self._design))
            said = simulator.uart_bytes()
            quiet = time.monotonic() - spoke > self._heartbeat and self._is_own
            if not said and self._line_is_whole and quiet:
                said = f"m-busy-[{simulator.state().cycles} cycles]\r\n".encode()
            if said:
                self._send(said)
                spoke = time.monotonic()
                step = _STEP
            elif time.monotonic() - began < self._heartbeat / 4:
                step = min(2 * step, CHUNK)
            waits = 0 if said or not self._is_waiting() else waits + 1

    @property
    def _is_own(self) -> bool:
        """Whether the firmware runs, and not a program that it has loaded."""
        return self._firmware.function_number(self._simulator.state().pc) > 0

    def _is_waiting(self) -> bool:
        """Whether the program waits for a command; one may still be in the UART's own FIFO."""
        loop = self._firmware.extent("device_wait")
        return self._simulator.unsent == 0 and self._simulator.state().pc in loop

    def _receive(self, seconds: float, listen: bool) -> bool:
        """Pass on what programs have written; return whether there was anything.

        Wait up to `seconds` for it, or until the terminal takes unread data.
        """
        readers = [self._master] if listen else []
        writers = [self._master] if self._unread else []
        readable, _, _ = select.select(readers, writers, [], seconds)
        with contextlib.suppress(BlockingIOError):  # opening the port discards what is in it
            if readable:
                self._simulator.send(os.read(self._master, 1 << 16))
                return True
        return False

    def _send(self, data: bytes) -> None:
        """Write as much as the terminal takes; keep the rest for the next call."""
        self._unread += data
        if data:
            self._line_is_whole = data.endswith(b"\n")
        with contextlib.suppress(BlockingIOError):
            self._unread = self._unread[os.write(self._master, self._unread) :]

    def _reset(self, reason: RunError) -> None:
        """Report an error that the firmware cannot report itself, and restart it."""
        self._progress.note(str(reason))
        end = b"" if self._line_is_whole else b"\r\n"
        self._send(self._simulator.uart_bytes() + end + f"e-[{reason}]\r\n".encode())
        self._simulator.load(self._firmware)
        self._simulator.reset()
