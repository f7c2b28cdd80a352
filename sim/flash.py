"""Put into a simulated flash what is in memory, as the board has it there before it starts."""

from __future__ import annotations

from collections.abc import Sequence

from cfuforge.sim.simulator import Simulator
from cfuforge.sim.symbols import Firmware
from cfuforge.sw.boot import COPIER_BYTES, boot_image

__all__ = ["store"]

GARBAGE = b"\xa5"  # what memory holds after power-on, for all that a program may know


def store(simulator: Simulator, firmware: Firmware, data: Sequence[tuple[int, int]]) -> None:
    """Move memory's contents to the flash, so that the CPU has to fill memory from there.

    What the program has in the flash stays where it is.

    Parameters
    ----------
    simulator
        What holds the firmware and the data in its memory.
    firmware
        The program to start.
    data
        Address and size of all else that belongs into memory.
    """
    soc = simulator.soc
    places = [(address, len(contents)) for address, contents in firmware.segments]
    runs = [
        (address, simulator.read(address, size))
        for address, size in (*places, *data)
        if soc.region(address) == "main_ram"
    ]
    base, size = soc.memories["main_ram"]
    simulator.write(base, GARBAGE * size)
    copier = firmware.symbols["_stack_top"] - COPIER_BYTES
    at = soc.reset_address
    start = firmware.symbols["_start"]
    simulator.write(at, boot_image(soc.cpu.isa, at, start, copier, runs))
