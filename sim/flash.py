"""What a board that starts from flash has in it: in a simulation, and in the file for the board."""

from __future__ import annotations

from collections.abc import Sequence

from cfuforge.sim.simulator import Simulator
from cfuforge.sim.symbols import Firmware
from cfuforge.soc.generate import Soc
from cfuforge.sw.boot import COPIER_BYTES, boot_image

__all__ = ["fill", "flash_contents", "store"]

GARBAGE = b"\xa5"  # what memory holds after power-on, for all that a program may know


def flash_contents(
    soc: Soc, firmware: Firmware, runs: Sequence[tuple[int, bytes]]
) -> dict[int, bytes]:
    """Return what the flash has to hold, by address, so that `firmware` starts.

    Parameters
    ----------
    soc
        The SoC, of a board with flash.
    firmware
        The program to start; what it has in the flash stays there.
    runs
        What memory is to be filled with: address and bytes, the program's own included.
    """
    at, start = soc.reset_address, firmware.symbols["_start"]
    copier = firmware.symbols["_stack_top"] - COPIER_BYTES
    cold = {to: data for to, data in firmware.segments if soc.region(to) == "flash"}
    return {at: boot_image(soc.cpu.isa, at, start, copier, runs), **cold}


def store(simulator: Simulator, firmware: Firmware, data: Sequence[tuple[int, int]] = ()) -> None:
    """Move memory's contents to the flash, if there is one: the CPU fills memory from there.

    Parameters
    ----------
    simulator
        What holds the firmware and the data in its memory.
    firmware
        The program to start.
    data
        Address and size of all else; what is in the flash stays where it is.
    """
    soc = simulator.soc
    if not soc.board.flash:
        return
    places = [(address, len(contents)) for address, contents in firmware.segments]
    runs = [
        (address, simulator.read(address, size))
        for address, size in (*places, *data)
        if soc.region(address) == "main_ram"
    ]
    fill(simulator, flash_contents(soc, firmware, runs))


def fill(simulator: Simulator, contents: dict[int, bytes]) -> None:
    """Write the flash; memory is as after power-on."""
    base, size = simulator.soc.memories["main_ram"]
    simulator.write(base, GARBAGE * size)
    for address, data in contents.items():
        simulator.write(address, data)
