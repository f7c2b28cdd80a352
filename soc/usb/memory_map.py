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


_VARIABLES = """
address next_address in_room in_count in_pid out_count out_end out_next out_pid
control_pid control_start control_page control_length control_rest control_refusal control_into
send_pid send_length send_start send_page send_as sent
pid expected expected_next receive_start receive_room
"""


def lay_out_memory(
    a: Assembler, vendor_id: int, product_id: int, manufacturer: str, product: str
) -> dict[str, int]:
    """Lay out the data memory; return each buffer's value for the pointer."""
    places = {"in": a.reserve("in_buffer", 1 + IN_SIZE, page=1)}  # at 0: `in_count` points into it
    places["out"] = a.reserve("out_buffer", BULK_SIZE + ROOM + 1, page=1)
    places["setup"] = a.reserve("setup_buffer", 8 + ROOM + 1, page=1)
    places["line"] = a.place("line_coding", LINE_CODING + bytes(ROOM + 1), page=1)
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
        places[name] = a.place(name, part, page=0)
        places[f"{name} length"] = len(part)
    for k, name in enumerate(("type", "request", "value", "value_high", "index")):
        a.alias(f"setup_{name}", "setup_buffer", k)
    a.alias("setup_length", "setup_buffer", 6)
    a.alias("setup_length_high", "setup_buffer", 7)
    for name in _VARIABLES.split():
        a.reserve(name, page=1)
    return places
