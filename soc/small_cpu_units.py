"""`SmallCpu`'s shifts and products: one bit a cycle, or all at once on multipliers."""

from __future__ import annotations

from amaranth.hdl import C, Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["ProductUnit", "SerialShifter", "UnitSignature"]


class UnitSignature(wiring.Signature):
    """What connects the core with the unit.

    Members
    -------
    start : ``Out(1)``
        High from the instruction's first cycle to the cycle of `done`; the rest is held with it.
    instruction, rs1, rs2 : ``Out(32)``
        The instruction, its registers.
    amount : ``Out(5)``
        How far to shift.
    done : ``In(1)``
        `result` is there.
    result : ``In(32)``
        What goes to rd.
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


class ProductUnit(wiring.Component):
    """Multiply in one cycle, and shift by multiplying with a power of two.

    Members
    -------
    port : ``In(UnitSignature())``
        MUL, MULH, MULHSU, MULHU or a shift, and its result.

    Timing
    ------
    `done` is always high: the result comes in the cycle of `start`.
    """

    def __init__(self) -> None:
        super().__init__({"port": In(UnitSignature())})

    def elaborate(self, platform: object) -> Module:
        """Build the multiplier."""
        m = Module()
        port = self.port
        funct3 = port.instruction[12:15]
        product = port.instruction[25] & port.instruction[5]
        right = funct3[2]
        # A shift right by n is the high word of a product with 2 ** (32 - n).
        power = Signal(5)
        m.d.comb += power.eq(Mux(right, -port.amount, port.amount))
        factor, whole = Signal(32), Signal(64)
        m.d.comb += [
            factor.eq(Mux(product, port.rs2, C(1, 32) << power)),
            whole.eq(port.rs1 * factor),
        ]
        # The product of unsigned words becomes that of signed ones.
        rs1_signed = Mux(product, funct3[1] ^ funct3[0], port.instruction[30])
        rs2_signed = product & ~funct3[1]
        high = (
            whole[32:]
            - Mux(rs1_signed & port.rs1[31], factor, 0)
            - Mux(rs2_signed & port.rs2[31], port.rs1, 0)
        )
        low = Mux(product, funct3[:2] == 0, ~right | (port.amount == 0))
        m.d.comb += [port.done.eq(1), port.result.eq(Mux(low, whole[:32], high[:32]))]
        return m
