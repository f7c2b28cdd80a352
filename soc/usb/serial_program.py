"""The sequencer's program: the USB protocol of a serial device."""

from __future__ import annotations

from cfuforge.soc.usb.instructions import Assembler, Condition
from cfuforge.soc.usb.memory_map import IN_SIZE, Pid, lay_out_memory
from cfuforge.soc.usb.setup_stage import assemble_setup_stage
from cfuforge.soc.usb.transactions import LISTEN, assemble_transactions

__all__ = ["serial_program"]

RESET_POLLS = 48  # of 6 cycles: 6 us of SE0 are a reset (USB 2.0, 7.1.7.5: 2.5 us to 10 ms)


def serial_program(
    vendor_id: int, product_id: int, manufacturer: str, product: str
) -> tuple[list[int], list[int]]:
    """Return the program and the contents of the data memory.

    Raises
    ------
    InputError
        When the strings are too long for the data memory.
    """
    a = Assembler()
    addresses = lay_out_memory(a, vendor_id, product_id, manufacturer, product)
    _idle(a)
    assemble_transactions(a, addresses)
    assemble_setup_stage(a, addresses)
    return a.program(), a.contents()


def _idle(a: Assembler) -> None:
    """Handle resets and, between packets, move one byte at a time to or from a stream."""
    a.load(0)
    a.store("in_count")
    a.store("out_count")
    a.label("reset")
    a.load(0)
    for name in ("address", "next_address", "configuration", "expected", "sent"):
        a.store(name)
    a.load(Pid.DATA0)
    a.store("in_pid")
    a.store("out_pid")
    a.store("control_refusal")
    a.load(IN_SIZE)
    a.subtract("in_count")
    a.store("in_room")
    a.label("reset_goes_on")
    a.jump("reset_goes_on", Condition.SE0)
    a.label("listen")
    a.mode(LISTEN)

    a.label("idle")
    a.jump("packet", Condition.ACTIVE)
    a.jump("line_is_low", Condition.SE0)
    a.load("control_refusal")
    a.subtract(Pid.NAK)
    a.jump("clamp", Condition.ZERO)
    a.jump_unless("to_rx", Condition.OFFERED)
    a.load("in_room")  # 0 also while a packet waits for its ACK
    a.jump("to_rx", Condition.ZERO)
    a.jump("packet", Condition.ACTIVE)
    a.subtract(1)
    a.store("in_room")
    a.load("in_count")
    a.subtract(-1)
    a.store("in_count")
    a.load(1)
    a.point("in_count")
    a.take()
    a.store_indirect()
    a.jump("idle")

    a.label("to_rx")
    a.jump("idle", Condition.RX_BUSY)
    a.load("out_count")
    a.jump("idle", Condition.ZERO)
    a.jump("packet", Condition.ACTIVE)
    a.load("out_end")
    a.subtract("out_count")
    a.store("out_next")
    a.load("out_count")
    a.subtract(1)
    a.store("out_count")
    a.load(1)
    a.point("out_next")
    a.load_indirect()
    a.put()
    a.jump("idle")

    a.label("line_is_low")
    a.load(RESET_POLLS)
    a.label("line_is_still_low")
    a.jump_unless("idle", Condition.SE0)
    a.subtract(1)
    a.jump_unless("line_is_still_low", Condition.ZERO)
    a.jump("reset")
