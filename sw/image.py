"""A model as the device's firmware finds it in memory: firmware/device/image.h, mirrored."""

from __future__ import annotations

import struct
import zlib

__all__ = ["HEADER_BYTES", "model_image", "model_place"]

HEADER_BYTES = 32
_MAGIC = 0x4C444D43
_PAGE = 4096
_LEAST_PAGED = 256 * _PAGE  # a smaller room has no memory to spare for alignment


def model_image(model: bytes) -> bytes:
    """Return a model with its header before it; it belongs on a multiple of 32."""
    header = struct.pack("<3I", _MAGIC, len(model), zlib.crc32(model))
    return header.ljust(HEADER_BYTES, b"\0") + model


def model_place(begin: int, end: int) -> int:
    """Return where the image of a model lies in the room that the firmware has for it.

    Parameters
    ----------
    begin, end
        Addresses of the room, the firmware's ``device_model_room``.
    """
    alignment = _PAGE if end - begin >= _LEAST_PAGED else HEADER_BYTES
    return -(-(begin + HEADER_BYTES) // alignment) * alignment - HEADER_BYTES
