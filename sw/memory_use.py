"""The memory that a program takes, and the error, section by section, where it does not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from elftools.elf.elffile import ELFFile

from cfuforge.sw.program import Elsewhere, Machine
from cfuforge.sw.toolchain import NoRoomError

__all__ = ["code_bytes", "no_room", "vast"]

_REGION = re.compile(r"(\w+) \(rwx\) : ORIGIN = (0x[0-9a-f]+), LENGTH = (0x[0-9a-f]+)")
_ALIAS = re.compile(r'REGION_ALIAS\("code", (\w+)\)')
_VAST = 1 << 28  # bytes
_WHAT = {
    ".start": "start-up",
    ".stack": "stack",
    ".hot": "code in memory",
    ".cold": "code in flash",
    ".text": "code",
    ".rodata": "constants",
    ".data": "data",
    ".bss": "zeroed data",
    ".strings": "texts and further constants",
}


def vast(machine: Machine) -> Machine:
    """Return a machine with more memory than any program needs, to see what one takes."""
    return Elsewhere(
        machine, re.sub("LENGTH = 0x[0-9a-f]+", f"LENGTH = {_VAST:#x}", machine.regions)
    )


def code_bytes(machine: Machine) -> int:
    """Return the size in bytes of the memory that a program's code is in."""
    return _memories(machine)[0][2]


def no_room(name: str, elf: Path, machine: Machine) -> NoRoomError:
    """Return the error for a program that a machine has no room for.

    Parameters
    ----------
    name
        The program's name.
    elf
        The program, built for `vast`.
    machine
        The machine.
    """
    texts = []
    for region, base, limit in _memories(machine):
        sizes = _sizes(elf, base)
        needed = max((end for _, end in sizes.values()), default=base) - base
        if needed > limit:
            parts = ", ".join(f"{what} {size:,}" for what, (size, _) in sizes.items())
            texts.append(f"it takes {needed:,} of {limit:,} bytes of {region} ({parts})")
    return NoRoomError(
        f"{name} does not fit into the memory of board {machine.name}: {'; '.join(texts)}"
    )


def _memories(machine: Machine) -> list[tuple[str, int, int]]:
    """Return name, origin and size of the memory for code, and of the one for seldom used code."""
    places = {name: (int(at, 16), int(n, 16)) for name, at, n in _REGION.findall(machine.regions)}
    names = [*_ALIAS.findall(machine.regions), "cold"]
    return [(name, *places[name]) for name in names if name in places]


def _sizes(elf: Path, base: int) -> Mapping[str, tuple[int, int]]:
    """Return size and end of each section in the `_VAST` bytes from `base` on, by its meaning."""
    with elf.open("rb") as file:
        return {
            _WHAT.get(section.name, section.name): (size, at + size)
            for section in ELFFile(file).iter_sections()
            if section["sh_flags"] & 2  # SHF_ALLOC
            and (size := section["sh_size"])
            and base <= (at := section["sh_addr"]) < base + _VAST
        }
