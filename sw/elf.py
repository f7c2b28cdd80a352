"""The firmware's ELF file: what to load where, and which function an address is in."""

from __future__ import annotations

import shutil
from bisect import bisect_right
from functools import cache
from pathlib import Path

import numpy as np
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from cfuforge.base.cache import digest
from cfuforge.base.errors import InputError
from cfuforge.base.tools import run_tool

__all__ = ["Firmware"]

# A symbol of a little-endian ELF32 file; pyelftools reads them one by one, which takes seconds.
_SYMBOL = np.dtype(
    [("name", "<u4"), ("value", "<u4"), ("size", "<u4"), ("info", "u1"), ("other", "u1"),
     ("section", "<u2")]
)  # fmt: skip
_FUNCTION = 2  # STT_FUNC


class Firmware:
    """A program for the SoC.

    Parameters
    ----------
    path
        The ELF file.

    Members
    -------
    segments
        Address and bytes of all that must be in memory before the CPU starts.
    symbols
        Address of each global or local symbol, by name.
    keeps_texts
        Whether message texts are in this file only and not in memory, as in the slim firmware.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            elf = ELFFile(file)
            self.segments: list[tuple[int, bytes]] = [
                (segment["p_paddr"], segment.data())
                for segment in elf.iter_segments("PT_LOAD")
                if segment["p_filesz"]
            ]
            kept = elf.get_section_by_name(".texts")
            self.keeps_texts = kept is not None
            self._texts, self._texts_at = (kept.data(), kept["sh_addr"]) if kept else (b"", 0)
            table = elf.get_section_by_name(".symtab")
            if not isinstance(table, SymbolTableSection):
                raise InputError(f"{path} has no symbol table; link it without --strip-all")
            entries = np.frombuffer(table.data(), _SYMBOL)
            names = table.stringtable.data()
        named_at = entries["name"].tolist()
        texts = [names[at : names.index(b"\0", at)].decode("utf-8", "replace") for at in named_at]
        self.symbols: dict[str, int] = dict(zip(texts, entries["value"].tolist(), strict=True))
        named = sorted(
            (int(entries["value"][at]), int(entries["size"][at]), texts[at])
            for at in np.flatnonzero(entries["info"] & 0xF == _FUNCTION)
        )
        starts = [start for start, _, _ in named]
        functions = [  # assembler code without a size extends up to the next function
            (start, size or next((n - start for n in starts if n > start), 4), name)
            for start, size, name in named
        ]
        self._extents = {name: range(start, start + size) for start, size, name in functions}
        self._starts = [start for start, _, _ in functions]
        self._functions = functions

    @property
    def identity(self) -> str:
        """A digest of memory contents, texts and symbols; debug information does not change it."""
        addresses = [address for address, _ in self.segments]
        memory = (data for _, data in self.segments)
        return digest(addresses, self.symbols, self._texts, self._texts_at, *memory)

    def text(self, address: int) -> bytes:
        """Return the bytes of the kept texts from `address` on; empty outside them."""
        return self._texts[max(address - self._texts_at, 0) :] if address >= self._texts_at else b""

    def extent(self, function: str) -> range:
        """Return the address range of `function`, given its name in the ELF file."""
        return self._extents[function]

    @property
    def functions(self) -> list[tuple[str, range]]:
        """Name, as in the source, and address range of each function, ordered by address."""
        return [
            (_readable(name), range(start, start + size)) for start, size, name in self._functions
        ]

    def function(self, address: int) -> str:
        """Return the name of the function at `address`, or ``"?"``."""
        return self.function_name(self.function_number(address))

    def function_number(self, address: int) -> int:
        """Return the number of the function at `address`, from 1; 0 if there is none."""
        number = bisect_right(self._starts, address)
        if not number:
            return 0
        start, size, _ = self._functions[number - 1]
        return number if address < start + size else 0

    def function_name(self, number: int) -> str:
        """Return the name of a function, given its number; ``"?"`` for 0."""
        return _readable(self._functions[number - 1][2]) if number else "?"

    def function_extent(self, number: int) -> range:
        """Return the address range of a function, given its number, at least 1."""
        start, size, _ = self._functions[number - 1]
        return range(start, start + size)


@cache
def _readable(name: str) -> str:
    """Return a C++ name demangled; ``c++filt`` comes with the host's compiler."""
    if not name.startswith("_Z") or shutil.which("c++filt") is None:
        return name.removeprefix(".L")  # compiler-rt's private symbols
    command = ["c++filt", "--no-params", name]
    return run_tool(command).out.strip() or name
