"""The source lines of instructions, from the DWARF debug information of an ELF file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from elftools.dwarf.descriptions import describe_form_class
from elftools.elf.elffile import ELFFile

__all__ = ["DebugInfo", "SourceLine"]


class SourceLine(NamedTuple):
    """A file as the compiler named it, and a line from 1; ``""`` and 0 when unknown."""

    file: str
    line: int


_NOWHERE = SourceLine("", 0)


class DebugInfo:
    """The debug information of an ELF file's code.

    Parameters
    ----------
    path
        The ELF file, compiled with ``-g``.
    """

    def __init__(self, path: Path) -> None:
        lines: dict[int, SourceLine] = {}
        inlined: list[
            tuple[int, int, int, str, SourceLine]
        ] = []  # depth, begin, end, function, call
        with path.open("rb") as file:
            dwarf = ELFFile(file).get_dwarf_info()
            for unit in dwarf.iter_CUs():
                program = dwarf.line_program_for_CU(unit)
                for address, line in _lines(program):
                    if line.line or not lines.get(address, _NOWHERE).line:
                        lines[address] = line
                inlined += _inlined(dwarf, unit.get_top_DIE(), _files(program), 0, 0)
        self._lines = sorted(lines.items())
        self._starts = [address for address, _ in self._lines]
        self._inlined: dict[int, list[tuple[str, SourceLine]]] = {}  # function and call, by address
        for _, begin, end, name, call in sorted(inlined):
            for address in range(begin, end, 2):
                self._inlined.setdefault(address, []).append((name, call))

    def line(self, address: int) -> SourceLine:
        """Return the source line of the instruction at `address`."""
        index = bisect_right(self._starts, address) - 1
        return self._lines[index][1] if index >= 0 else _NOWHERE

    def inlined(self, address: int) -> tuple[str, ...]:
        """Return the functions that were inlined at `address`, the outermost first."""
        return tuple(name for name, _ in self._inlined.get(address, ()))

    def calls(self, address: int) -> tuple[SourceLine, ...]:
        """Return the lines that call the functions of `inlined`."""
        return tuple(call for _, call in self._inlined.get(address, ()))


def _files(program: Any) -> dict[int, str]:
    """Return the files of a compilation unit, by their numbers in it."""
    first = int(program.header["version"] < 5)  # before DWARF 5 they are counted from 1
    folders = program.header["include_directory"]
    names = {}
    for number, entry in enumerate(program.header["file_entry"], first):
        # Before DWARF 5, folder 0 is where the compiler ran, and is not in the table.
        index = entry.dir_index - first
        folder = folders[index] if 0 <= index < len(folders) else b""
        path = Path(getattr(folder, "DIR_NAME", folder).decode()) / entry.name.decode()
        names[number] = str(path)
    return names


def _lines(program: Any) -> Iterator[tuple[int, SourceLine]]:
    """Yield the addresses at which a line begins, with the line; no line where a sequence ends."""
    files = _files(program)
    line = _NOWHERE
    for entry in program.get_entries():
        if state := entry.state:
            if state.end_sequence:
                line = _NOWHERE
            elif state.line:  # line 0 is the compiler's own code: it counts with what is before it
                line = SourceLine(files[state.file], state.line)
            yield state.address, line


def _inlined(
    dwarf: Any, die: Any, files: dict[int, str], base: int, depth: int
) -> Iterator[tuple[int, int, int, str, SourceLine]]:
    if die.tag == "DW_TAG_compile_unit" and "DW_AT_low_pc" in die.attributes:
        base = die.attributes["DW_AT_low_pc"].value
    if die.tag == "DW_TAG_inlined_subroutine":
        depth += 1
        file, line = (
            die.attributes[name].value if name in die.attributes else 0
            for name in ("DW_AT_call_file", "DW_AT_call_line")
        )
        call = SourceLine(files.get(file, ""), line)
        for begin, end in _ranges(dwarf, die, base):
            yield depth, begin, end, _name(die), call
    for child in die.iter_children():
        yield from _inlined(dwarf, child, files, base, depth)


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
