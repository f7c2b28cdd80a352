"""Where model, inputs, outputs and arena lie in a board's memories."""

from __future__ import annotations

import ctypes

from cfuforge.cfu.errors import InputError
from cfuforge.sim.mailbox import Layer, Mailbox
from cfuforge.soc.generate import Soc
from cfuforge.sw.tflite_model import Model

__all__ = ["place"]

MODEL_OFFSET = 1 << 20  # into main RAM: the same for every firmware, so that results compare
PAGE = 4096  # what is placed begins on a multiple of the data cache's size


def place(
    box: Mailbox, soc: Soc, design: str, firmware_end: int, model: Model, arena_bytes: int
) -> None:
    """Fill the mailbox's addresses and sizes.

    Model and inputs lie in main RAM. On a board with block RAM for the code, what the CPU writes
    for the host lies there as well, because a cache is before the DRAM, and so does the arena where
    it fits.

    Parameters
    ----------
    box
        What to fill.
    design
        Whose kernels the firmware has.
    firmware_end
        First address behind the firmware.
    model
        The model.
    arena_bytes
        What the arena needs at least; 0 when that is not known yet.

    Raises
    ------
    InputError
        When there is no room.
    """
    base, size = soc.memories["main_ram"]
    box.input_size = sum(tensor.nbytes for tensor in model.inputs)
    box.output_size = sum(tensor.nbytes for tensor in model.outputs)
    box.layer_limit = len(model.operators)
    layers_size = box.layer_limit * ctypes.sizeof(Layer)
    box.model, box.model_size = base + MODEL_OFFSET, len(model.data)
    box.input = _page(box.model + box.model_size)
    end = base + size
    if soc.board.sram_bytes:
        sram, sram_size = soc.memories["sram"]
        box.output = _page(firmware_end)
        box.layers = _page(box.output + box.output_size)
        fast = _page(box.layers + layers_size)
        if fast > sram + sram_size:
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
        box.arena = _page(box.layers + layers_size)
    if end <= box.arena:
        raise InputError(
            f"{model.name} is too large for main RAM, {size - MODEL_OFFSET:,} bytes: it has "
            f"{box.model_size:,}, its inputs {box.input_size:,}, its outputs {box.output_size:,}, "
            "and nothing is left for the tensor arena"
        )
    box.arena_size = end - box.arena


def _page(address: int) -> int:
    return -(-address // PAGE) * PAGE
