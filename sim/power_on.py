"""The flash of a simulated board that starts from it."""

from __future__ import annotations

from collections.abc import Sequence

from cfuforge.sim.simulator import Simulator
from cfuforge.sw.elf import Firmware
from cfuforge.sw.flash_image import flash_contents

__all__ = ["fill", "store"]

GARBAGE = b"\xa5"  # what memory holds after power-on, for all that a program may know


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
