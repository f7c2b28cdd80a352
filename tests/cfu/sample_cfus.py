"""CFUs that the tests run: one instruction as in the README, and one of every kind."""

from typing import Any

from amaranth.hdl import Cat, Module, Signal, signed, unsigned
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.cfu import (
    Cfu,
    Index,
    Instruction,
    Memory,
    Operand,
    Ports,
    Register,
    s8,
    s8x4,
    s32,
    u8x4,
    u32,
)

_MASK = (1 << 32) - 1


class Sum4(Cfu):
    """Add the four signed bytes of a word."""

    instructions = (
        Instruction(
            "sum4",
            funct3=0,
            rs1=Operand("x", s8x4, "four signed bytes"),
            rd=Operand("sum", s32, "-512..508"),
            doc="Add four signed bytes.",
            reference=lambda state, x: sum(x),
        ),
    )

    def hardware(self, m: Module, ports: Ports) -> None:
        """Add."""
        ports["sum4"].answer(m, sum(ports["sum4"].rs1))


class SerialMultiplier(wiring.Component):
    """Multiply by shifting and adding: it answers after as many cycles as the factor has bits."""

    cmd: In(stream.Signature(64))
    rsp: Out(stream.Signature(32))

    def elaborate(self, platform: Any) -> Module:
        """Build it."""
        m = Module()
        a, b, busy = Signal(32), Signal(32), Signal()
        m.d.comb += [self.cmd.ready.eq(~busy), self.rsp.valid.eq(busy & (b == 0))]
        with m.If(self.cmd.valid & ~busy):
            m.d.sync += [a.eq(self.cmd.payload[:32]), b.eq(self.cmd.payload[32:]), busy.eq(1)]
            m.d.sync += self.rsp.payload.eq(0)
        with m.Elif(busy & (b != 0)):
            m.d.sync += [a.eq(a << 1), b.eq(b >> 1)]
            with m.If(b[0]):
                m.d.sync += self.rsp.payload.eq(self.rsp.payload + a)
        with m.Elif(self.rsp.ready & busy):
            m.d.sync += busy.eq(0)
        return m


def _count(state: Any, step: int) -> int:
    """Add to the counter and return it as it was."""
    before = int(state.counter)
    state.counter = (before + step) & _MASK
    return before


def _store(state: Any, place: int, value: int) -> None:
    """Write a word of memory."""
    state.words[place] = value


def _negate(state: Any, k: int, x: int) -> int:
    """Return the byte complemented and moved by k."""
    return (~x + k + 128) % 256 - 128


def _clear(state: Any) -> None:
    """Set the counter to 0."""
    state.counter = 0


class Zoo(Cfu):
    """Instructions of every kind: at once, held back, later; odd indices; no operand, no result."""

    state = (
        Register("counter", u32, "a count", reset=7),
        Memory("words", unsigned(20), 6, "some words"),
    )
    instructions = (
        Instruction("clear", funct3=7, funct7=127, reference=_clear),
        Instruction(
            "count",
            funct3=1,
            funct7=3,
            rs1=Operand("step", u32, "what to add"),
            rd=Operand("before", u32, "the counter before"),
            reference=_count,
        ),
        Instruction(
            "store",
            funct3=2,
            funct7=5,
            index=Index("place", 6, "word"),
            rs2=Operand("value", unsigned(20), "to write"),
            reference=_store,
        ),
        Instruction(
            "load",
            funct3=2,
            funct7=11,
            index=Index("place", 6, "word"),
            rd=Operand("value", unsigned(20), "that was written"),
            doc="Read a word of memory, one cycle later.",
            reference=lambda state, place: state.words[place],
        ),
        Instruction(
            "negate",
            funct3=4,
            index=Index("k", 3),
            rs1=Operand("x", s8, "a byte"),
            rd=Operand("y", s8, "its complement moved by k, wrapped"),
            reference=_negate,
        ),
        Instruction(
            "multiply",
            funct3=5,
            rs1=Operand("a", u32),
            rs2=Operand("b", u32),
            rd=Operand("product", u32, "its low word"),
            doc="Multiply, as slowly as b has bits.",
            reference=lambda state, a, b: a * b & _MASK,
        ),
        Instruction(
            "swap",
            funct3=6,
            rs1=Operand("x", u8x4),
            rd=Operand("y", u8x4),
            doc="Reverse four bytes; taken every third cycle at most.",
            reference=lambda state, x: x[::-1],
        ),
        Instruction(
            "sign",
            funct3=0,
            rs1=Operand("x", signed(9), "low 9 bits"),
            rd=Operand("y", signed(9), "the same"),
            doc="Sign-extend 9 bits.",
            reference=lambda state, x: x,
        ),
    )

    def hardware(self, m: Module, ports: Ports) -> None:
        """Build each instruction's unit."""
        counter = Signal(32, init=7)
        ports["count"].answer(m, counter)
        with m.If(ports["count"].taken):
            m.d.sync += counter.eq(counter + ports["count"].rs1)
        ports["clear"].answer(m)
        with m.If(ports["clear"].taken):
            m.d.sync += counter.eq(0)
        ports["negate"].answer(m, ~ports["negate"].rs1 + ports["negate"].index)
        ports["sign"].answer(m, ports["sign"].rs1)
        self._memory(m, ports)

        pause = Signal(2)
        swap = ports["swap"]
        swap.answer(m, Cat(swap.rs1[3 - lane] for lane in range(4)), when=pause == 0)
        m.d.sync += pause.eq((pause - 1) & (pause != 0).replicate(2))
        with m.If(swap.taken):
            m.d.sync += pause.eq(2)

        m.submodules.multiplier = multiplier = SerialMultiplier()
        port = ports["multiply"]
        m.d.comb += [
            multiplier.cmd.valid.eq(port.cmd.valid),
            multiplier.cmd.payload.eq(port.cmd.payload.as_value()),
            port.cmd.ready.eq(multiplier.cmd.ready),
        ]
        wiring.connect(m, multiplier.rsp, port.rsp)

    def _memory(self, m: Module, ports: Ports) -> None:
        store, load = ports["store"], ports["load"]
        m.submodules.words = words = memory.Memory(shape=20, depth=6, init=[])
        write, read = words.write_port(), words.read_port()
        store.answer(m)
        answering = Signal()
        m.d.sync += answering.eq(load.taken)
        m.d.comb += [
            write.addr.eq(store.index),
            write.data.eq(store.rs2),
            write.en.eq(store.taken),
            read.addr.eq(load.index),
            read.en.eq(load.taken),
            load.cmd.ready.eq(1),
            load.rsp.valid.eq(answering),
            load.rsp.payload.eq(read.data),
        ]
