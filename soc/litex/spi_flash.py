"""The board's SPI flash: the reader in LiteX, and a chip for simulation."""

from __future__ import annotations

from pathlib import Path

from litex.gen import LiteXModule
from litex.soc.interconnect import wishbone
from litex.soc.interconnect.csr import CSRField, CSRStatus, CSRStorage
from migen import Array, Case, Cat, ClockSignal, If, Instance, Memory, Mux, ResetSignal, Signal

from cfuforge.base.cache import write_once
from cfuforge.cfu.verilog import component_to_verilog
from cfuforge.soc.board import Flash
from cfuforge.soc.flash_reader import FAST_READ, QUAD_READ, FlashReader

__all__ = ["FlashPins", "SimulatedFlash", "SpiFlash", "reader_verilog"]


def reader_verilog(flash: Flash) -> Path:
    """Return the Verilog file of module ``FlashReader`` for a chip."""
    text = component_to_verilog(FlashReader((flash.size - 1).bit_length()), "FlashReader")
    return write_once("flash", "FlashReader.v", text)


class FlashPins:
    """The signals between reader and chip, in one cycle of the SoC's clock."""

    def __init__(self) -> None:
        self.cs_n = Signal(reset=1)
        self.clock = Signal()  # the chip's clock, low and then high, in this cycle
        self.d_o, self.d_oe, self.d_i = Signal(4), Signal(4), Signal(4)


class SpiFlash(LiteXModule):
    """`FlashReader` on the bus, and a register for a program's other commands to the chip.

    Members
    -------
    bus
        Wishbone.
    pins : FlashPins
        The chip's pins.
    """

    def __init__(self, flash: Flash) -> None:
        self.bus = bus = wishbone.Interface(data_width=32, address_width=32, addressing="word")
        self.pins = pins = FlashPins()
        self.control = CSRStorage(
            fields=[
                CSRField("quad", description="Read on four lines."),
                CSRField("manual", description="The pins obey this register."),
                CSRField("select", description="Select the chip."),
                CSRField("output", description="The bit that a clock sends to the chip."),
            ],
            description="In manual mode each write while the chip is selected is one clock.",
        )
        self.input = CSRStatus(description="The bit that came with the last clock.")
        fields = self.control.fields
        reader, written = FlashPins(), Signal()
        self.sync += [
            written.eq(self.control.re & fields.manual & fields.select),
            If(written, self.input.status.eq(pins.d_i[1])),
        ]
        self.comb += [
            reader.d_i.eq(pins.d_i),
            If(
                fields.manual,
                pins.cs_n.eq(~fields.select),
                pins.clock.eq(written),
                pins.d_o.eq(Cat(fields.output, 0, 1, 1)),
                pins.d_oe.eq(0b1101),
            ).Else(
                pins.cs_n.eq(reader.cs_n),
                pins.clock.eq(reader.clock),
                pins.d_o.eq(reader.d_o),
                pins.d_oe.eq(reader.d_oe),
            ),
        ]
        self.specials += Instance(
            "FlashReader",
            i_clk=ClockSignal(),
            i_rst=ResetSignal(),
            i_bus__adr=bus.adr,
            i_bus__dat_w=bus.dat_w,
            o_bus__dat_r=bus.dat_r,
            i_bus__sel=bus.sel,
            i_bus__cyc=bus.cyc,
            i_bus__stb=bus.stb,
            i_bus__we=bus.we,
            o_bus__ack=bus.ack,
            o_bus__err=bus.err,
            i_quad=fields.quad,
            o_cs_n=reader.cs_n,
            o_clock=reader.clock,
            o_d_o=reader.d_o,
            o_d_oe=reader.d_oe,
            i_d_i=reader.d_i,
        )


class SimulatedFlash(LiteXModule):
    """A GD25Q16C or MX25R1635F, simulated clock by clock, for reading and setting the quad bit.

    It has the commands `FAST_READ`, `QUAD_READ`, RDID, RDSR, WREN, WRSR and (GigaDevice) RDSR2 and
    WRSR2, with their dummy clocks. Writing a status register takes `WRITE_CYCLES` instead of
    milliseconds. Any other command is answered with ones, as without a chip, and so is `QUAD_READ`
    before the quad bit is set.

    Parameters
    ----------
    flash
        The chip and its size.
    pins
        The pins to which it is attached.

    Members
    -------
    memories : list of one Memory
        Its bytes, four in a word, the first one lowest.

    References
    ----------
    Data sheets GD25Q16C (GigaDevice) and MX25R1635F (Macronix).
    """

    WRITE_CYCLES = 1000

    def __init__(self, flash: Flash, pins: FlashPins) -> None:
        # Not an attribute, or LiteX would let the program access it without the pins.
        memory = Memory(32, flash.size // 4, name="flash_memory")
        self.memories = [memory]
        port = memory.get_port(async_read=True)
        self.specials += memory, port

        clocks = Signal(6)  # number since the chip was selected; stays at 63
        command = Signal(8)
        address = Signal(24)  # of the byte that is being sent
        bit = Signal(3)  # of that byte, from the highest on
        received = Signal(16)  # the value for a status register
        status = [Signal(8), Signal(8)]  # without the write enable and busy bits
        enabled, busy = Signal(), Signal(max=self.WRITE_CYCLES + 1)
        quad_bit = status[flash.quad_register][flash.quad_bit]

        sends = Signal()
        self.comb += sends.eq(clocks >= 8)
        for code, first in ((QUAD_READ, 20), (FAST_READ, 40)):  # the clock of the first data
            self.comb += If(command == code, sends.eq(clocks >= first))

        byte = Signal(8)
        quad_data, one_bit, known = Signal(), Signal(), Signal()
        self.comb += [
            port.adr.eq(address[2:]),
            byte.eq(Array(port.dat_r[at : at + 8] for at in range(0, 32, 8))[address[:2]]),
            quad_data.eq((command == QUAD_READ) & quad_bit & sends),
            pins.d_i.eq(0b1111),
        ]
        identity = Signal(24, reset=flash.identity)
        registers = {
            0x05: Cat(busy != 0, enabled, status[0][2:]),
            **({0x35: status[1]} if flash.quad_register else {}),
        }
        self.comb += Case(
            command,
            {
                FAST_READ: [one_bit.eq(byte >> (7 - bit)), known.eq(sends)],
                0x9F: [one_bit.eq(identity >> (31 - clocks)), known.eq(clocks < 32)],
                **{
                    code: [one_bit.eq(value >> (7 - bit)), known.eq(1)]
                    for code, value in registers.items()
                },
            },
        )
        self.comb += If(
            ~pins.cs_n & (clocks >= 8),
            If(quad_data, pins.d_i.eq(Mux(bit[2], byte[:4], byte[4:]))).Elif(
                known & (busy == 0) | (command == 0x05) & known, pins.d_i[1].eq(one_bit)
            ),
        )

        step = Mux(quad_data, 4, 1)
        self.sync += [
            If(busy != 0, busy.eq(busy - 1)),
            If(
                pins.cs_n,
                # A write happens when the chip is deselected after a whole byte.
                If((command == 0x06) & (clocks == 8), enabled.eq(1)),
                If(
                    enabled & (clocks >= 16) & (busy == 0),
                    If(command == 0x01, status[0].eq(Mux(clocks >= 24, received[8:], received))),
                    *([If(command == 0x31, status[1].eq(received))] if flash.quad_register else []),
                    If(
                        (command == 0x01) | (command == 0x31),
                        *(enabled.eq(0), busy.eq(self.WRITE_CYCLES)),
                    ),
                ),
                *(clocks.eq(0), command.eq(0), bit.eq(0)),
            ).Elif(
                pins.clock,
                If(clocks != 63, clocks.eq(clocks + 1)),
                received.eq(Cat(pins.d_o[0], received)),
                If(clocks < 8, command.eq(Cat(pins.d_o[0], command)))
                .Elif((command == FAST_READ) & (clocks < 32), address.eq(Cat(pins.d_o[0], address)))
                .Elif((command == QUAD_READ) & (clocks < 14), address.eq(Cat(pins.d_o, address)))
                .Elif(
                    sends,
                    bit.eq(bit + step),
                    If((bit + step) & 8, address.eq(address + 1)),
                ),
            ),
        ]
