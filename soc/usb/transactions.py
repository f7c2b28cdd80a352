"""The part of the program that handles transactions: tokens, data and handshakes.

Each kind of packet has a label, at which the program answers it::

    idle --> packet --+-- IN ----------> in ----------> send (data, NAK or STALL) --> idle
                      +-- OUT, SETUP --> out ---------------------------------------> idle
                      +-- DATA0, 1 ----> data --------> send (ACK, NAK or STALL) ---> idle or setup
                      +-- ACK ---------> acknowledged ------------------------------> idle
                      +-- others ------> forget ------------------------------------> idle

Two variables lead from one packet to the next: OUT and SETUP set `expected` for the data that
follow, and an answer to IN sets `sent` for the ACK that follows. Every token clears both. ``idle``
moves bytes between the buffers and the streams; ``listen``, before it, turns the bit engine round.
"""

from __future__ import annotations

from cfuforge.soc.usb.descriptors import BULK_SIZE
from cfuforge.soc.usb.instructions import Assembler, Condition, Mode, Wait
from cfuforge.soc.usb.memory_map import IN_SIZE, LINE_CODING, ROOM, ROOM_LEFT, Pid

__all__ = ["LISTEN", "assemble_transactions"]

LISTEN = Mode(0)
CHECK = Mode.CRC
PREPARE = Mode.TRANSMIT
TRANSMIT = Mode.TRANSMIT | Mode.DRIVE
TRANSMIT_DATA = TRANSMIT | Mode.CRC
TRANSMIT_CRC = TRANSMIT | Mode.CRC | Mode.EMIT
TRANSMIT_SE0 = TRANSMIT | Mode.SE0

SYNC = 0x80
EOP = 0xFC  # two zero bits, sent as SE0, then J
HANDSHAKE = 0x80  # value of `send_length` for a packet without data
FLIP = 0x0E  # DATA0 + DATA1 modulo 256, so that FLIP - PID is the other one
BULK, CONTROL = 1, 2  # values of `sent` and `send_as`
OUT_BULK = 0x80  # value of `expected` after a bulk token
CONTROL_SIZE = 64


def assemble_transactions(a: Assembler, addresses: dict[str, int]) -> None:
    """Assemble the code at the labels ``packet`` to ``control_part``.

    A byte takes 32 cycles on the wire, or 16 instructions: the code between two bytes of a packet
    must be shorter. An answer has to start 2 to 6.5 bits after the end of the packet that it
    answers (USB 2.0, 7.1.18), which leaves 9 instructions after that packet's last byte.
    """
    _packet(a)
    _in(a)
    _out(a, addresses)
    _data(a)
    _send(a, addresses)
    _acknowledged(a)


def _packet(a: Assembler) -> None:
    """Branch by the packet's PID; unexpected packets end at `forget`."""
    a.label("packet")
    a.receive(CHECK)
    a.jump_unless("forget", Condition.ACTIVE)
    a.store("pid")
    handlers = [
        (Pid.DATA0, "data"),
        (Pid.DATA1, "data"),
        (Pid.IN, "in"),
        (Pid.OUT, "out"),
        (Pid.SETUP, "out"),
        (Pid.ACK, "acknowledged"),
    ]
    before = 0
    for pid, label in handlers:
        a.subtract(pid - before)
        a.jump(label, Condition.ZERO)
        before = pid
    a.label("forget")
    a.load(0)
    a.store("sent")
    a.store("expected")
    a.label("ignore")
    a.jump("ignore", Condition.ACTIVE)
    a.jump("listen")


def _token(a: Assembler, name: str, *cleared: str) -> None:
    """Receive a token; continue here for the bulk endpoint, at ``NAME_control`` for control."""
    a.label(name)
    for each in ("sent", "expected", *cleared):
        a.store(each)
    a.receive(CHECK)
    a.jump_unless("listen", Condition.ACTIVE)
    a.subtract("address")
    a.jump(f"{name}_control", Condition.ZERO)
    a.subtract(0x80)
    a.jump_unless("ignore", Condition.ZERO)


def _in(a: Assembler) -> None:
    """Answer an IN token; the answer is prepared between the token's two bytes."""
    _token(a, "in", "send_start")
    a.load("in_count")
    a.jump("in_nothing", Condition.ZERO)
    a.store("send_length")
    a.load("in_pid")
    a.store("send_pid")
    a.load(0)
    a.store("in_room")  # a packet that is sent again must be the same
    a.load(BULK)
    a.store("send_page")  # BULK is also the page
    a.store("send_as")
    a.label("in_bulk_end")
    a.receive(CHECK)
    a.mask(7)
    a.jump_unless("ignore", Condition.ZERO)
    a.label("in_end")
    a.receive(CHECK)
    a.jump("ignore", Condition.ACTIVE)
    a.jump_unless("listen", Condition.CRC_OK)
    a.load(SYNC)
    a.mode(PREPARE)
    a.jump("send")

    a.label("in_nothing")
    a.load(Pid.NAK)
    a.store("send_pid")
    a.load(HANDSHAKE)
    a.store("send_length")
    a.jump("in_bulk_end")

    a.label("in_control")
    a.load("control_refusal")
    a.jump_unless("in_refused", Condition.ZERO)
    for name in ("length", "start", "pid", "page"):
        a.load(f"control_{name}")
        a.store(f"send_{name}")
    a.load(CONTROL)
    a.store("send_as")
    a.label("in_even_end")
    a.receive(CHECK)
    a.mask(7)
    a.jump("in_end", Condition.ZERO)
    a.subtract(1)
    a.jump_unless("ignore", Condition.ZERO)
    a.receive(CHECK)  # endpoint 2: there is never a notification
    a.jump("ignore", Condition.ACTIVE)
    a.jump_unless("listen", Condition.CRC_OK)
    a.load(SYNC)
    a.mode(PREPARE)
    a.store("send_length")  # SYNC is HANDSHAKE
    a.mode(TRANSMIT, Wait.BYTE)
    a.load(Pid.NAK)
    a.jump("send_acc")

    a.label("in_refused")
    a.store("send_pid")
    a.load(HANDSHAKE)
    a.store("send_length")
    a.jump("in_even_end")


def _out(a: Assembler, addresses: dict[str, int]) -> None:
    """Take an OUT or SETUP token: set where its data goes and how it is answered."""
    _token(a, "out")
    a.load(OUT_BULK)
    a.jump("out_end")
    a.label("out_control")
    a.load("pid")
    a.label("out_end")
    a.store("expected_next")
    a.receive(CHECK)
    a.mask(7)
    a.jump_unless("ignore", Condition.ZERO)
    a.receive(CHECK)
    a.jump("ignore", Condition.ACTIVE)
    a.jump_unless("listen", Condition.CRC_OK)
    a.load(Pid.ACK)
    a.store("send_pid")
    a.load("expected_next")
    a.store("expected")
    a.subtract(OUT_BULK)
    a.jump("out_bulk", Condition.ZERO)
    a.jump_unless("out_data", Condition.NEGATIVE)

    a.load("address")
    a.store("next_address")
    a.load(addresses["setup"])
    a.store("receive_start")
    a.store("control_into")
    a.load(8 + ROOM)
    a.store("receive_room")
    a.load(Pid.STALL)
    a.store("control_refusal")
    a.load(Pid.DATA1)
    a.store("control_pid")
    a.load(0)
    a.store("control_page")
    a.store("control_length")
    a.store("control_rest")
    a.jump("listen")

    a.label("out_data")
    a.load("control_into")
    a.store("receive_start")
    a.load(len(LINE_CODING) + ROOM)
    a.store("receive_room")
    a.load("control_refusal")
    a.jump("listen", Condition.ZERO)
    a.store("send_pid")
    a.jump("listen")

    a.label("out_bulk")
    a.load("out_count")
    a.jump_unless("out_busy", Condition.ZERO)
    a.load(addresses["out"])
    a.store("receive_start")
    a.load(BULK_SIZE + ROOM)
    a.store("receive_room")
    a.jump("listen")
    a.label("out_busy")
    a.load(Pid.NAK)
    a.store("send_pid")
    a.jump("listen")


def _data(a: Assembler) -> None:
    """Receive data; when there is no more room, the rest goes to the last place.

    Pointer and room are those for the next byte: after a packet of n bytes, including its CRC, they
    have moved on by n - 1. The packet's end is checked for before they move on: early enough for
    the answer to be in time, and late enough to see it after a stuffed bit or a hub's extra bit.
    """
    a.label("data")
    a.load("expected")
    a.jump("ignore", Condition.ZERO)
    a.load("send_pid")
    a.subtract(Pid.NAK)
    a.jump("data_refused", Condition.ZERO)
    a.load(1)
    a.point("receive_start")
    a.label("data_byte")
    a.receive(CHECK)
    a.jump_unless("data_ends_late", Condition.ACTIVE)
    a.store_indirect()
    a.load("receive_room")
    a.jump("data_is_full", Condition.ZERO)
    a.subtract(1)
    a.jump_unless("data_ends", Condition.ACTIVE)
    a.store("receive_room")
    a.load("receive_start")
    a.subtract(-1)
    a.store("receive_start")
    a.load(1)
    a.point("receive_start")
    a.jump("data_byte")
    a.label("data_is_full")
    a.load(0)  # to check for the end as late as above
    a.jump_unless("data_ends", Condition.ACTIVE)
    a.jump("data_byte")
    a.label("data_ends_late")
    a.load("receive_room")
    a.subtract(-1)
    a.store("receive_room")
    a.jump("data_ends")

    a.label("data_refused")  # meanwhile empty the buffer; check for the end often
    a.jump_unless("data_ends", Condition.ACTIVE)
    a.jump("data_refused", Condition.RX_BUSY)
    a.load("out_end")
    a.subtract("out_count")
    a.store("out_next")
    a.jump_unless("data_ends", Condition.ACTIVE)
    a.load("out_count")
    a.jump("data_refused", Condition.ZERO)
    a.load(1)
    a.jump_unless("data_ends", Condition.ACTIVE)
    a.point("out_next")
    a.load_indirect()
    a.jump_unless("data_ends", Condition.ACTIVE)
    a.put()
    a.load("out_count")
    a.subtract(1)
    a.store("out_count")
    a.jump_unless("data_ends", Condition.ACTIVE)
    a.jump("data_refused")

    a.label("data_ends")
    a.jump_unless("forget", Condition.CRC_OK)
    a.load(SYNC)
    a.mode(PREPARE)
    a.store("send_length")  # SYNC is HANDSHAKE


def _send(a: Assembler, addresses: dict[str, int]) -> None:
    """Send the prepared packet, then do what had to wait for it."""
    a.label("send")
    a.mode(TRANSMIT, Wait.BYTE)
    a.load("send_pid")
    a.label("send_acc")
    a.mode(TRANSMIT, Wait.BYTE)
    a.load("send_length")
    a.jump("send_end", Condition.NEGATIVE)
    a.label("send_byte")
    a.load("send_length")
    a.jump("send_crc", Condition.ZERO)
    a.subtract(1)
    a.store("send_length")
    a.load("send_start")
    a.subtract(-1)
    a.store("send_start")
    a.load("send_page")
    a.point("send_start")
    a.load_indirect()
    a.mode(TRANSMIT_DATA, Wait.BYTE)
    a.jump("send_byte")
    a.label("send_crc")
    a.mode(TRANSMIT_CRC, Wait.BYTE)
    a.mode(TRANSMIT_CRC, Wait.BYTE)
    a.label("send_end")
    a.load(EOP)
    a.mode(TRANSMIT_SE0, Wait.BYTE)
    a.mode(TRANSMIT_SE0, Wait.BIT)
    a.mode(TRANSMIT, Wait.BIT)
    a.mode(LISTEN, Wait.BIT)
    a.load("send_length")
    a.jump("handshake_is_sent", Condition.NEGATIVE)
    a.load("send_as")
    a.store("sent")
    a.jump("idle")

    a.label("handshake_is_sent")
    a.load("expected")
    a.jump("idle", Condition.ZERO)
    a.jump_unless("setup", Condition.NEGATIVE)
    a.subtract(OUT_BULK)
    a.jump_unless("forget", Condition.ZERO)
    a.store("expected")
    a.load("send_pid")
    a.subtract(Pid.ACK)
    a.jump_unless("idle", Condition.ZERO)
    a.load("pid")
    a.subtract("out_pid")
    a.jump_unless("idle", Condition.ZERO)  # sent again: the ACK was lost
    a.load(FLIP)
    a.subtract("out_pid")
    a.store("out_pid")
    a.load("receive_room")
    a.subtract(ROOM_LEFT)
    a.jump("idle", Condition.NEGATIVE)  # more than BULK_SIZE
    a.load(BULK_SIZE + ROOM_LEFT)
    a.subtract("receive_room")
    a.store("out_count")
    a.subtract(-addresses["out"])
    a.store("out_end")
    a.jump("idle")


def _acknowledged(a: Assembler) -> None:
    """Go on to the next data after the host's ACK."""
    a.label("acknowledged")
    a.receive(CHECK)
    a.jump("forget", Condition.ACTIVE)
    a.mode(LISTEN)
    a.load("sent")
    a.jump("idle", Condition.ZERO)
    a.subtract(BULK)
    a.jump_unless("control_is_acknowledged", Condition.ZERO)
    a.store("sent")
    a.store("in_count")
    a.load(IN_SIZE)
    a.store("in_room")
    a.load(FLIP)
    a.subtract("in_pid")
    a.store("in_pid")
    a.jump("idle")

    a.label("control_is_acknowledged")
    a.load(0)
    a.store("sent")
    a.load("next_address")  # differs only after the status stage of SET_ADDRESS
    a.store("address")
    a.load("send_start")
    a.store("control_start")
    a.load(FLIP)
    a.subtract("control_pid")
    a.store("control_pid")
    a.load("control_rest")

    a.label("control_part")  # prepare a packet; the accumulator has the bytes left
    a.subtract(CONTROL_SIZE)
    a.jump("control_last_part", Condition.NEGATIVE)
    a.store("control_rest")
    a.load(CONTROL_SIZE)
    a.store("control_length")
    a.jump("idle")
    a.label("control_last_part")
    a.subtract(-CONTROL_SIZE)
    a.store("control_length")
    a.load(0)
    a.store("control_rest")
    a.jump("idle")
