"""DFU files for a USB bootloader."""

from __future__ import annotations

import struct
import zlib

from cfuforge.base.errors import InputError

__all__ = ["image_in_flash", "with_dfu_suffix"]


def image_in_flash(bitstream: bytes, behind: bytes, distance: int) -> bytes:
    """Return the flash contents: the bitstream and, at offset `distance`, `behind`.

    Raises
    ------
    InputError
        When the bitstream is longer than `distance`.
    """
    if len(bitstream) > distance:
        raise InputError(
            f"the bitstream has {len(bitstream):,} bytes, and the program in the flash begins "
            f"{distance:,} bytes after its start: give the board's flash a larger boot_offset"
        )
    return bitstream.ljust(distance, b"\xff") + behind


def with_dfu_suffix(data: bytes, vendor: int, product: int, release: int = 0xFFFF) -> bytes:
    """Return `data` with the suffix that tells a host which device it is for.

    Parameters
    ----------
    data
        The bytes to write to the device.
    vendor, product
        USB ids of the bootloader, 16 bits each.
    release
        ``bcdDevice``; 0xFFFF for any.

    References
    ----------
    USB Device Firmware Upgrade Specification 1.1, appendix B: release, product, vendor, bcdDFU
    0x0100, "UFD", the suffix's length (16), and the complement of the CRC-32 of all before it.
    """
    image = data + struct.pack("<4H3sB", release, product, vendor, 0x0100, b"UFD", 16)
    return image + struct.pack("<I", zlib.crc32(image) ^ 0xFFFFFFFF)
