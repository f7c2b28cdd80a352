"""`SmallCpu`: RV32I with a CFU port, for FPGAs on which VexRiscv leaves no room for the CFU.

One instruction at a time: fetched over the bus, then executed while the next one is asked for.
The registers lie in block RAM and the trap CSRs beside them, so that traps cost no flip-flops: a
trap is three instructions that the hardware itself puts into the instruction register.

References
----------
The RISC-V Instruction Set Manual, Volume I (RV32I, Zmmul, Zicsr) and Volume II (machine mode).
"""

from __future__ import annotations

from enum import IntEnum

from amaranth.hdl import C, Cat, Module, Mux, Signal, Value
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.dispatcher import CommandLayout
from cfuforge.soc.small_cpu.decode import Decoder, Opcode
from cfuforge.soc.small_cpu.units import ProductUnit, SerialShifter

__all__ = ["BusSignature", "SmallCpu"]

CSR_BANK = 32  # where the CSRs are among the registers; their index is the low bits of their number
MEPC, MCAUSE, MTVAL, MTVEC = 1, 2, 3, 5


class Cause(IntEnum):
    """The value of ``mcause`` after a trap (Volume II, table of mcause values)."""

    JUMP_MISALIGNED = 0
    ILLEGAL = 2
    EBREAK = 3
    LOAD_MISALIGNED = 4
    LOAD_FAULT = 5
    STORE_MISALIGNED = 6
    STORE_FAULT = 7
    ECALL = 11


class Step(IntEnum):
    """The source of the instruction: memory, or one of the three that make a trap."""

    PROGRAM = 0
    SET_MCAUSE = 1
    SET_MEPC = 2
    JUMP = 3


class BusSignature(wiring.Signature):
    """Wishbone, classic cycles, 32 bits, word addresses; ``err`` counts only with ``ack``."""

    def __init__(self) -> None:
        super().__init__(
            {
                "adr": Out(30),
                "dat_w": Out(32),
                "dat_r": In(32),
                "sel": Out(4),
                "cyc": Out(1),
                "stb": Out(1),
                "we": Out(1),
                "ack": In(1),
                "err": In(1),
            }
        )


class SmallCpu(wiring.Component):
    """An RV32I core on one Wishbone bus, with a CFU port.

    Parameters
    ----------
    reset_address
        Where it starts; a multiple of 4.
    multiply
        Adds MUL, MULH, MULHSU and MULHU (Zmmul), on one 16x16 multiplier, which then shifts too:
        see `ProductUnit`. Without it a shift by n takes n + 1 cycles more.

    Members
    -------
    bus : ``Out(BusSignature())``
        Instructions, loads and stores.
    cmd, rsp
        The CFU's streams; one command at a time.
    pc, instruction : ``Out(32)``
        The instruction that is executed, and its address.
    retire : ``Out(1)``
        The last cycle of an instruction.
    cfu_refuses, cfu_in_flight, cfu_answers : ``Out(1)``
        The CFU does not take its command; it has taken one before; it answers.

    Timing
    ------
    The bus answers one cycle after ``stb`` or later, as LiteX's does; never in the same cycle. With
    answers after one cycle: 2 cycles an instruction, taken branches too; 4 a load or store; 3 one
    that writes a CSR; 3 a CFU instruction that is answered after one cycle.

    Notes
    -----
    Machine mode without interrupts. The CSRs are mtvec (direct mode), mscratch, mepc, mcause and
    mtval, and to read mcycle and mcycleh; all others are illegal instructions. mtval is the address
    of what was misaligned or refused, else 0. What the bus answers to a fetch is executed: there
    is no instruction access fault. FENCE, FENCE.I and WFI do nothing.
    """

    def __init__(self, *, reset_address: int, multiply: bool = False) -> None:
        self.reset_address = reset_address
        self.multiply = multiply
        super().__init__(
            {
                "bus": Out(BusSignature()),
                "cmd": Out(stream.Signature(CommandLayout)),
                "rsp": In(stream.Signature(32)),
                "pc": Out(32),
                "instruction": Out(32),
                "retire": Out(1),
                "cfu_refuses": Out(1),
                "cfu_in_flight": Out(1),
                "cfu_answers": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        """Build the core."""
        m = Module()
        bus, word = self.bus, self.instruction
        m.submodules.decoder = d = Decoder(multiply=self.multiply)
        m.submodules.unit = unit = ProductUnit() if self.multiply else SerialShifter()
        # What is written is never read in the same cycle, which spares yosys the logic for that.
        registers = memory.Memory(shape=32, depth=64, init=[], attrs={"no_rw_check": True})
        m.submodules.registers = registers
        read1, read2 = registers.read_port(), registers.read_port()
        rs1, rs2 = read1.data, read2.data
        funct3 = word[12:15]
        m.d.comb += d.instruction.eq(word)

        fetching = Signal(init=1)
        step = Signal(Step)
        second = Signal()  # of the two cycles of an instruction that writes a CSR
        pc = Signal(30, init=self.reset_address >> 2)
        trap, done = Signal(), Signal()
        executing, fetched = ~fetching, fetching & bus.ack
        on_memory = d.load | d.store

        # Two adders, one for addresses and one for the ALU.
        address, total, operand = Signal(32), Signal(33), Signal(32)
        immediate = d.immediate | Mux(d.csr, word[15:20], 0)
        m.d.comb += [
            address.eq(Mux(d.base_rs1, rs1, pc << 2) + d.immediate),
            operand.eq(Mux(d.use_immediate, immediate, rs2) ^ d.subtract.replicate(32)),
            total.eq(_sum(rs1, operand, d.subtract, d.unsigned)),
        ]
        condition = Mux(funct3[2], total[32], total[:32] == 0) ^ funct3[0]
        taken = d.jump | (d.branch & condition)
        after = Signal(30)  # the address of the next instruction, or of the load's or store's word
        m.d.comb += after.eq(Mux(taken | on_memory, address[2:], pc + 1))
        logic = Signal(32)
        results = (rs1 ^ operand, operand, rs1 | operand, rs1 & operand)
        with m.Switch(d.operation):
            for operation, combined in enumerate(results):
                with m.Case(operation):
                    m.d.comb += logic.eq(combined)
        cycles = Signal(64)
        m.d.sync += cycles.eq(cycles + 1)

        m.d.comb += [
            unit.port.start.eq(executing & d.unit & d.legal),
            unit.port.instruction.eq(word),
            unit.port.rs1.eq(rs1),
            unit.port.rs2.eq(rs2),
            unit.port.amount.eq(Mux(d.use_immediate, word[20:25], rs2[:5])),
        ]
        self._connect_cfu(m, executing & d.cfu & d.legal, rs1, rs2)

        # Why an instruction traps.
        misaligned, misaligned_access, misaligned_target = Signal(), Signal(), Signal()
        m.d.comb += [
            misaligned_access.eq(
                on_memory & ((funct3[:2].any() & address[0]) | (funct3[1] & address[1]))
            ),
            misaligned_target.eq(address[1] & (step == Step.PROGRAM)),
            misaligned.eq(misaligned_access | (taken & misaligned_target)),
        ]
        use_bus = executing & on_memory & d.legal & ~misaligned
        refused = use_bus & bus.ack & bus.err
        m.d.comb += trap.eq(executing & (~d.legal | d.ecall | d.ebreak | misaligned | refused))
        cause = Signal(Cause)
        with m.If(~d.legal):
            m.d.comb += cause.eq(Cause.ILLEGAL)
        with m.Elif(d.ecall):
            m.d.comb += cause.eq(Cause.ECALL)
        with m.Elif(d.ebreak):
            m.d.comb += cause.eq(Cause.EBREAK)
        with m.Elif(on_memory):
            m.d.comb += cause.eq(Cat(~misaligned, d.store, 1))

        # When it ends: the next one is asked for in the same cycle where the bus is free.
        last = Signal()
        with m.If(on_memory):
            m.d.comb += last.eq(bus.ack)
        with m.Elif(d.cfu):
            m.d.comb += last.eq(self.rsp.valid)
        with m.Elif(d.unit):
            m.d.comb += last.eq(unit.port.done)
        with m.Elif(d.csr):
            m.d.comb += last.eq(second | ~d.writes_csr)
        with m.Else():
            m.d.comb += last.eq(~d.mret & ((step == Step.PROGRAM) | (step == Step.JUMP)))
        m.d.comb += done.eq(executing & last & ~trap)
        m.d.sync += second.eq(executing & d.csr & d.writes_csr & ~second & ~trap)
        with m.If(fetched):
            m.d.sync += fetching.eq(0)
        with m.Elif(done):
            m.d.sync += [fetching.eq(1), pc.eq(Mux(on_memory, pc + 1, after))]

        m.d.comb += [
            bus.adr.eq(Mux(fetching, pc, after)),
            bus.cyc.eq(fetching | use_bus | (done & ~on_memory)),
            bus.stb.eq(bus.cyc),
            bus.we.eq(use_bus & d.store),
            bus.sel.eq(Mux(use_bus, _lanes(funct3, address), 0b1111)),
            bus.dat_w.eq(_stored(funct3, rs2)),
        ]

        # The instruction register: from memory, or what a trap makes the core do.
        jump_next = executing & ~trap & (d.mret | (step == Step.SET_MEPC))
        with m.If(fetched):
            m.d.sync += word.eq(bus.dat_r)
        with m.Elif(trap):  # addi mcause, x0, cause
            m.d.sync += word.eq(Opcode.OP_IMM | MCAUSE << 7 | cause << 20)
            m.d.sync += step.eq(Step.SET_MCAUSE)
        with m.Elif(executing & (step == Step.SET_MCAUSE)):  # auipc mepc, 0
            m.d.sync += word.eq(Opcode.AUIPC | MEPC << 7)
            m.d.sync += step.eq(Step.SET_MEPC)
        with m.Elif(jump_next):  # jalr x0, 0(mtvec or mepc)
            m.d.sync += word.eq(Opcode.JALR)
            m.d.sync += step.eq(Step.JUMP)
        with m.Elif(done):
            m.d.sync += step.eq(Step.PROGRAM)

        # What the next instruction reads. A CSR instruction reads its CSR as rs1, rs1 as rs2.
        field1, field2 = bus.dat_r[15:20], bus.dat_r[20:25]
        csr_comes = (bus.dat_r[2:7] == Opcode.SYSTEM >> 2) & bus.dat_r[12:14].any()
        jump_to = Mux(step == Step.SET_MEPC, CSR_BANK | MTVEC, CSR_BANK | MEPC)
        m.d.comb += [read1.en.eq(fetched | trap | jump_next), read2.en.eq(fetched)]
        m.d.comb += read2.addr.eq(Mux(csr_comes, field1, field2))
        with m.If(fetching):
            m.d.comb += read1.addr.eq(Mux(csr_comes, CSR_BANK | field2[:3], field1))
        with m.Elif(jump_next):
            m.d.comb += read1.addr.eq(jump_to)

        # What it writes. The address of a misaligned or refused access goes to mtval, else 0; that
        # of a branch also where nothing is written, for whether it is taken is known late.
        link = d.jump & ~misaligned_target
        target = Cat(address[0] & ~d.jump, address[1:])
        result: Value = C(0, 32)
        for chosen, value in (
            (((d.add | d.logic) & d.legal) | second, Mux(d.add, total[:32], logic)),
            (d.less & d.legal, total[32]),
            (d.unit & d.legal, unit.port.result),
            (
                (d.jump | d.branch | d.address | (d.csr & ~d.counter & ~second) | misaligned_access)
                & d.legal
                | refused,
                Mux(link, (pc + 1) << 2, target),
            ),
            (
                d.load & d.legal & ~(misaligned_access | refused),
                _loaded(funct3, address, bus.dat_r),
            ),
            (d.cfu & d.legal, self.rsp.payload),
            (d.counter & d.legal, Mux(word[27], cycles[32:], cycles[:32])),
        ):
            result = result | Mux(chosen, value, C(0, 32))
        write = registers.write_port()
        to_bank = second | (step == Step.SET_MCAUSE) | (step == Step.SET_MEPC)
        writes_rd = d.writes_rd & (word[7:12] != 0) & (done | d.csr)
        whole_words = second & (word[20:22] == 0b01)  # mepc and mtvec
        m.d.comb += [
            write.en.eq(executing & (trap | to_bank | writes_rd)),
            write.data.eq(Cat(Mux(whole_words, 0, result[:2]), result[2:32])),
            write.addr.eq(Mux(second, CSR_BANK | word[20:23], Cat(word[7:12], to_bank))),
        ]
        with m.If(trap):
            m.d.comb += write.addr.eq(CSR_BANK | MTVAL)

        m.d.comb += [
            self.pc.eq(pc << 2),
            self.retire.eq(done),
            self.cfu_refuses.eq(self.cmd.valid & ~self.cmd.ready),
            self.cfu_answers.eq(self.rsp.valid),
        ]
        return m

    def _connect_cfu(self, m: Module, active: Value, rs1: Value, rs2: Value) -> None:
        sent = Signal()
        m.d.comb += [
            self.cmd.valid.eq(active & ~sent),
            self.cmd.payload.function_id.eq(Cat(self.instruction[12:15], self.instruction[25:])),
            self.cmd.payload.inputs_0.eq(rs1),
            self.cmd.payload.inputs_1.eq(rs2),
            self.rsp.ready.eq(active),
            self.cfu_in_flight.eq(sent),
        ]
        m.d.sync += sent.eq(active & ~self.rsp.valid & (sent | self.cmd.ready))


def _sum(left: Value, right: Value, carry: Value, unsigned: Value) -> Value:
    """Return 33 bits of a sum; with `right` complemented and `carry`, bit 32 says left < right."""
    extended = Cat(carry, left, left[31] & ~unsigned)
    other = Cat(carry, right, Mux(unsigned, carry, right[31]))
    return (extended + other)[1:34]


def _lanes(funct3: Value, address: Value) -> Value:
    """Return which bytes of its word an access of 1, 2 or 4 bytes covers."""
    return Mux(
        funct3[1], 0b1111, Mux(funct3[0], C(0b11, 4) << (address[1] << 1), C(1, 4) << address[:2])
    )


def _stored(funct3: Value, value: Value) -> Value:
    """Return `value` with what a narrow store writes in every place where it may go."""
    byte, half = value[:8], value[:16]
    return Mux(funct3[1], value, Mux(funct3[0], half.replicate(2), byte.replicate(4)))


def _loaded(funct3: Value, address: Value, word: Value) -> Value:
    """Return what a load makes of the word that the bus gives."""
    half = Mux(address[1], word[16:], word[:16])
    byte = Mux(address[0], half[8:], half[:8])
    sign = ~funct3[2]
    return Mux(
        funct3[1],
        word,
        Mux(
            funct3[0],
            Cat(half, (half[15] & sign).replicate(16)),
            Cat(byte, (byte[7] & sign).replicate(24)),
        ),
    )
