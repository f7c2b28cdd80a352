"""The firmware's messages: texts in its memory or, for the slim firmware, in its ELF file."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable

from cfuforge.sim.mailbox import TextPiece
from cfuforge.sw.elf import Firmware

__all__ = ["Texts"]

_LONGEST = 256  # bytes of a text in memory
_CONVERSION = re.compile(r"%([-0]*\d*(?:\.\d+)?)(hh|h|ll|l|z)?([diuxXpcs%])")


class Texts:
    """The texts at addresses of a running firmware.

    Parameters
    ----------
    firmware
        The firmware's ELF file.
    read
        Called with an address and a size; returns those bytes of the target's memory.
    """

    def __init__(self, firmware: Firmware, read: Callable[[int, int], bytes]) -> None:
        self._firmware = firmware
        self._read = read

    def text(self, address: int) -> str:
        """Return the zero-terminated text at `address`."""
        data = self._firmware.text(address) or self._read(address, _LONGEST)
        return data.split(b"\0", 1)[0].decode("utf-8", "replace")

    def message(self, address: int) -> str:
        """Return the line to which ``mailbox.message`` points."""
        if not self._firmware.keeps_texts:
            return self.text(address)
        line = ""
        size = ctypes.sizeof(TextPiece)
        while (piece := TextPiece.from_buffer_copy(self._read(address, size))).format:
            line += self._formatted(piece)
            address += size
        return re.sub(r"[\0-\x1f]", " ", line)

    def _formatted(self, piece: TextPiece) -> str:
        arguments = bytes(piece.arguments)
        at = 0

        def conversion(match: re.Match[str]) -> str:
            nonlocal at
            field, length, kind = match.groups()
            if kind == "%":
                return "%"
            size = 8 if length == "ll" else 4
            at += -(piece.place + at) % size
            value = int.from_bytes(arguments[at : at + size], "little", signed=kind in "di")
            at += size
            if kind == "s":
                return f"%{field}s" % self.text(value)
            return f"%{field}{kind.replace('p', 'x')}" % value

        return _CONVERSION.sub(conversion, self.text(piece.format))
