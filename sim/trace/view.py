"""Viewer files for a trace, which show the CPU and the CFU's streams with names for values.

GTKWave gets a save file, Surfer a command file, and both share tables of names: text files with a
number and its name in each line.

References
----------
GTKWave 3.3 Wave Analyzer User's Guide, appendix on save files and filters. Surfer's documentation,
"Commands" and "Mapping Translators".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cfuforge.cfu.design import Design
from cfuforge.cfu.memory_port import verilog_ports
from cfuforge.sim.account.listing import Listing
from cfuforge.sim.simulator import PERIOD, SIGNALS
from cfuforge.soc.cpu import Cpu
from cfuforge.soc.cpu_verilog import cpu_module
from cfuforge.soc.generate import TOP
from cfuforge.sw.elf import Firmware

__all__ = ["Row", "rows", "write_views"]

MAPPINGS = Path(".surfer", "mappings")  # where Surfer looks, relative to its working folder
ZOOM = -14  # GTKWave's initial zoom: 2 ** 14 ps on 200 pixels, 120 pixels a cycle
FUNCTION = "Program.function"  # a signal of window.cpp


@dataclass(frozen=True)
class Row:
    """One line in the viewer.

    Parameters
    ----------
    group, label
        Its group and name in the viewer.
    signal
        The signal's path in the waveform.
    bits
        The signal's width.
    names
        The table in which its values are looked up; empty to show numbers.
    """

    group: str
    label: str
    signal: str
    bits: int = 1
    names: str = ""


def rows(cpu: Cpu, memory_width: int = 0) -> list[Row]:
    """Return the lines for a SoC with `cpu` and a CFU, in order.

    Parameters
    ----------
    cpu
        The CPU.
    memory_width
        Width in bytes of the CFU's memory port; 0 for none.
    """
    module = cpu_module(cpu)
    pc, instruction, retires = (SIGNALS[module][part] for part in ("PC", "INSTRUCTION", "RETIRES"))
    top, core, cfu = f"TOP.{TOP}", f"TOP.{TOP}.{module}", f"TOP.{TOP}.Cfu"
    return [
        Row("CPU", "clk", f"{top}.clk"),
        Row("CPU", "function", FUNCTION, 32, names="function"),
        Row("CPU", "pc", f"{core}.{pc}", 32),
        Row("CPU", "disassembly", f"{core}.{pc}", 32, names="disassembly"),
        Row("CPU", "instruction", f"{core}.{instruction}", 32),
        Row("CPU", "retires", f"{core}.{retires}"),
        Row("cmd", "cmd.valid", f"{cfu}.cmd_valid"),
        Row("cmd", "cmd.ready", f"{cfu}.cmd_ready"),
        Row("cmd", "cmd.function", f"{cfu}.cmd_payload_function_id", 10, names="instruction"),
        Row("cmd", "cmd.inputs_0", f"{cfu}.cmd_payload_inputs_0", 32),
        Row("cmd", "cmd.inputs_1", f"{cfu}.cmd_payload_inputs_1", 32),
        Row("rsp", "rsp.valid", f"{cfu}.rsp_valid"),
        Row("rsp", "rsp.ready", f"{cfu}.rsp_ready"),
        Row("rsp", "rsp.outputs_0", f"{cfu}.rsp_payload_outputs_0", 32),
        *(
            Row("memory", name.removeprefix("memory_").replace("_", "."), f"{cfu}.{name}", bits)
            for name, bits in verilog_ports(memory_width).items()
        ),
    ]


def write_views(wave: Path, first: int, cpu: Cpu, design: Design, firmware: Firmware) -> list[Path]:
    """Write the files that show a waveform in GTKWave and Surfer, beside it.

    Parameters
    ----------
    wave
        The waveform's file.
    first
        Its first cycle.
    cpu, design, firmware
        What was simulated.

    Returns
    -------
    list of Path
        GTKWave's save file and Surfer's command file. Their paths are relative to their folder, so
        start the viewers there.
    """
    listing = Listing(firmware, design.instructions, {})
    functions = {addresses.start: name for name, addresses in firmware.functions if addresses}
    names = {
        "function": functions,
        "disassembly": {
            address: listing.text(address)
            for _, addresses in firmware.functions
            for address in addresses[::4]
        },
        "instruction": {
            number: design.function_name(number)
            for instruction in design.instructions
            for number in instruction.function_ids
        },
    }
    shown = rows(cpu, design.memory_width)
    tables = {row.names: (f"{wave.stem}-{row.names}", row.bits) for row in shown if row.names}
    folder = wave.parent / MAPPINGS
    folder.mkdir(parents=True, exist_ok=True)
    for kind, (table, bits) in tables.items():
        (folder / table).write_text(_table(table, bits, names[kind]), encoding="utf-8")
    files = {kind: table for kind, (table, _) in tables.items()}
    save, commands = wave.with_suffix(".gtkw"), wave.with_suffix(".sucl")
    save.write_text(_gtkwave(wave, save, first, shown, files), encoding="utf-8")
    commands.write_text(_surfer(wave, shown, files), encoding="utf-8")
    return [save, commands]


def _table(name: str, bits: int, names: Mapping[int, str]) -> str:
    """Return a table of names, with numbers in decimal, for both GTKWave and Surfer."""
    lines = [f"{number} {text}" for number, text in sorted(names.items())]
    return "\n".join([f"Name = {name}", f"Bits = {bits}", *lines, ""])


def _gtkwave(
    wave: Path, save: Path, first: int, shown: Sequence[Row], tables: Mapping[str, str]
) -> str:
    lines = [
        f'[dumpfile] "{wave.name}"',
        f'[savefile] "{save.name}"',
        f"[timestart] {PERIOD * first}",
        "[size] 1400 600",
        "[signals_width] 250",
        "[sst_expanded] 0",
        f"*{ZOOM}.000000 {PERIOD * first}{' -1' * 26}",
        f"[treeopen] TOP.{TOP}.",
    ]
    for index, row in enumerate(shown):
        if index == 0 or shown[index - 1].group != row.group:
            lines += ["@800200", f"-{row.group}"]
        span = f"[{row.bits - 1}:0]" if row.bits > 1 else ""
        if row.names:
            lines += ["@2024", f"^1 {MAPPINGS / tables[row.names]}"]  # decimal, translated
        else:
            lines += ["@22" if span else "@28"]  # hexadecimal or binary
        lines += [f"+{{{row.label}}} {row.signal}{span}"]
        if index + 1 == len(shown) or shown[index + 1].group != row.group:
            lines += ["@1000200", f"-{row.group}"]
    return "\n".join([*lines, ""])


def _surfer(wave: Path, shown: Sequence[Row], tables: Mapping[str, str]) -> str:
    add, change, position = [f"load_file {wave.name}"], [], 0
    for index, row in enumerate(shown):
        if index == 0 or shown[index - 1].group != row.group:
            add.append(f"divider_add {row.group}")
            position += 1
        add.append(f"variable_add {row.signal}")
        change += [f"item_focus {_item(position)}_{row.signal}", f"item_rename {row.label}"]
        if row.bits > 1:
            change.append(f"item_set_format {tables.get(row.names, 'Hexadecimal')}")
        position += 1
    return "\n".join([*add, *change, "item_unfocus", "zoom_fit", ""])


def _item(position: int) -> str:
    """Return Surfer's name for the item at `position`: its hexadecimal digits as letters from a."""
    return "".join(chr(ord("a") + int(digit, 16)) for digit in f"{position:x}")
