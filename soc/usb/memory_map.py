"""The layout of the sequencer's data memory."""

from __future__ import annotations

from enum import IntEnum

from cfuforge.soc.usb.descriptors import (
    BULK_SIZE,
    configuration_descriptor,
    device_descriptor,
    string_descriptor,
)
from cfuforge.soc.usb.instructions import Assembler

__all__ = ["IN_SIZE", "LINE_CODING", "ROOM", "ROOM_LEFT", "Pid", "lay_out_memory"]

IN_SIZE = BULK_SIZE - 1  # a short packet ends its transfer, so no empty packets are needed
LINE_CODING = bytes.fromhex("00c20100 00 00 08")  # 115200 baud, 1 stop bit, no parity, 8 bits

ROOM = 3  # bytes for a packet's CRC, plus one that only a packet that is too long reaches
ROOM_LEFT = 2  # room that is left after a full packet, whose last byte is not counted


class Pid(IntEnum):
    """The packet identifiers, with their check bits (USB 2.0, table 8-1)."""

    OUT = 0xE1
    IN = 0x69
    SETUP = 0x2D
    DATA0 = 0xC3
    DATA1 = 0x4B
    ACK = 0xD2
    NAK = 0x5A
    STALL = 0x1E


_VARIABLES = (
    "address",  # the device's
    "next_address",  # ... after the status stage of SET_ADDRESS
    "in_room",  # free bytes of `in_buffer`; 0 while its packet may be sent again
    "in_count",  # bytes in `in_buffer`
    "in_pid",  # DATA0 or DATA1, of the next bulk packet to the host
    "out_count",  # bytes of `out_buffer` that are still to be passed on
    "out_end",  # address after the last of them
    "out_next",  # address of the first of them
    "out_pid",  # DATA0 or DATA1, of the next bulk packet from the host
    "control_pid",  # DATA0 or DATA1, of the next control packet to the host
    "control_start",  # address before its data
    "control_page",  # page of its data
    "control_length",  # size of its data; before `clamp`, of the whole reply
    "control_rest",  # bytes of the reply after it
    "control_refusal",  # answer to control tokens: STALL or NAK; 0 to accept them
    "control_into",  # address for data from the host
    "send_pid",  # of the answer
    "send_length",  # bytes of its data that are still to be sent, or HANDSHAKE
    "send_start",  # address before the next of them
    "send_page",  # page of the data
    "send_as",  # value for `sent` after the answer: BULK or CONTROL
    "sent",  # kind of data that waits for the host's ACK: BULK, CONTROL or 0
    "pid",  # of the packet that is being received
    "expected",  # data that may come next: OUT_BULK; the token's PID for control; 0 for none
    "expected_next",  # ... once the token's CRC is checked
    "receive_start",  # address for the next byte of data from the host
    "receive_room",  # bytes that still fit there
)


def lay_out_memory(
    a: Assembler, vendor_id: int, product_id: int, manufacturer: str, product: str
) -> dict[str, int]:
    """Lay out the data memory; return the addresses of buffers and descriptors, and the lengths."""
    addresses = {"in": a.reserve("in_buffer", 1 + IN_SIZE, page=1)}  # at 0: see `in_count`
    addresses["out"] = a.reserve("out_buffer", BULK_SIZE + ROOM + 1, page=1)
    addresses["setup"] = a.reserve("setup_buffer", 8 + ROOM + 1, page=1)
    addresses["line"] = a.allocate("line_coding", LINE_CODING + bytes(ROOM + 1), page=1)
    contents = {
        "zero": bytes(2),
        "configuration": bytes(1),
        "device": device_descriptor(vendor_id, product_id),
        "configuration descriptor": configuration_descriptor(),
        "language": bytes([4, 3, 0x09, 0x04]),
        "manufacturer": string_descriptor(manufacturer),
        "product": string_descriptor(product),
    }
    for name, part in contents.items():
        addresses[name] = a.allocate(name, part, page=0)
        addresses[f"{name} length"] = len(part)
    for k, name in enumerate(("type", "request", "value", "value_high", "index")):
        a.alias(f"setup_{name}", "setup_buffer", k)
    a.alias("setup_length", "setup_buffer", 6)
    a.alias("setup_length_high", "setup_buffer", 7)
    for name in _VARIABLES:
        a.reserve(name, page=1)
    return addresses
