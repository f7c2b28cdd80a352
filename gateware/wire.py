"""The serial line to a board that runs the device's firmware: commands and their replies."""

from __future__ import annotations

import contextlib
import errno
import grp
import os
import re
import time
import zlib
from collections.abc import Callable
from types import TracebackType

import serial

from cfuforge.cfu.errors import EnvironmentLacksError, ForgeError, InputError, RunError

__all__ = ["DeviceError", "Wire"]

BAUD = 115200  # a USB port takes any
READY = "m-ready"
_SILENCE = 5.0  # seconds without a line in which a board has answered anything but infer
_CHECKING = 60.0  # the same, when the model may have to be prepared
_POLL = 0.1
_TRIES = 3  # for a block that arrives damaged
_ESCAPED = {byte: bytes([0x1B, byte ^ 0x20]) for byte in b"%\x1b"}


class DeviceError(RunError):
    """The device replied ``e-[...]``; `reason` is what stands there."""

    def __init__(self, port: str, reason: str) -> None:
        super().__init__(f"{port}: the device says: {reason}")
        self.reason = reason


class Wire:
    """A serial port with a device behind it.

    Parameters
    ----------
    port
        Such as ``/dev/ttyACM0``, or the name of a pseudo-terminal.
    baud
        Of a UART.
    log
        Called with each line that the device sends.

    Raises
    ------
    InputError
        When there is no such port, or another program has it.
    EnvironmentLacksError
        When this user may not open it.
    RunError
        From here and from all methods: when the device is silent, answers something else, or goes
        away.
    """

    def __init__(
        self, port: str, baud: int = BAUD, log: Callable[[str], None] = lambda line: None
    ) -> None:
        self.port = port
        self._log = log
        self._received = b""
        try:
            self._serial = serial.Serial(
                port, baud, timeout=_POLL, write_timeout=_SILENCE, exclusive=True
            )
        except (serial.SerialException, OSError, ValueError) as error:
            raise _cannot_open(port, error) from error
        try:
            self._synchronise()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the port back."""
        with contextlib.suppress(OSError):
            self._serial.close()

    def command(
        self,
        text: str,
        *,
        block: bytes | None = None,
        silence: float = _SILENCE,
        limit: float | None = None,
    ) -> list[str]:
        """Send a command, and return the lines of its reply.

        Parameters
        ----------
        text
            Without the ``%``.
        block
            Bytes that belong to it; `text` ends with their offset.
        silence
            Seconds that may pass without a line.
        limit
            Seconds that it may take in all; then `silence` does not count.

        Raises
        ------
        DeviceError
            When the reply is an error.
        """
        data = text.encode()
        if block is not None:
            escaped = b"".join(_ESCAPED.get(byte, bytes([byte])) for byte in block)
            data += f" {zlib.crc32(block):08x} ".encode() + escaped
        self._write(data + b"%")
        lines = self._reply(silence, text) if limit is None else self._reply(limit, text, None)
        for line in lines:
            if error := re.fullmatch(r"e-\[(.*)\]", line):
                raise DeviceError(self.port, error[1])
        return lines

    def send_blocks(
        self,
        command: str,
        data: bytes,
        size: int,
        progress: Callable[[int], None] = lambda sent: None,
    ) -> list[str]:
        """Send `data` in blocks of `size` bytes, and return the reply to the last one.

        A block that arrives damaged is sent again.

        Parameters
        ----------
        command
            ``"block"`` or ``"input"``.
        progress
            Called with the number of bytes that are there.
        """
        lines: list[str] = []
        for offset in range(0, len(data), size):
            block = data[offset : offset + size]
            for attempt in range(_TRIES):
                try:
                    lines = self.command(f"{command} {offset}", block=block, silence=_CHECKING)
                    break
                except DeviceError as error:
                    if not error.reason.startswith("the block's CRC") or attempt == _TRIES - 1:
                        raise
            progress(offset + len(block))
        return lines

    def _synchronise(self) -> None:
        """End what a program before this one may have begun, and forget what it has not read."""
        self._write(b"%")
        self._reply(_SILENCE, "%", "m-")  # a board that starts or works says so
        while self._read():
            pass
        self._received = b""

    def _reply(self, seconds: float, command: str, renewed_by: str | None = "") -> list[str]:
        """Return the lines before the next ``m-ready``.

        It may take so many seconds, and as many again after each line that begins with
        `renewed_by`; None for no line.
        """
        lines: list[str] = []
        heard = time.monotonic()
        while True:
            if line := self._line():
                if renewed_by is not None and line.startswith(renewed_by):
                    heard = time.monotonic()
                self._log(line)
                if line == READY:
                    return [each for each in lines if not each.startswith("m-busy-")]
                lines.append(line)
            if time.monotonic() - heard > seconds:
                raise self._silent(lines, seconds, command)

    def _silent(self, lines: list[str], seconds: float, command: str) -> RunError:
        unfinished = self._received.decode("ascii", "backslashreplace")
        last = (lines or [unfinished])[-1][:60]
        what = f"the last it said is {last!r}, not {READY}" if last else "it says nothing"
        return RunError(
            f"{self.port}: no reply to {command!r} within {seconds:g} s; {what}: is it the board's "
            "port, and does the board run the device firmware?"
        )

    def _line(self) -> str:
        """Return the next line, or nothing when there is none yet."""
        if b"\n" not in self._received:
            self._received += self._read()
        line, end, rest = self._received.partition(b"\n")
        if not end:
            return ""
        self._received = rest
        return line.rstrip(b"\r").decode("ascii", "backslashreplace")

    def _read(self) -> bytes:
        try:
            return bytes(self._serial.read(self._serial.in_waiting or 1))
        except (serial.SerialException, OSError) as error:
            raise self._gone() from error

    def _write(self, data: bytes) -> None:
        try:
            self._serial.write(data)
        except serial.SerialTimeoutException as error:
            raise RunError(f"{self.port}: the device takes no data: reset it") from error
        except (serial.SerialException, OSError) as error:
            raise self._gone() from error

    def _gone(self) -> RunError:
        return RunError(f"{self.port} has gone away: is the cable still plugged in?")


def _cannot_open(port: str, error: Exception) -> ForgeError:
    number = getattr(error, "errno", None)
    if number == errno.EACCES:
        group = grp.getgrgid(os.stat(port).st_gid).gr_name
        return EnvironmentLacksError(
            f"{port} may not be opened by this user, but by the group {group}; join it with: "
            f"sudo usermod -aG {group} $USER (and log in again)"
        )
    if number in (errno.EAGAIN, errno.EBUSY) or "exclusively lock" in str(error):
        return InputError(f"{port} is used by another program; close that one")
    if number == errno.ENOENT:
        return InputError(f"there is no {port}; name the port that the board is at, or sim")
    return InputError(f"{port} cannot be opened as a serial port: {error}")
