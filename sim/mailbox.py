"""The mailbox between host and firmware: a mirror of sw/firmware/mailbox.h."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from enum import IntEnum

from cfuforge.sw.elf import Firmware

__all__ = [
    "MAGIC",
    "VERSION",
    "ArenaAllocator",
    "EvalTensor",
    "KernelMemory",
    "Layer",
    "Mailbox",
    "MicroContext",
    "ScratchRequest",
    "Status",
    "TextPiece",
    "read_mailbox",
]

MAGIC = 0x4D554643
VERSION = 2


class Status(IntEnum):
    """The firmware's state; ``enum mailbox_status``."""

    RUNNING = 0
    DONE = 1
    ERROR = 2
    TRAP = 3


class Layer(ctypes.LittleEndianStructure):
    """One executed operator; ``struct mailbox_layer``."""

    _fields_ = [(name, ctypes.c_uint32) for name in ("builtin", "cycles", "ran", "scratch_bytes")]


class EvalTensor(ctypes.LittleEndianStructure):
    """A tensor of the runtime on the SoC; ``TfLiteEvalTensor``."""

    _fields_ = [(name, ctypes.c_uint32) for name in ("data", "dims", "type")]


class ScratchRequest(ctypes.LittleEndianStructure):
    """Memory that an operator wants while it runs; ``tflite::ScratchRequest``."""

    _fields_ = [(name, ctypes.c_uint32) for name in ("next", "bytes", "node")]


class KernelMemory(ctypes.LittleEndianStructure):
    """Memory that an operator's kernel keeps; ``tflite::KernelMemory``."""

    _fields_ = [
        (name, ctypes.c_uint32)
        for name in ("persistent", "bytes", "table", "invoke", "prepared", "input")
    ]


class ArenaAllocator(ctypes.LittleEndianStructure):
    """``tflite::ArenaAllocator``."""

    _fields_ = [
        (f"{name}_", ctypes.c_uint32)
        for name in ("start", "size", "lost", "head", "temp", "tail", "peak")
    ]


class MicroContext(ctypes.LittleEndianStructure):
    """``tflite::MicroContext``."""

    _fields_ = [
        ("context_", ctypes.c_uint32 * 6),
        ("model_", ctypes.c_uint32),
        ("subgraph_", ctypes.c_uint32),
        ("arena_", ArenaAllocator),
        ("tensors_", ctypes.c_uint32),
        ("nodes_", ctypes.c_uint32),
        ("current_", ctypes.c_int32),
        ("reported_", ctypes.c_bool),
        ("loaded_", ctypes.c_bool),
        ("scratch_requests_", ctypes.c_uint32),
        ("scratch_count_", ctypes.c_uint32),
        ("scratch_buffers_", ctypes.c_uint32),
        ("kernel_memory_", ctypes.c_uint32),
        ("persistent_", ctypes.c_uint32),
        ("persistent_bytes_", ctypes.c_uint32),
        ("finish_", ctypes.c_uint32),
    ]


class TextPiece(ctypes.LittleEndianStructure):
    """A part of a message of the slim firmware; ``struct mailbox_piece``."""

    _fields_ = [
        ("format", ctypes.c_uint32),
        ("place", ctypes.c_uint32),
        ("arguments", ctypes.c_uint32 * 6),
    ]


class Mailbox(ctypes.LittleEndianStructure):
    """``struct mailbox``."""

    _fields_ = [
        (name, ctypes.c_uint32)
        for name in (
            *("magic", "version"),
            *("model", "model_size", "arena", "arena_size"),
            *("input", "input_size", "output", "output_size", "layers", "layer_limit"),
            "context",
            *("status", "message", "layer_count", "arena_used"),
            *("invoke_cycles_low", "invoke_cycles_high", "output_bytes"),
            *("trap_cause", "trap_pc", "trap_value"),
        )
    ]


def read_mailbox(read: Callable[[int, int], bytes], firmware: Firmware) -> Mailbox:
    """Return the mailbox of a running firmware.

    It is all zeros until a board that boots from flash has filled its memory.

    Parameters
    ----------
    read
        Called with an address and a size; returns those bytes of memory.
    """
    size = ctypes.sizeof(Mailbox)
    box = Mailbox.from_buffer_copy(read(firmware.symbols["mailbox"], size))
    return box if box.magic == MAGIC else Mailbox()
