"""Place model, inputs, outputs and arena in a board's memories."""

from __future__ import annotations

import ctypes
import random

from cfuforge.base.errors import InputError
from cfuforge.sim.mailbox import Layer, Mailbox
from cfuforge.soc.generate import Soc
from cfuforge.sw.tflite_model import Model

__all__ = ["place"]

MODEL_OFFSET = 1 << 20  # in main RAM: the same for every firmware, so that cycles compare
WORDS = 32  # alignment in bytes without a cache: that of the arena
LINE = 32  # bytes of a data cache line
PAGE = 4096  # alignment in bytes with a data cache: its size


def place(
    box: Mailbox,
    soc: Soc,
    design: str,
    firmware_end: int,
    model: Model,
    arena_bytes: int,
    order: int = 0,
) -> None:
    """Fill in the mailbox's addresses and sizes.

    Model and inputs are in main RAM. On a board with block RAM for the code, what the CPU writes
    for the host is in that block RAM, since DRAM is behind a cache, and so is the arena if it fits.
    On a board that boots from flash everything is in main RAM, except that a model for which there
    is no room stays in the flash.

    Parameters
    ----------
    box
        The mailbox.
    design
        The name of the design, for messages.
    firmware_end
        First address after the firmware.
    model
        The model.
    arena_bytes
        Minimum size of the arena; 0 when it is not known yet.
    order
        0 for the usual places. Any other number, as in `SimTarget`, moves the model, and an arena
        in main RAM, by some cache lines.

    Raises
    ------
    InputError
        When there is no room.
    """
    box.input_size = sum(tensor.nbytes for tensor in model.inputs)
    box.output_size = sum(tensor.nbytes for tensor in model.outputs)
    box.layer_limit = len(model.operators)
    box.model_size = len(model.data)
    layers_size = box.layer_limit * ctypes.sizeof(Layer)
    if soc.board.flash:
        _place_with_flash(box, soc, firmware_end, layers_size, model, arena_bytes)
        return
    base, size = soc.memories["main_ram"]
    lines = random.Random(f"places {order}")
    model_gap, arena_gap = (
        LINE * lines.randrange(PAGE // LINE) if order else 0 for _ in ("model", "arena")
    )
    box.model = base + MODEL_OFFSET + model_gap
    box.input = _page(box.model + box.model_size)
    end = base + size
    if soc.board.sram_bytes:
        sram, sram_size = soc.memories["sram"]
        for alignment in (PAGE, LINE):  # the lesser one when there is too little room
            box.output = _align(firmware_end, alignment)
            box.layers = _align(box.output + box.output_size, alignment)
            fast = _align(box.layers + layers_size, alignment)
            if fast <= sram + sram_size:
                break
        else:
            raise InputError(
                f"{model.name} needs {fast - sram:,} bytes of block RAM for the firmware with "
                f"{design} and the outputs; board {soc.board.name} has {sram_size:,}"
            )
        in_sram = 0 < arena_bytes <= sram + sram_size - fast
        box.arena = fast if in_sram else _page(box.input + box.input_size)
        end = sram + sram_size if in_sram else end
    else:
        if firmware_end > box.model:
            raise InputError(
                f"the firmware with {design} needs {firmware_end - base:,} bytes, of which "
                f"{MODEL_OFFSET:,} are there: make its kernels' constants and variables smaller"
            )
        box.output = _page(box.input + box.input_size)
        box.layers = _page(box.output + box.output_size)
        box.arena = _page(box.layers + layers_size) + arena_gap
    if end <= box.arena:
        raise InputError(
            f"{model.name} is too large for main RAM, {size - MODEL_OFFSET:,} bytes: it has "
            f"{box.model_size:,}, its inputs {box.input_size:,}, its outputs {box.output_size:,}, "
            "and nothing is left for the tensor arena"
        )
    box.arena_size = end - box.arena


def _place_with_flash(
    box: Mailbox, soc: Soc, firmware_end: int, layers_size: int, model: Model, arena_bytes: int
) -> None:
    base, size = soc.memories["main_ram"]
    stored, room = soc.stored_model
    box.output = _align(firmware_end, WORDS)
    box.layers = _align(box.output + box.output_size, WORDS)
    box.input = _align(box.layers + layers_size, WORDS)
    box.model = _align(box.input + box.input_size, WORDS)
    box.arena = _align(box.model + box.model_size, WORDS)
    if not 0 < arena_bytes <= base + size - box.arena:
        box.arena = box.model
        box.model = stored
        if box.model_size > room:
            raise InputError(
                f"{model.name} has {box.model_size:,} bytes; the flash of board {soc.board.name} "
                f"has room for {room:,}"
            )
    if base + size <= box.arena:
        raise InputError(
            f"{model.name} is too large for board {soc.board.name}: firmware, inputs and outputs "
            f"need {box.arena - base:,} of its {size:,} bytes, and nothing is left for the arena"
        )
    box.arena_size = base + size - box.arena


def _page(address: int) -> int:
    return _align(address, PAGE)


def _align(address: int, multiple: int) -> int:
    return -(-address // multiple) * multiple
