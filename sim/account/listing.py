"""A firmware's instructions: words, disassembly, bytes moved and source lines."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from capstone import CS_ARCH_RISCV, CS_MODE_RISCV32, Cs

from cfuforge.cfu.disassembly import disassemble
from cfuforge.cfu.instruction import Instruction, by_function_id, function_id_of
from cfuforge.sim.account.debug_info import DebugInfo, SourceLine
from cfuforge.sw.elf import Firmware

__all__ = ["Listing"]

_LOAD, _STORE, _BRANCH, _JAL = 0x03, 0x23, 0x63, 0x6F


class Listing:
    """The code of a firmware.

    Parameters
    ----------
    firmware
        The firmware.
    instructions
        The instructions of its CFU.
    folders
        The folders of its sources, by the first part of the name that the compiler gives a file.
    """

    def __init__(
        self, firmware: Firmware, instructions: Sequence[Instruction], folders: dict[str, Path]
    ) -> None:
        self.firmware = firmware
        self._instructions = instructions
        self._by_id = by_function_id(instructions)
        self._folders = folders
        self._disassembler = Cs(CS_ARCH_RISCV, CS_MODE_RISCV32)
        self._files: dict[str, str] = {}

    @cached_property
    def _debug_info(self) -> DebugInfo:
        return DebugInfo(self.firmware.path)

    def word(self, address: int) -> int:
        """Return the instruction word at `address`; 0 outside the firmware's segments."""
        for begin, data in self.firmware.segments:
            if begin <= address <= begin + len(data) - 4:
                return int(struct.unpack_from("<I", data, address - begin)[0])
        return 0

    def text(self, address: int) -> str:
        """Return the disassembly of the instruction at `address`, with a jump's absolute target."""
        word = self.word(address)
        if cfu := disassemble(self._instructions, word):
            return cfu
        found = next(self._disassembler.disasm(struct.pack("<I", word), address), None)
        if found is None:
            return f".word {word:#010x}"
        operands = found.op_str
        if word & 0x7F in (_BRANCH, _JAL):
            others, comma, offset = operands.rpartition(", ")
            operands = f"{others}{comma}{address + int(offset, 0):#x}"
        return f"{found.mnemonic} {operands}".strip()

    def cfu_instruction(self, address: int) -> str:
        """Return the name of the CFU instruction at `address`; ``""`` when it is not one."""
        found = self._cfu_instruction(address)
        return found.name if found else "undeclared" if self._is_cfu(address) else ""

    def cfu_bytes(self, address: int) -> int:
        """Return the bytes of operands and result of the CFU instruction at `address`, or 0."""
        found = self._cfu_instruction(address)
        return (
            4 * sum(each is not None for each in (found.rs1, found.rs2, found.rd)) if found else 0
        )

    def _is_cfu(self, address: int) -> bool:
        return function_id_of(self.word(address)) is not None

    def _cfu_instruction(self, address: int) -> Instruction | None:
        function_id = function_id_of(self.word(address))
        return None if function_id is None else self._by_id.get(function_id)

    def moved_bytes(self, address: int) -> int:
        """Return how many bytes the load or store at `address` moves; 0 when it is neither."""
        word = self.word(address)
        return 1 << (word >> 12 & 3) if word & 0x7F in (_LOAD, _STORE) else 0

    def line(self, address: int) -> SourceLine:
        """Return the source line of the instruction at `address`, its file as `path` takes it.

        Code inlined from a file that is missing, such as ``cfu.h``, belongs to the calling line.
        """
        places = [self._debug_info.line(address), *reversed(self._debug_info.calls(address))]
        short = [SourceLine(self._short(file), line) for file, line in places]
        return next((each for each in short if self.path(each.file)), short[0])

    def inlined(self, address: int) -> tuple[str, ...]:
        """Return the functions that were inlined at `address`, the outermost first."""
        return self._debug_info.inlined(address)

    def path(self, file: str) -> Path | None:
        """Return the path of a line's file on this machine; None when it is missing."""
        name, _, rest = file.partition("/")
        return self._inside(name, Path(rest)) if name in self._folders else None

    def _inside(self, name: str, place: Path) -> Path | None:
        """Return a file in a folder, and never one outside: debug information may name any file."""
        path = self._folders[name] / place
        try:
            is_inside = path.resolve().is_relative_to(self._folders[name].resolve())
            return path if is_inside and path.is_file() else None
        except (OSError, ValueError):  # not a valid file name
            return None

    def _short(self, file: str) -> str:
        """Return a file's name from one of the folders on, wherever the file was compiled."""
        if file not in self._files:
            parts = [part for part in Path(file).parts if part != "/"]
            self._files[file] = next(
                (
                    "/".join((name, *parts[start:]))
                    for start in range(len(parts))
                    for name in self._folders
                    if self._inside(name, Path(*parts[start:]))
                ),
                parts[-1] if parts else "",
            )
        return self._files[file]
