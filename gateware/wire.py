"""The serial line to a board that runs the device firmware: commands and their replies."""

from __future__ import annotations

import contextlib
import errno
import grp
import os
import re
import time
import zlib
from collections.abc import Callable

import serial

from cfuforge.base.errors import EnvironmentLacksError, ForgeError, InputError, RunError
from cfuforge.base.progress import SILENT, Progress
from cfuforge.base.shown import shown
from cfuforge.soc.board import BAUD

__all__ = ["DeviceError", "Wire"]

READY = "m-ready"
_SILENCE = 5.0  # seconds without a line, enough for any command but infer
_CHECKING = 60.0  # the same, for commands that may have to prepare the model
_LONGEST = 600.0  # seconds for a whole reply, however often a line comes
_SLOWEST = 100  # bytes per second, the lowest rate at which blocks are sent
_POLL = 0.1
_REPLY = 1 << 16  # bytes of a reply without tensors
_LEFT = 1 << 20  # bytes of replies that an earlier program left unread
_BUSY = 1000  # bytes per second of m-busy lines
_READ = 1 << 16
_TRIES = 3  # attempts to send a block that arrives damaged
_ESCAPED = {byte: bytes([0x1B, byte ^ 0x20]) for byte in b"%\x1b"}


class DeviceError(RunError):
    """The device replied ``e-[...]``; `reason` is the text in the brackets."""

    def __init__(self, port: str, reason: str) -> None:
        super().__init__(f"{port}: the device says: {reason}")
        self.reason = reason


class Wire:
    """A serial port with a device on it.

    Parameters
    ----------
    port
        A port such as ``/dev/ttyACM0``, or the name of a pseudo-terminal.
    baud
        Baud rate, for a UART.
    log
        Called with each line that the device sends.

    Raises
    ------
    InputError
        When there is no such port, or another program uses it.
    EnvironmentLacksError
        When this user is not permitted to open it.
    RunError
        From here and from all methods: when the device is silent, sends a wrong or endless reply,
        or is disconnected.
    """

    def __init__(
        self, port: str, baud: int = BAUD, log: Callable[[str], None] = lambda line: None
    ) -> None:
        self.port = port
        self._log = log
        self._received = b""
        self._count = 0  # bytes of the current reply
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

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the port."""
        with contextlib.suppress(OSError):
            self._serial.close()

    def command(
        self,
        text: str,
        *,
        block: bytes | None = None,
        silence: float = _SILENCE,
        limit: float | None = None,
        most: int = _REPLY,
    ) -> list[str]:
        """Send a command and return the lines of its reply.

        Parameters
        ----------
        text
            The command, without the ``%``.
        block
            Bytes that belong to the command, whose `text` ends with their offset.
        silence
            Time limit without a line, in seconds.
        limit
            Time limit for the whole reply, in seconds; replaces `silence`.
        most
            Maximum length of the reply in bytes.

        Raises
        ------
        DeviceError
            When the device replies with an error.
        """
        data = text.encode()
        if block is not None:
            escaped = b"".join(_ESCAPED.get(byte, bytes([byte])) for byte in block)
            data += f" {zlib.crc32(block):08x} ".encode() + escaped
        self._write(data + b"%")
        if limit is None:
            lines = self._reply(silence, text, most)
        else:
            lines = self._reply(limit, text, most, None, limit)
        for line in lines:
            if error := re.fullmatch(r"e-\[(.*)\]", line):
                raise DeviceError(self.port, error[1])
        return lines

    def send_blocks(
        self,
        command: str,
        data: bytes,
        size: int,
        progress: Progress = SILENT,
    ) -> list[str]:
        """Send `data` in blocks of `size` bytes and return the reply to the last one.

        A block that arrives damaged is sent again.

        Parameters
        ----------
        command
            ``"block"`` or ``"input"``.
        progress
            Told how much has been sent.
        """
        lines: list[str] = []
        began, most = time.monotonic(), _LONGEST + len(data) / _SLOWEST
        for offset in range(0, len(data), size):
            if time.monotonic() - began > most:
                raise RunError(
                    f"{self.port}: {offset:,} of {len(data):,} bytes were sent in {most:,.0f} s: "
                    "reset the board, or use a faster line"
                )
            block = data[offset : offset + size]
            for attempt in range(_TRIES):
                try:
                    lines = self.command(f"{command} {offset}", block=block, silence=_CHECKING)
                    break
                except DeviceError as error:
                    if not error.reason.startswith("the block's CRC") or attempt == _TRIES - 1:
                        raise
            progress.share((offset + len(block)) / len(data))
        return lines

    def write(self, data: bytes) -> None:
        """Send bytes that are no command, to a program that the device has started."""
        self._write(data)

    def read(self) -> bytes:
        """Return what such a program has sent, after at most a tenth of a second."""
        received, self._received = self._received or self._read(), b""
        return received

    def begin(self, text: str, line: str) -> None:
        """Send a command whose reply is `line`, after which the device no longer takes commands.

        Raises
        ------
        DeviceError
            When the device replies with an error.
        """
        self._write(f"{text}%".encode())
        began = time.monotonic()
        while (said := self._line()) != line:
            if error := re.fullmatch(r"e-\[(.*)\]", said):
                raise DeviceError(self.port, error[1])
            if time.monotonic() - began > _CHECKING:
                raise self._not_ready(f"no reply to {text!r} within {_CHECKING:g} s", [])

    def _synchronise(self) -> None:
        """End a command that an earlier program may have begun, and discard unread replies."""
        self._write(b"%")
        self._reply(_SILENCE, "%", _LEFT, "m-")  # a board that is starting or busy sends lines
        ready = time.monotonic()
        while received := self._read():
            if time.monotonic() - ready > _SILENCE:
                self._received = received
                raise self._not_ready(f"does not stop sending for {_SILENCE:g} s", [])
        self._received = b""

    def _reply(
        self,
        seconds: float,
        command: str,
        most: int,
        renewed_by: str | None = "",
        longest: float | None = None,
    ) -> list[str]:
        """Return the lines before the next ``m-ready``.

        The time limit is `seconds`, which starts again at each line that begins with `renewed_by`,
        or at none for None, and `longest` in total. The reply may have `most` bytes.
        """
        lines: list[str] = []
        began = heard = time.monotonic()
        longest = _LONGEST if longest is None else longest
        before, self._count = len(self._received), 0
        while True:
            if line := self._line():
                if renewed_by is not None and line.startswith(renewed_by):
                    heard = time.monotonic()
                self._log(line)
                if line == READY:
                    return lines
                if not line.startswith("m-busy-"):
                    lines.append(line)
            now = time.monotonic()
            if now - heard > seconds:
                raise self._not_ready(f"no reply to {command!r} within {seconds:g} s", lines)
            if now - began > longest:
                what = f"the reply to {command!r} has no end after {longest:g} s"
                raise self._not_ready(what, lines)
            if self._count + before > most + _BUSY * (now - began):
                what = f"the reply to {command!r} has more than {most:,} bytes"
                raise self._not_ready(what, lines)

    def _not_ready(self, what: str, lines: list[str]) -> RunError:
        unfinished = self._received[:_READ].decode("ascii", "backslashreplace")
        last = shown((lines or [unfinished])[-1], 60)
        said = f"the last line it sent is '{last}', not {READY}" if last else "it sent nothing"
        return RunError(
            f"{self.port}: {what}; {said}: is it the board's port, and does the board run the "
            "device firmware?"
        )

    def _line(self) -> str:
        """Return the next line, or an empty text when there is none yet."""
        if b"\n" not in self._received:
            received = self._read()
            self._count += len(received)
            self._received += received
        line, end, rest = self._received.partition(b"\n")
        if not end:
            return ""
        self._received = rest
        return line.rstrip(b"\r").decode("ascii", "backslashreplace")

    def _read(self) -> bytes:
        try:
            return bytes(self._serial.read(min(self._serial.in_waiting, _READ) or 1))
        except (serial.SerialException, OSError) as error:
            raise self._gone() from error

    def _write(self, data: bytes) -> None:
        try:
            self._serial.write(data)
        except serial.SerialTimeoutException as error:
            raise RunError(f"{self.port}: the device accepts no data: reset it") from error
        except (serial.SerialException, OSError) as error:
            raise self._gone() from error

    def _gone(self) -> RunError:
        return RunError(f"{self.port} has gone away: is the cable still plugged in?")


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:  # a group without a name
        return str(number)


def _cannot_open(port: str, error: Exception) -> ForgeError:
    number = getattr(error, "errno", None)
    if number == errno.EACCES:
        group = _group(os.stat(port).st_gid)
        return EnvironmentLacksError(
            f"{port} can only be opened by members of the group {group}; join it with: "
            f"sudo usermod -aG {group} $USER (and log in again)"
        )
    if number in (errno.EAGAIN, errno.EBUSY) or "exclusively lock" in str(error):
        return InputError(f"{port} is used by another program; close that one")
    if number == errno.ENOENT:
        return InputError(f"there is no {port}; name the port that the board is at, or sim")
    return InputError(f"{port} cannot be opened as a serial port: {error}")
