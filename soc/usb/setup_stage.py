"""The part of the program that answers requests on the control endpoint."""

from __future__ import annotations

from cfuforge.soc.usb.instructions import Assembler, Condition
from cfuforge.soc.usb.memory_map import LINE_CODING, ROOM_LEFT, Pid

__all__ = ["assemble_setup_stage"]


def assemble_setup_stage(a: Assembler, addresses: dict[str, int]) -> None:
    """Assemble the code at the labels ``setup`` and ``clamp``.

    The host's next token may come 2 bits after ``setup`` is entered (USB 2.0, 7.1.18), which leaves
    about 36 instructions. So a reply with data is completed when the bus is idle, at ``clamp``,
    which limits it to the length that the host wants; until then the answer is NAK. The answer is
    STALL until the request is recognised.
    """
    a.label("setup")
    a.load(0)
    a.store("expected")
    a.load("receive_room")
    a.subtract(ROOM_LEFT)
    a.jump_unless("idle", Condition.ZERO)  # not 8 bytes long
    a.load("setup_type")
    a.jump("in_request", Condition.NEGATIVE)

    _switch(
        a,
        "setup_request",
        {
            0x05: "set_address",
            0x09: "set_configuration",
            0x20: "set_line_coding",
            0x22: "set_control_line_state",
            0x01: "clear_feature",
        },
    )
    a.label("set_address")
    _require(a, "setup_type", 0x00)
    a.load("setup_value")
    a.store("next_address")
    a.label("accept")
    a.load(0)
    a.store("control_refusal")
    a.jump("idle")

    a.label("set_configuration")
    _require(a, "setup_type", 0x00)
    a.load("setup_value")
    a.mask(0xFE)
    a.jump_unless("idle", Condition.ZERO)
    a.load("setup_value")
    a.store("configuration")
    a.load(Pid.DATA0)
    a.store("in_pid")
    a.store("out_pid")
    a.jump("accept")

    a.label("set_line_coding")
    a.load(addresses["line"])
    a.store("control_into")
    a.label("set_control_line_state")
    _require(a, "setup_type", 0x21)
    a.jump("accept")

    a.label("clear_feature")  # endpoints never halt, but the toggle is reset
    _require(a, "setup_type", 0x02)
    _require(a, "setup_value", 0)
    a.load("setup_index")
    a.subtract(0x01)
    a.jump("clear_out", Condition.ZERO)
    a.subtract(0x80)
    a.jump_unless("accept", Condition.ZERO)
    a.load(Pid.DATA0)
    a.store("in_pid")
    a.jump("accept")
    a.label("clear_out")
    a.load(Pid.DATA0)
    a.store("out_pid")
    a.jump("accept")

    a.label("in_request")
    _switch(
        a,
        "setup_request",
        {
            0x06: "get_descriptor",
            0x08: "get_configuration",
            0x21: "get_line_coding",
            0x00: "get_status",
            0x0A: "get_interface",
        },
    )
    a.label("get_descriptor")
    _require(a, "setup_type", 0x80)
    _switch(a, "setup_value_high", {3: "string", 2: "configuration descriptor", 1: "device"})
    a.label("string")
    _switch(a, "setup_value", {0: "language", 1: "manufacturer", 2: "product"})
    for name in ("device", "configuration descriptor", "language", "manufacturer", "product"):
        a.label(name)
        _reply(a, addresses[name], addresses[f"{name} length"])

    a.label("get_status")
    a.load("setup_type")
    a.mask(0x7C)
    a.jump_unless("idle", Condition.ZERO)
    _reply(a, addresses["zero"], 2)

    a.label("get_interface")
    _require(a, "setup_type", 0x81)
    _reply(a, addresses["zero"], 1)

    a.label("get_configuration")
    _require(a, "setup_type", 0x80)
    _reply(a, addresses["configuration"], 1)

    a.label("get_line_coding")
    _require(a, "setup_type", 0xA1)
    a.load(1)
    a.store("control_page")
    a.load(addresses["line"] - 1)
    a.store("control_start")
    a.load(len(LINE_CODING))

    a.label("reply")  # the accumulator has its size; `clamp` may shorten it
    a.store("control_length")
    a.load(Pid.NAK)
    a.store("control_refusal")
    a.jump("idle")

    a.label("clamp")
    a.load("setup_length_high")
    a.jump_unless("reply_whole", Condition.ZERO)
    a.load("setup_length")
    a.jump("reply_whole", Condition.NEGATIVE)
    a.subtract("control_length")
    a.jump_unless("reply_whole", Condition.NEGATIVE)
    a.load("setup_length")
    a.store("control_length")
    a.label("reply_whole")
    a.jump("packet", Condition.ACTIVE)  # and do `clamp` again afterwards
    a.load(0)
    a.store("control_refusal")
    a.load("control_length")
    a.jump("control_part")


def _reply(a: Assembler, address: int, size: int) -> None:
    """Reply with `size` bytes of the memory from `address` on."""
    a.load(address - 1)
    a.store("control_start")
    a.load(size)
    a.jump("reply")


def _switch(a: Assembler, name: str, labels: dict[int, str]) -> None:
    """Jump to the label for the variable's value, or to `idle`."""
    a.load(name)
    before = 0
    for value, label in labels.items():
        if value != before:
            a.subtract(value - before)
        a.jump(label, Condition.ZERO)
        before = value
    a.jump("idle")


def _require(a: Assembler, name: str, value: int) -> None:
    """Jump to `idle` unless the variable has the value."""
    a.load(name)
    if value:
        a.subtract(value)
    a.jump_unless("idle", Condition.ZERO)
