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
    wide = int(_declaration(soc, soc.verilog[0].read_text(encoding="utf-8"))["top"]) // 8 + 1
    words = (int.from_bytes(memory[i : i + wide], "little") for i in range(0, size, wide))
    return "\n".join(f"{word:0{2 * wide}x}" for word in words) + "\n"


def verilog_with_memory(soc: Soc) -> str:
    """Return the SoC's Verilog, which reads `INIT` into the memory that holds the code."""
    text = soc.verilog[0].read_text(encoding="utf-8")
    found = _declaration(soc, text)
    initial = f'\ninitial $readmemh("{INIT}", {found["name"]});'
    # What one side reads while the other writes it is not used, and no ECP5's RAM promises it.
    any_value = "(* no_rw_check *) " if soc.port else ""
    begin, end = found.span()
    return text[:begin] + any_value + text[begin:end] + initial + text[end:]


def _declaration(soc: Soc, verilog: str) -> re.Match[str]:
    """Find the declaration of the memory that holds the code: its `name`, its words' `top` bit."""
    (name,) = soc.arrays[soc.board.code_region].signals
    form = rf"^reg +\[(?P<top>\d+):0\] (?P<name>{name})\[0:\d+\];$"
    (found,) = re.finditer(form, verilog, re.MULTILINE)
    return found
