"""The flash contents that a board boots from, in simulation and in hardware."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from cfuforge.base.errors import InputError
from cfuforge.sw.boot import COPIER_BYTES, boot_image
from cfuforge.sw.elf import Firmware
from cfuforge.sw.image import model_address, model_image
from cfuforge.sw.program import Machine
from cfuforge.sw.tflite_model import Model

__all__ = ["FlashMachine", "device_flash", "flash_contents"]

KEPT = 1024  # bytes that the firmware needs beside the inputs and the arena


class FlashMachine(Machine, Protocol):
    """A SoC that boots from flash."""

    @property
    def memories(self) -> Mapping[str, tuple[int, int]]:
        """Origin and size of each memory, by name."""

    @property
    def reset_address(self) -> int:
        """The address at which the CPU starts."""

    @property
    def stored_model(self) -> tuple[int, int]:
        """Origin and size of the part of the flash for a model that stays there."""

    def region(self, address: int) -> str:
        """Return the name of the memory at `address`."""


def flash_contents(
    machine: FlashMachine, firmware: Firmware, runs: Sequence[tuple[int, bytes]]
) -> dict[int, bytes]:
    """Return the flash contents that boot `firmware`, by address.

    Parameters
    ----------
    machine
        The SoC of a board with flash.
    firmware
        The program to start; its segments in flash stay there.
    runs
        What to copy to memory: address and bytes, including the program's own.
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
    """Return the flash contents that boot the device's firmware with a model, by address.

    Parameters
    ----------
    machine, firmware
        The SoC of a board with flash, and the device's firmware for it.
    model
        Copied to memory at boot if its arena fits beside it, otherwise read in flash; None for no
        model.
    arena_bytes
        Returns the arena size that a model needs, in bytes.

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
    address = model_address(begin, end)
    kept = KEPT + sum(tensor.nbytes for tensor in model.inputs)
    if address + len(image) + arena_bytes(model) + kept <= end:
        return flash_contents(machine, firmware, [*runs, (address, image)])
    stored, room = machine.stored_model
    if len(image) > room:
        raise InputError(
            f"{model.name} has {len(model.data):,} bytes; the flash of board {machine.name} has "
            f"room for {room - len(image) + len(model.data):,}"
        )
    return {**flash_contents(machine, firmware, runs), stored: image}
