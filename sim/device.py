"""The device's firmware for a SoC and a design, and what a board's flash holds of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from cfuforge.base.errors import InputError
from cfuforge.cfu.design import Design
from cfuforge.sim.flash import flash_contents
from cfuforge.sim.symbols import Firmware
from cfuforge.sim.target import SimTarget
from cfuforge.soc.generate import Soc
from cfuforge.sw.device import build_device_firmware
from cfuforge.sw.image import model_image, model_place
from cfuforge.sw.tflite_model import Model

__all__ = ["device_firmware", "device_flash"]

KEPT = 1024  # bytes of the arena for what the firmware keeps beside input and tensors


def device_firmware(soc: Soc, design: Design, model: Model | None) -> Firmware:
    """Build the firmware that speaks over the serial line, or take it from the cache.

    Parameters
    ----------
    soc, design
        What it is for.
    model
        The model whose operators alone it has; None for all operators.
    """
    named = [re.sub(r"\W+", "_", model.name, flags=re.ASCII)[:60]] if model else []
    parts = [soc.board.name, design.name, *named, "device"]
    small = not soc.board.sram_bytes
    elf = build_device_firmware(soc, design, "-".join(parts), model, small_kernels=small)
    return Firmware(elf)


def device_flash(
    soc: Soc,
    design: Design,
    firmware: Firmware,
    model: Model | None,
    say: Callable[[str], None],
) -> dict[int, bytes]:
    """Return what the flash holds of the device's firmware and its model.

    Parameters
    ----------
    soc, design, firmware
        The SoC, of a board with flash, and what `device_firmware` made for them.
    model
        What is copied to memory at the start if its arena fits beside it, and else read where it
        is; None for no model.
    say
        Called with the name of each phase that takes time.

    Raises
    ------
    InputError
        When the flash has no room for the model.
    """
    runs = [(to, data) for to, data in firmware.segments if soc.region(to) == "main_ram"]
    if model is None:
        return flash_contents(soc, firmware, runs)
    image = model_image(model.data)
    arena_bytes = SimTarget(design, soc.board, say, slim=model).arena_bytes(model)
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
