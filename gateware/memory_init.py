"""The firmware as the initial contents of the FPGA's block RAM."""

from __future__ import annotations

import re

from cfuforge.base.errors import InputError
from cfuforge.soc.generate import Soc
from cfuforge.sw.elf import Firmware

__all__ = ["INIT", "memory_words", "verilog_with_memory"]

INIT = "firmware.init"  # in the format of Verilog's $readmemh


def memory_words(soc: Soc, firmware: Firmware) -> str:
    """Return the text of `INIT`: all words of the memory that holds the code.

    Raises
    ------
    InputError
        When part of the firmware is outside that memory.
    """
    region = soc.board.code_region
    base, size = soc.memories[region]
    memory = bytearray(size)
    for address, data in firmware.segments:
        if not base <= address <= address + len(data) <= base + size:
            raise InputError(
                f"the firmware has {len(data):,} bytes at {address:#x}, not in {region}"
            )
        memory[address - base : address - base + len(data)] = data
    words = (int.from_bytes(memory[i : i + 4], "little") for i in range(0, size, 4))
    return "\n".join(f"{word:08x}" for word in words) + "\n"


def verilog_with_memory(soc: Soc) -> str:
    """Return the SoC's Verilog, which reads `INIT` into the memory that holds the code."""
    text = soc.verilog[0].read_text(encoding="utf-8")
    (name,) = soc.arrays[soc.board.code_region].signals
    declaration = re.compile(rf"^reg +\[31:0\] {name}\[0:\d+\];$", re.MULTILINE)
    initial = f'\ninitial $readmemh("{INIT}", {name});'
    text, count = declaration.subn(lambda found: found[0] + initial, text)
    assert count == 1, f"{count} declarations of {name}"
    return text
