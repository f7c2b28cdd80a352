"""`MemorySignature`: a CFU's own port into tensor memory."""

from __future__ import annotations

from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.base.errors import InputError

__all__ = ["WIDTHS", "MemorySignature", "check_width", "verilog_ports"]

WIDTHS = (4, 8, 16)  # bytes


class MemorySignature(wiring.Signature):
    """A port into tensor memory, as the CFU sees it.

    Parameters
    ----------
    width
        Bytes that a request reads or writes: 4, 8 or 16.

    Members
    -------
    request : ``Out(stream)``
        ``address``, in bytes, whose low bits below `width` are ignored; ``write``; ``strobe``, a
        bit for each byte that is to be written; ``data``, to be written, the byte at the lowest
        address in the low bits.
    response : ``In(stream)``
        The data of each read, in the order of the requests, which the CFU must always take. A write
        is not answered; a later read sees what it has written.

    Timing
    ------
    A response comes one cycle after its request or later. Any number of requests may be under way.

    Raises
    ------
    InputError
        When there is no port of that width.
    """

    def __init__(self, width: int) -> None:
        check_width(width, "the width of a memory port")
        request = data.StructLayout({"address": 32, "write": 1, "strobe": width, "data": 8 * width})
        super().__init__(
            {
                "request": Out(stream.Signature(request)),
                "response": In(stream.Signature(8 * width, always_ready=True)),
            }
        )


def check_width(width: int, what: str) -> None:
    """Raise unless a port can have that width."""
    if isinstance(width, bool) or width not in WIDTHS:
        raise InputError(f"{what} must be 4, 8 or 16 bytes, not {width!r}")


def verilog_ports(width: int) -> dict[str, int]:
    """Return module ``Cfu``'s own for a memory port of `width` bytes, if not 0: bits by name."""
    if not width:
        return {}
    return {
        "memory_request_valid": 1,
        "memory_request_ready": 1,
        "memory_request_address": 32,
        "memory_request_write": 1,
        "memory_request_strobe": width,
        "memory_request_data": 8 * width,
        "memory_response_valid": 1,
        "memory_response_data": 8 * width,
    }
