"""The boot image in flash: code that fills the memory, and the data to fill it with."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from elftools.elf.elffile import ELFFile

from cfuforge.base.cache import build_once, digest
from cfuforge.sw.objects import FIRMWARE
from cfuforge.sw.toolchain import Source, compile_rv32_program, rv32_compiler

__all__ = ["COPIER_BYTES", "boot_image"]

COPIER_BYTES = 64  # memory that the copying code occupies
_BOOT = FIRMWARE / "boot"


def boot_image(
    isa: str, at: int, start: int, copier: int, runs: Sequence[tuple[int, bytes]]
) -> bytes:
    """Return the bytes to put at `at` in the flash.

    Parameters
    ----------
    isa
        The CPU's instruction set.
    at
        Address at which the CPU starts.
    start
        Address to jump to when the memory is filled.
    copier
        Address of `COPIER_BYTES` of memory that no item of `runs` overlaps.
    runs
        The data: pairs of an address, a multiple of 4, and bytes.

    Raises
    ------
    EnvironmentLacksError
        When there is no compiler.
    """
    code = _code(isa)
    padded = [(to, data + bytes(-len(data) % 4)) for to, data in runs if data]
    source = at + len(code) + 4 + 12 * (len(padded) + 1)
    table = struct.pack("<I", copier)
    for to, data in padded:
        table += struct.pack("<3I", source, to, to + len(data))
        source += len(data)
    table += struct.pack("<3I", 0, start, start)
    return b"".join([code, table, *(data for _, data in padded)])


def _code(isa: str) -> bytes:
    source, script = _BOOT / "boot.S", _BOOT / "boot.ld"
    key = digest(rv32_compiler(isa).report(), source, script)

    def build(work: Path) -> None:
        compile_rv32_program([Source(source)], [], (), script, work / "boot.elf", isa)

    with (build_once("boot", key, build) / "boot.elf").open("rb") as file:
        segment = next(ELFFile(file).iter_segments("PT_LOAD"))
        return bytes(segment.data())
