"""The source of each instruction, by the DWARF of its ELF file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from elftools.dwarf.descriptions import describe_form_class
from elftools.elf.elffile import ELFFile

__all__ = ["DebugInfo", "SourceLine"]


class SourceLine(NamedTuple):
    """A file as the compiler named it, and a line from 1; ``""`` and 0 where that is not known."""

    file: str
    line: int


_NOWHERE = SourceLine("", 0)


class DebugInfo:
    """What the compiler wrote about an ELF file's code.

    Parameters
    ----------
    path
        The ELF file, compiled with ``-g``.
    """

    def __init__(self, path: Path) -> None:
        lines: dict[int, SourceLine] = {}
        inlined: list[tuple[int, int, int, str]] = []  # depth, begin, end, function
        with path.open("rb") as file:
            dwarf = ELFFile(file).get_dwarf_info()
            for unit in dwarf.iter_CUs():
                for address, line in _lines(dwarf.line_program_for_CU(unit)):
                    if line.line or not lines.get(address, _NOWHERE).line:
                        lines[address] = line
                inlined += _inlined(dwarf, unit.get_top_DIE(), 0, 0)
        self._lines = sorted(lines.items())
        self._starts = [address for address, _ in self._lines]
        self._inlined: dict[int, tuple[str, ...]] = {}
        for _, begin, end, name in sorted(inlined):
            for address in range(begin, end, 2):
                self._inlined[address] = (*self._inlined.get(address, ()), name)

    def line(self, address: int) -> SourceLine:
        """Return the line that the instruction at `address` is of."""
        index = bisect_right(self._starts, address) - 1
        return self._lines[index][1] if index >= 0 else _NOWHERE

    def inlined(self, address: int) -> tuple[str, ...]:
        """Return the functions that were inlined at `address`, the outermost first."""
        return self._inlined.get(address, ())


def _lines(program: Any) -> Iterator[tuple[int, SourceLine]]:
    """Return from which address on which line is; where a sequence ends, none."""
    version, files = program.header["version"], program.header["file_entry"]
    folders = program.header["include_directory"]
    names = []
    for entry in files:
        # Folder 0 is the compiler's own before DWARF 5, and not in the table.
        index = entry.dir_index - (version < 5)
        folder = folders[index] if 0 <= index < len(folders) else b""
        name = getattr(folder, "DIR_NAME", folder) + b"/" + entry.name
        names.append(name.decode().lstrip("/") if name.startswith(b"//") else name.decode())
    line = _NOWHERE
    for entry in program.get_entries():
        if state := entry.state:
            if state.end_sequence:
                line = _NOWHERE
            elif state.line:  # what the compiler made up has line 0: it counts with what is before
                line = SourceLine(names[state.file - (version < 5)], state.line)
            yield state.address, line


def _inlined(dwarf: Any, die: Any, base: int, depth: int) -> Iterator[tuple[int, int, int, str]]:
    if die.tag == "DW_TAG_compile_unit" and "DW_AT_low_pc" in die.attributes:
        base = die.attributes["DW_AT_low_pc"].value
    if die.tag == "DW_TAG_inlined_subroutine":
        depth += 1
        for begin, end in _ranges(dwarf, die, base):
            yield depth, begin, end, _name(die)
    for child in die.iter_children():
        yield from _inlined(dwarf, child, base, depth)


def _ranges(dwarf: Any, die: Any, base: int) -> Iterator[tuple[int, int]]:
    attributes = die.attributes
    if "DW_AT_ranges" in attributes:
        lists = dwarf.range_lists()
        for entry in lists.get_range_list_at_offset(attributes["DW_AT_ranges"].value, die.cu):
            if hasattr(entry, "base_address"):
                base = entry.base_address
            else:
                start = 0 if getattr(entry, "is_absolute", False) else base
                yield start + entry.begin_offset, start + entry.end_offset
    elif "DW_AT_low_pc" in attributes:
        low, high = attributes["DW_AT_low_pc"].value, attributes["DW_AT_high_pc"]
        is_address = describe_form_class(high.form) == "address"
        yield low, high.value if is_address else low + high.value


def _name(die: Any) -> str:
    while "DW_AT_name" not in die.attributes:
        for link in ("DW_AT_abstract_origin", "DW_AT_specification"):
            if link in die.attributes:
                die = die.get_DIE_from_attribute(link)
                break
        else:
            return "?"
    return str(die.attributes["DW_AT_name"].value.decode())
