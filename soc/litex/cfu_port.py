"""A CFU's memory port in LiteX, and what serves it where one RAM is all that it reaches."""

from __future__ import annotations

from typing import Any

from litex.gen import LiteXModule
from litex.soc.interconnect import wishbone
from migen import Replicate, Signal, log2_int

from cfuforge.soc.litex.shared_ram import SharedRam

__all__ = ["CfuPort", "RamPort"]


class CfuPort:
    """The signals of a CFU's memory port, as `cfuforge.cfu.memory_port` describes them.

    Parameters
    ----------
    width
        Its width in bytes.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self.valid, self.ready, self.write = Signal(), Signal(), Signal()
        self.address, self.strobe, self.data = Signal(32), Signal(width), Signal(8 * width)
        self.answers, self.answer = Signal(), Signal(8 * width)

    def arguments(self) -> dict[str, Any]:
        """Return the port as arguments of the ``Instance`` of module ``Cfu``."""
        return {
            "o_memory_request_valid": self.valid,
            "i_memory_request_ready": self.ready,
            "o_memory_request_address": self.address,
            "o_memory_request_write": self.write,
            "o_memory_request_strobe": self.strobe,
            "o_memory_request_data": self.data,
            "i_memory_response_valid": self.answers,
            "i_memory_response_data": self.answer,
        }


class RamPort(LiteXModule):
    """Serve a CFU's port from the second side of one RAM.

    Parameters
    ----------
    port
        The port.
    ram
        The RAM.
    stores
        The Wishbone by which the CPU writes. While it does, the CFU's port waits, so that a store
        that the CPU has executed, but not yet written because it fetches code, is not overtaken by
        a CFU instruction behind it.

    Timing
    ------
    A request is taken every cycle in which the CPU does not write, and a read is answered in the
    next. What is outside of the memory reads as any value and is not written.
    """

    def __init__(self, port: CfuPort, ram: SharedRam, stores: wishbone.Interface) -> None:
        takes, is_inside = Signal(), Signal()
        offset, second = Signal(32), ram.second
        self.comb += [
            port.ready.eq(~(stores.cyc & stores.stb & stores.we)),
            takes.eq(port.valid & port.ready),
            offset.eq(port.address - ram.origin),
            is_inside.eq(offset < ram.size),
            second.adr.eq(offset[log2_int(port.width) :]),
            second.we.eq(Replicate(takes & port.write & is_inside, port.width) & port.strobe),
            second.dat_w.eq(port.data),
            port.answer.eq(second.dat_r),
        ]
        self.sync += port.answers.eq(takes & ~port.write)
