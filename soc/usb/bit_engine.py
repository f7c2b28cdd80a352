"""The bit level of a full-speed USB device: clock recovery, NRZI, bit stuffing, CRCs, pads."""

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

from cfuforge.soc.usb.instructions import Mode

__all__ = ["MODE", "BitEngine"]

_CRC16_RESIDUE = 0x800D  # USB 2.0, 8.3.5.2
_CRC5_RESIDUE = 0b01100  # USB 2.0, 8.3.5.1


MODE = data.StructLayout({str(flag.name).lower(): 1 for flag in Mode})


class BitEngine(wiring.Component):
    """Convert the two lines of a full-speed USB port to bytes, and bytes to the lines' levels.

    One shift register, one bit-stuffing counter and one CRC register serve both directions. The
    CRC5 of tokens is in the low bits of the CRC16 register, since both polynomials have the same
    taps below bit 5.

    Members
    -------
    d_p_i, d_n_i : ``In(1)``
        The lines, asynchronous.
    d_p_o, d_n_o, d_oe : ``Out(1)``
        The lines' levels and output enable, registered.
    mode : ``In(MODE)``, mode_valid : ``In(1)``
        The mode from the next cycle on. Setting a mode also clears `byte_done` and `bit_done`. When
        `crc` rises, `shift` must hold the PID, which decides whether the CRC is a token's.
    byte : ``In(8)``
        The next byte to send. It is taken at the end of the byte before it, which raises
        `byte_done`, or within one bit time after `transmit` rises.
    shift : ``Out(8)``
        The received byte, valid when `byte_done` rises and for two more cycles.
    byte_done, bit_done : ``Out(1)``
        A byte, or a bit that is not a stuffed one, has ended.
    active : ``Out(1)``
        A packet is being received: from the end of SYNC to the start of EOP.
    idle : ``Out(1)``
        No packet is being received, and the mode is not a transmitting one.
    se0 : ``Out(1)``
        Both lines were low in the last bit.
    crc_ok : ``Out(1)``
        The CRC over the data received since `crc` rose is correct.

    Timing
    ------
    Domain ``usb`` runs at 48 MHz, four cycles per bit. The receiver tolerates a bit clock that is
    off by 0.5 % and edges that are off by one cycle. Bit-stuffing errors show as wrong CRCs.

    References
    ----------
    Universal Serial Bus Specification 2.0, 7.1 (signalling) and 8.3.5 (CRCs).
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "d_p_i": In(1),
                "d_n_i": In(1),
                "d_p_o": Out(1),
                "d_n_o": Out(1),
                "d_oe": Out(1),
                "mode": In(MODE),
                "mode_valid": In(1),
                "byte": In(8),
                "shift": Out(8),
                "byte_done": Out(1),
                "bit_done": Out(1),
                "active": Out(1),
                "idle": Out(1),
                "se0": Out(1),
                "crc_ok": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the sampler and the logic for bits, bytes, the CRC and the pads."""
        m = Module()
        mode = Signal(MODE)
        with m.If(self.mode_valid):
            m.d.usb += mode.eq(self.mode)

        d_p, d_n, d_p_before = Signal(), Signal(), Signal()
        m.submodules += FFSynchronizer(self.d_p_i, d_p, o_domain="usb")
        m.submodules += FFSynchronizer(self.d_n_i, d_n, o_domain="usb")
        m.d.usb += d_p_before.eq(d_p)
        edge, phase, strobe = Signal(), Signal(2), Signal()
        m.d.comb += edge.eq((d_p ^ d_p_before) & ~mode.transmit)
        m.d.usb += [phase.eq(Mux(edge, 0, phase + 1)), strobe.eq((phase == 1) & ~edge)]

        # The line is sampled in the cycle before the strobe, two cycles after an edge: mid-bit.
        level, received, zeros, line_is_zero = Signal(), Signal(), Signal(), Signal()
        # SE0 counts as ones, so that zeros before and after it do not add up to a SYNC.
        m.d.comb += line_is_zero.eq(~d_p & ~d_n)
        m.d.usb += [received.eq((d_p == level) | line_is_zero), zeros.eq(line_is_zero)]
        ones, bit, stuffed, advance, crc = Signal(3), Signal(), Signal(), Signal(), Signal(16)
        m.d.comb += [
            bit.eq(Mux(mode.drive, Mux(mode.emit, ~crc[15], self.shift[0]), received)),
            stuffed.eq(ones[2] & ones[1] & (mode.drive | ~received)),
            advance.eq(strobe & ~stuffed),
        ]
        with m.If(mode.transmit & ~mode.drive):
            m.d.usb += ones.eq(0)
        with m.Elif(strobe):
            m.d.usb += ones.eq(Mux(bit & ~stuffed, ones + 1, 0))

        sync, count, last = Signal(), Signal(3), Signal()
        m.d.comb += [
            self.idle.eq(~mode.transmit & ~self.active),
            sync.eq(self.idle & strobe & received & ~zeros & (self.shift[3:] == 0)),
            last.eq(advance & ~self.idle & (count == 7)),
        ]
        with m.If(self.idle & ~sync):
            m.d.usb += count.eq(7)
        with m.Elif(advance):
            m.d.usb += count.eq(count + 1)
        with m.If(advance):
            with m.If(last & mode.transmit):
                m.d.usb += self.shift.eq(self.byte)
            with m.Else():
                m.d.usb += self.shift.eq(Cat(self.shift[1:], bit))
        with m.If(sync):
            m.d.usb += self.active.eq(1)
        with m.Elif(strobe & zeros):
            m.d.usb += self.active.eq(0)
        with m.If(strobe):
            m.d.usb += self.se0.eq(zeros)
        m.d.usb += [
            self.byte_done.eq(last | (self.byte_done & ~self.mode_valid & ~self.idle)),
            self.bit_done.eq(advance | (self.bit_done & ~self.mode_valid)),
        ]

        is_token, feedback = Signal(), Signal()
        with m.If(self.mode_valid & ~mode.crc):
            m.d.usb += is_token.eq(~mode.transmit & ~self.shift[1])
        m.d.comb += feedback.eq((bit ^ Mux(is_token, crc[4], crc[15])) & ~mode.emit)
        with m.If(count == 0):  # at the end of a byte: a hub may leave an extra bit before EOP
            m.d.usb += self.crc_ok.eq(
                Mux(is_token, crc[:5] == _CRC5_RESIDUE, crc == _CRC16_RESIDUE)
            )
        with m.If(~mode.crc):
            m.d.usb += crc.eq(~0)
        with m.Elif(advance & ~self.idle):
            taps = Cat(feedback if i in (0, 2, 15) else 0 for i in range(16))
            m.d.usb += crc.eq(Cat(0, crc[:15]) ^ taps)

        send_se0, next_level = Signal(), Signal()
        m.d.comb += [
            send_se0.eq(mode.se0 & ~stuffed),
            next_level.eq(send_se0 | (level ^ (~bit | stuffed))),
        ]
        with m.If(strobe):
            m.d.usb += [
                level.eq(next_level),
                self.d_p_o.eq(next_level & ~send_se0),
                self.d_n_o.eq(~next_level & ~send_se0),
                self.d_oe.eq(mode.drive),
            ]
        return m
