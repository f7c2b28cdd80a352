"""Pass bytes between the USB clock and the system clock."""

from typing import Any

from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

__all__ = ["FromSystem", "ToSystem"]


class ToSystem(wiring.Component):
    """Pass bytes from domain ``usb`` to domain ``sync``.

    Members
    -------
    put : ``In(1)``, byte : ``In(8)``
        Put in a byte, in domain ``usb``; not allowed while `busy`.
    busy : ``Out(1)``
        A byte is being passed.
    output : ``Out(stream.Signature(8))``
        The bytes, in domain ``sync``.

    Timing
    ------
    A byte is offered two to three cycles of ``sync`` after `put`; `busy` falls about four cycles of
    each domain after its transfer.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "put": In(1),
                "byte": In(8),
                "busy": Out(1),
                "output": Out(stream.Signature(8)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the register and a four-phase handshake."""
        m = Module()
        full, full_in_sync = Signal(), Signal()
        done, done_in_usb = Signal(), Signal()
        m.submodules += FFSynchronizer(full, full_in_sync, o_domain="sync")
        m.submodules += FFSynchronizer(done, done_in_usb, o_domain="usb")
        with m.If(self.put):
            m.d.usb += [self.output.payload.eq(self.byte), full.eq(1)]
        with m.Elif(done_in_usb):
            m.d.usb += full.eq(0)
        m.d.comb += [
            self.busy.eq(full | done_in_usb),
            self.output.valid.eq(full_in_sync & ~done),
        ]
        m.d.sync += done.eq(full_in_sync & (done | self.output.ready))
        return m


class FromSystem(wiring.Component):
    """Pass bytes from domain ``sync`` to domain ``usb``.

    Members
    -------
    input : ``In(stream.Signature(8))``
        The bytes, in domain ``sync``.
    offered : ``Out(1)``
        ``input.payload`` holds a byte that was not taken yet; in domain ``usb``.
    take : ``In(1)``
        The byte is read in this cycle.

    Timing
    ------
    As `ToSystem`.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "input": In(stream.Signature(8)),
                "offered": Out(1),
                "take": In(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build a four-phase handshake; the stream itself holds the payload."""
        m = Module()
        request, request_in_usb = Signal(), Signal()
        taken, taken_in_sync = Signal(), Signal()
        m.submodules += FFSynchronizer(request, request_in_usb, o_domain="usb")
        m.submodules += FFSynchronizer(taken, taken_in_sync, o_domain="sync")
        m.d.comb += [
            self.input.ready.eq(request & taken_in_sync),
            self.offered.eq(request_in_usb & ~taken),
        ]
        m.d.sync += request.eq(self.input.valid & ~taken_in_sync)
        m.d.usb += taken.eq(request_in_usb & (taken | self.take))
        return m
