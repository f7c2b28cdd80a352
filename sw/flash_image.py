"""The contents of the flash that a board starts from, for a simulation and for the board itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from cfuforge.base.errors import InputError
from cfuforge.sw.boot import COPIER_BYTES, boot_image
from cfuforge.sw.elf import Firmware
from cfuforge.sw.image import model_image, model_place
from cfuforge.sw.program import Machine
from cfuforge.sw.tflite_model import Model

__all__ = ["FlashMachine", "device_flash", "flash_contents"]

KEPT = 1024  # bytes of the arena for what the firmware keeps beside input and tensors


class FlashMachine(Machine, Protocol):
    """A SoC that starts from flash."""

    @property
    def memories(self) -> Mapping[str, tuple[int, int]]:
        """Origin and size of each memory, by name."""

    @property
    def reset_address(self) -> int:
        """The address at which the CPU starts."""

    @property
    def stored_model(self) -> tuple[int, int]:
        """Origin and size of the flash for a model that stays there."""

    def region(self, address: int) -> str:
        """Return the name of the memory that `address` is in."""


def flash_contents(
    machine: FlashMachine, firmware: Firmware, runs: Sequence[tuple[int, bytes]]
) -> dict[int, bytes]:
    """Return what the flash has to hold, by address, so that `firmware` starts.

    Parameters
    ----------
    machine
        The SoC, of a board with flash.
    firmware
        The program to start; what it has in the flash stays there.
    runs
        What memory is to be filled with: address and bytes, the program's own included.
    """
    at, start = machine.reset_address, firmware.symbols["_start"]
    copier = firmware.symbols["_stack_top"] - COPIER_BYTES
    cold = {to: data for to, data in firmware.segments if machine.region(to) == "flash"}
    return {at: boot_image(machine.isa, at, start, copier, runs), **cold}


def device_flash(
    machine: FlashMachine,
    firmware: Firmware,
    model: Model | None,
    arena_bytes: Callable[[Model], int],
) -> dict[int, bytes]:
    """Return what the flash holds of the device's firmware and its model, by address.

    Parameters
    ----------
    machine, firmware
        The SoC, of a board with flash, and the device's firmware for it.
    model
        What is copied to memory at the start if its arena fits beside it, and else read where it
        is; None for no model.
    arena_bytes
        Returns what the arena of a model needs.

    Raises
    ------
    InputError
        When the flash has no room for the model.
    """
    runs = [(to, data) for to, data in firmware.segments if machine.region(to) == "main_ram"]
    if model is None:
        return flash_contents(machine, firmware, runs)
    image = model_image(model.data)
    begin, end = firmware.symbols["_end"], sum(machine.memories["main_ram"])
    place = model_place(begin, end)
    kept = KEPT + sum(tensor.nbytes for tensor in model.inputs)
    if place + len(image) + arena_bytes(model) + kept <= end:
        return flash_contents(machine, firmware, [*runs, (place, image)])
    stored, room = machine.stored_model
    if len(image) > room:
        raise InputError(
            f"{model.name} has {len(model.data):,} bytes; the flash of board {machine.name} has "
            f"room for {room - len(image) + len(model.data):,}"
        )
    return {**flash_contents(machine, firmware, runs), stored: image}
