"""The USB serial device, with streams on one side and a full-speed port's pads on the other."""

from typing import Any

from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.soc.usb.bit_engine import BitEngine
from cfuforge.soc.usb.crossing import FromSystem, ToSystem
from cfuforge.soc.usb.instructions import Condition
from cfuforge.soc.usb.sequencer import Sequencer
from cfuforge.soc.usb.serial_program import serial_program

__all__ = ["UsbSerial"]


class UsbSerial(wiring.Component):
    """A full-speed USB device with one serial port (CDC-ACM).

    Parameters
    ----------
    vendor_id, product_id
        USB ids, 16 bits each.
    manufacturer, product
        Names that the host shows; together at most about 60 characters.

    Members
    -------
    rx : ``Out(stream.Signature(8))``
        Bytes from the host, in domain ``sync``. The host is made to wait until all bytes of the
        last packet are taken.
    tx : ``In(stream.Signature(8))``
        Bytes to the host, in domain ``sync``. They are sent at the host's next request, in one
        packet of up to 63 bytes. ``ready`` is low while 63 bytes wait or a packet has not been
        acknowledged: forever, if no host reads.
    usb_d_p_i, usb_d_n_i : ``In(1)``
        Levels of the pads; asynchronous.
    usb_d_p_o, usb_d_n_o, usb_d_oe : ``Out(1)``
        Levels to drive on both pads while `usb_d_oe` is high.
    usb_pullup : ``Out(1)``
        High from the first cycle after reset, to attach the 1.5 kOhm pull-up of D+.

    Timing
    ------
    Domain ``usb`` runs at 48 MHz; ``sync`` at any frequency, asynchronous to it.

    Raises
    ------
    InputError
        When an id or the strings are too large.

    References
    ----------
    Universal Serial Bus Specification 2.0; USB Class Definitions for Communication Devices 1.1.
    """

    def __init__(self, vendor_id: int, product_id: int, manufacturer: str, product: str) -> None:
        self._program, self._contents = serial_program(vendor_id, product_id, manufacturer, product)
        super().__init__(
            {
                "rx": Out(stream.Signature(8)),
                "tx": In(stream.Signature(8)),
                "usb_d_p_i": In(1),
                "usb_d_n_i": In(1),
                "usb_d_p_o": Out(1),
                "usb_d_n_o": Out(1),
                "usb_d_oe": Out(1),
                "usb_pullup": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Connect the bit engine, the sequencer and the clock domain crossings."""
        m = Module()
        m.submodules.bits = bits = BitEngine()
        m.submodules.sequencer = sequencer = Sequencer(self._program, self._contents)
        m.submodules.to_system = to_system = ToSystem()
        m.submodules.from_system = from_system = FromSystem()
        wiring.connect(m, to_system.output, wiring.flipped(self.rx))
        wiring.connect(m, wiring.flipped(self.tx), from_system.input)
        conditions = {
            Condition.ACTIVE: bits.active,
            Condition.SE0: bits.se0,
            Condition.CRC_OK: bits.crc_ok,
            Condition.OFFERED: from_system.offered,
            Condition.RX_BUSY: to_system.busy,
        }
        m.d.comb += [sequencer.conditions[k].eq(value) for k, value in conditions.items()]
        m.d.comb += [
            bits.d_p_i.eq(self.usb_d_p_i),
            bits.d_n_i.eq(self.usb_d_n_i),
            self.usb_d_p_o.eq(bits.d_p_o),
            self.usb_d_n_o.eq(bits.d_n_o),
            self.usb_d_oe.eq(bits.d_oe),
            bits.mode.eq(sequencer.mode),
            bits.mode_valid.eq(sequencer.mode_valid),
            bits.byte.eq(sequencer.accumulator),
            sequencer.shift.eq(bits.shift),
            sequencer.byte_done.eq(bits.byte_done),
            sequencer.bit_done.eq(bits.bit_done),
            sequencer.waiting_is_over.eq(bits.idle),
            sequencer.payload.eq(self.tx.payload),
            from_system.take.eq(sequencer.take),
            to_system.put.eq(sequencer.put),
            to_system.byte.eq(sequencer.accumulator),
        ]
        m.d.usb += self.usb_pullup.eq(1)
        return m
