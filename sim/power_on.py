"""The flash of a simulated board that boots from flash."""

from __future__ import annotations

from collections.abc import Sequence

from cfuforge.sim.simulator import Simulator
from cfuforge.sw.elf import Firmware
from cfuforge.sw.flash_image import flash_contents

__all__ = ["fill", "store"]

GARBAGE = b"\xa5"  # memory after power-on, of which a program must assume nothing


def store(simulator: Simulator, firmware: Firmware, data: Sequence[tuple[int, int]] = ()) -> None:
    """Move the contents of memory to the flash, if there is one, from which the CPU loads them.

    Parameters
    ----------
    simulator
        The simulator whose memory holds the firmware and the data.
    firmware
        The program to start.
    data
        Address and size of each other block of data; data that is in the flash stays there.
    """
    soc = simulator.soc
    if not soc.board.flash:
        return
    loaded = [(address, len(contents)) for address, contents in firmware.segments]
    runs = [
        (address, simulator.read(address, size))
        for address, size in (*loaded, *data)
        if soc.region(address) == "main_ram"
    ]
    fill(simulator, flash_contents(soc, firmware, runs))


def fill(simulator: Simulator, contents: dict[int, bytes]) -> None:
    """Write the flash, and leave memory as after power-on."""
    base, size = simulator.soc.memories["main_ram"]
    simulator.write(base, GARBAGE * size)
    for address, data in contents.items():
        simulator.write(address, data)
