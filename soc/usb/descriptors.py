"""The descriptors of the USB serial device."""

from __future__ import annotations

from itertools import chain
from struct import pack

from cfuforge.base.errors import InputError

__all__ = [
    "BULK_ENDPOINT",
    "BULK_SIZE",
    "NOTIFICATION_ENDPOINT",
    "STRING_SIZE",
    "configuration_descriptor",
    "device_descriptor",
    "string_descriptor",
]

BULK_ENDPOINT = 1
BULK_SIZE = 64
NOTIFICATION_ENDPOINT = 2
STRING_SIZE = 62  # the sequencer needs descriptor lengths below 128
_DEVICE, _CONFIGURATION, _STRING, _INTERFACE, _ENDPOINT, _CS_INTERFACE = 1, 2, 3, 4, 5, 0x24
_IN = 0x80
_BULK, _INTERRUPT = 2, 3
_COMMUNICATIONS, _ABSTRACT_CONTROL, _CDC_DATA = 2, 2, 10  # CDC 1.1, tables 15, 16, 18


def device_descriptor(vendor_id: int, product_id: int) -> bytes:
    """Return the device descriptor: class CDC, 64-byte control packets, strings 1 and 2.

    Raises
    ------
    InputError
        When an id does not fit in 16 bits.
    """
    for name, number in (("vendor_id", vendor_id), ("product_id", product_id)):
        if not 0 <= number <= 0xFFFF:
            raise InputError(f"USB {name} must be 0 to 0xffff, not {number}")
    ids = pack("<HHH", vendor_id, product_id, 0x0100)
    head = pack("<BBHBBBB", 18, _DEVICE, 0x0200, _COMMUNICATIONS, 0, 0, 64)
    return head + ids + bytes([1, 2, 0, 1])


def configuration_descriptor() -> bytes:
    """Return the only configuration, with communications interface 0 and data interface 1.

    References
    ----------
    USB Class Definitions for Communication Devices 1.1, 5.2.3 (functional descriptors).
    """
    parts = [
        [9, _INTERFACE, 0, 0, 1, _COMMUNICATIONS, _ABSTRACT_CONTROL, 0, 0],
        [5, _CS_INTERFACE, 0, 0x10, 0x01],  # header: CDC 1.1
        [5, _CS_INTERFACE, 1, 0, 1],  # call management: none
        [4, _CS_INTERFACE, 2, 0x02],  # line coding and control line state
        [5, _CS_INTERFACE, 6, 0, 1],  # union of interfaces 0 and 1
        _endpoint(_IN | NOTIFICATION_ENDPOINT, _INTERRUPT, 8, interval=255),
        [9, _INTERFACE, 1, 0, 2, _CDC_DATA, 0, 0, 0],
        _endpoint(BULK_ENDPOINT, _BULK, BULK_SIZE),
        _endpoint(_IN | BULK_ENDPOINT, _BULK, BULK_SIZE),
    ]
    body = bytes(chain.from_iterable(parts))
    # two interfaces, configuration value 1, bus-powered, 100 mA
    return pack("<BBHBBBBB", 9, _CONFIGURATION, 9 + len(body), 2, 1, 0, 0x80, 50) + body


def string_descriptor(text: str) -> bytes:
    """Return a string descriptor.

    Raises
    ------
    InputError
        When the text has more than `STRING_SIZE` UTF-16 units.
    """
    encoded = text.encode("utf-16-le")
    if len(encoded) > 2 * STRING_SIZE:
        raise InputError(f"a USB string must have at most {STRING_SIZE} characters, not {text!r}")
    return bytes([2 + len(encoded), _STRING]) + encoded


def _endpoint(address: int, kind: int, size: int, interval: int = 0) -> list[int]:
    return [7, _ENDPOINT, address, kind, size, 0, interval]
