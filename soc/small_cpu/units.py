"""`SmallCpu`'s units for shifts and products: serial, or with a multiplier."""

from __future__ import annotations

from enum import IntEnum

from amaranth.hdl import C, Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["ProductUnit", "SerialShifter", "UnitSignature"]


class UnitSignature(wiring.Signature):
    """The connection between the core and the unit.

    Members
    -------
    start : ``Out(1)``
        High from the instruction's first cycle to that of `done`; the inputs are held meanwhile.
    instruction, rs1, rs2 : ``Out(32)``
        The instruction word and the values of its registers.
    amount : ``Out(5)``
        The shift amount.
    done : ``In(1)``
        `result` is valid.
    result : ``In(32)``
        The value for rd.
    """

    def __init__(self) -> None:
        super().__init__(
            {
                "start": Out(1),
                "instruction": Out(32),
                "rs1": Out(32),
                "rs2": Out(32),
                "amount": Out(5),
                "done": In(1),
                "result": In(32),
            }
        )


class SerialShifter(wiring.Component):
    """Shift by one bit a cycle.

    Members
    -------
    port : ``In(UnitSignature())``
        A shift instruction, and its result.

    Timing
    ------
    `done` comes ``amount + 1`` cycles after `start`.
    """

    def __init__(self) -> None:
        super().__init__({"port": In(UnitSignature())})

    def elaborate(self, platform: object) -> Module:
        """Build the shifter."""
        m = Module()
        port = self.port
        value, left, busy = Signal(32), Signal(5), Signal()
        m.d.comb += [port.result.eq(value), port.done.eq(busy & (left == 0))]
        arithmetic = port.instruction[30] & value[31]
        with m.If(~busy):
            m.d.sync += [value.eq(port.rs1), left.eq(port.amount), busy.eq(port.start)]
        with m.Else():
            m.d.sync += [
                value.eq(Mux(port.instruction[14], Cat(value[1:], arithmetic), value << 1)),
                left.eq(left - 1),
                busy.eq(left != 0),
            ]
        return m


class Term(IntEnum):
    """The steps of a multiplication, in order: which half of each factor is multiplied."""

    LOW_LOW = 0
    LOW_HIGH = 1  # the lowest 16 bits of the sum are dropped from here on
    HIGH_LOW = 2
    HIGH_HIGH = 3  # the next 16 bits are dropped
    CARRY = 4  # add the upper half of the sum after LOW_HIGH, which `kept` holds
    SIGN_LOW = 5  # if the first factor is negative: it is extended by 16 ones
    LOW_SIGN = 6  # if the second factor is negative
    SIGN_HIGH = 7  # the next 16 bits are dropped
    SIGN_SIGN = 8  # the extension goes on to 64 bits
    HIGH_SIGN = 9
    SIGN_SIGN_2 = 10
    DONE = 11


class ProductUnit(wiring.Component):
    """Multiply on one 16x16 multiplier, and shift by multiplying by a power of two.

    Members
    -------
    port : ``In(UnitSignature())``
        MUL, MULH, MULHSU, MULHU or a shift, and its result.

    Timing
    ------
    `done` comes 3 cycles after `start` for MUL and left shifts, 5 for MULHU and logical right
    shifts, otherwise 11.
    """

    def __init__(self) -> None:
        super().__init__({"port": In(UnitSignature())})

    def elaborate(self, platform: object) -> Module:
        """Build the multiplier and the selection of its inputs in each step."""
        m = Module()
        port = self.port
        funct3 = port.instruction[12:15]
        product = port.instruction[25] & port.instruction[5]
        right = funct3[2]
        # A right shift by n is the high word of a product with 2 ** (32 - n).
        power, factor = Signal(5), Signal(32)
        m.d.comb += [
            power.eq(Mux(right, -port.amount, port.amount)),
            factor.eq(Mux(product, port.rs2, C(1, 32) << power)),
        ]
        low = Mux(product, funct3[:2] == 0, ~right | (port.amount == 0))
        signed = Mux(product, funct3[1] ^ funct3[0], port.instruction[30])
        negative1 = signed & port.rs1[31]
        negative2 = product & ~funct3[1] & port.rs2[31]

        term, total, kept = Signal(Term), Signal(32), Signal(16)
        a, b, c = Signal(16), Signal(16), Signal(32)
        low1, high1, low2, high2 = port.rs1[:16], port.rs1[16:], factor[:16], factor[16:]
        ones1, ones2 = negative1.replicate(16), negative2.replicate(16)
        operands = {
            Term.LOW_LOW: (low1, low2, C(0, 32)),
            Term.LOW_HIGH: (low1, high2, total[16:]),
            Term.HIGH_LOW: (high1, low2, Mux(low, total, total[:16])),
            Term.HIGH_HIGH: (high1, high2, total[16:]),
            Term.CARRY: (kept, C(1, 16), total),
            Term.SIGN_LOW: (ones1, low2, total),
            Term.LOW_SIGN: (low1, ones2, total),
            Term.SIGN_HIGH: (ones1, high2, total[16:]),
            Term.SIGN_SIGN: (ones1, low2, total),
            Term.HIGH_SIGN: (high1, ones2, total),
            Term.SIGN_SIGN_2: (low1, ones2, total),
        }
        with m.Switch(term):
            for number, values in operands.items():
                with m.Case(number):
                    m.d.comb += [x.eq(value) for x, value in zip((a, b, c), values, strict=True)]
        keeps_low = (term == Term.LOW_HIGH) | (term == Term.SIGN_HIGH)
        with m.If(keeps_low):
            m.d.sync += kept.eq(total[:16])
        with m.Elif((term == Term.HIGH_LOW) & ~low):
            m.d.sync += kept.eq(total[16:])
        m.d.sync += total.eq(a * b + c)

        with m.If(port.start & ~port.done):
            m.d.sync += term.eq(term + 1)
        with m.Else():
            m.d.sync += term.eq(Term.LOW_LOW)
        signless = ~negative1 & ~negative2
        whole = (term == Term.SIGN_LOW) & signless
        m.d.comb += [
            port.done.eq(((term == Term.HIGH_HIGH) & low) | whole | (term == Term.DONE)),
            port.result.eq(Mux(whole, total, Cat(kept, total[:16]))),
        ]
        return m
