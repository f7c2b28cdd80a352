"""The image of a model that the device's firmware looks for: mirrors firmware/device/image.h."""

from __future__ import annotations

import struct
import zlib

__all__ = ["HEADER_BYTES", "model_address", "model_image"]

HEADER_BYTES = 32
_MAGIC = 0x4C444D43
_PAGE = 4096
_LEAST_PAGED = 256 * _PAGE  # bytes; below that, alignment to pages wastes too much


def model_image(model: bytes) -> bytes:
    """Return a model behind its header, to be placed at a multiple of 32 bytes."""
    header = struct.pack("<3I", _MAGIC, len(model), zlib.crc32(model))
    return header.ljust(HEADER_BYTES, b"\0") + model


def model_address(begin: int, end: int) -> int:
    """Return the address of a model's image in the memory that the firmware has for it.

    Parameters
    ----------
    begin, end
        Addresses of that memory: the firmware's ``device_model_room``.
    """
    alignment = _PAGE if end - begin >= _LEAST_PAGED else HEADER_BYTES
    return -(-(begin + HEADER_BYTES) // alignment) * alignment - HEADER_BYTES
