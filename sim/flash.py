"""What a board that starts from flash has in it: in a simulation, and in the file for the board."""

from __future__ import annotations

from collections.abc import Sequence

from cfuforge.cfu.errors import InputError
from cfuforge.sim.simulator import Simulator
from cfuforge.sim.symbols import Firmware
from cfuforge.soc.generate import Soc
from cfuforge.sw.boot import COPIER_BYTES, boot_image
from cfuforge.sw.image import model_image, model_place
from cfuforge.sw.tflite_model import Model

__all__ = ["device_flash", "fill", "flash_contents", "store"]

GARBAGE = b"\xa5"  # what memory holds after power-on, for all that a program may know
KEPT = 1024  # bytes of the arena for what the device's firmware keeps beside input and tensors


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


def device_flash(
    soc: Soc, firmware: Firmware, model: Model | None, arena_bytes: int
) -> dict[int, bytes]:
    """Return what the flash holds of the device's firmware and its model.

    Parameters
    ----------
    soc, firmware
        As in `flash_contents`.
    model
        What is copied to memory at the start if `arena_bytes` fit beside it, and else read where it
        is; None for no model.
    arena_bytes
        What the model needs of the arena.

    Raises
    ------
    InputError
        When the flash has no room for the model.
    """
    runs = [(to, data) for to, data in firmware.segments if soc.region(to) == "main_ram"]
    if model is None:
        return flash_contents(soc, firmware, runs)
    image = model_image(model.data)
    begin, end = firmware.symbols["_end"], sum(soc.memories["main_ram"])
    place = model_place(begin, end)
    kept = KEPT + sum(tensor.nbytes for tensor in model.inputs)
    if place + len(image) + arena_bytes + kept <= end:
        return flash_contents(soc, firmware, [*runs, (place, image)])
    stored, room = soc.stored_model
    if len(image) > room:
        raise InputError(
            f"{model.name} has {len(model.data):,} bytes; the flash of board {soc.board.name} has "
            f"room for {room - len(image) + len(model.data):,}"
        )
    return {**flash_contents(soc, firmware, runs), stored: image}


def store(simulator: Simulator, firmware: Firmware, data: Sequence[tuple[int, int]]) -> None:
    """Move memory's contents to the flash, so that the CPU has to fill memory from there.

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
