"""`SmallCpu`: RV32I with a CFU port, for FPGAs on which VexRiscv leaves no room for the CFU.

An instruction is fetched over the bus, then executed while the next one is requested. The
registers are in block RAM, and so are the trap CSRs, so that traps need no flip-flops: a trap is
three instructions that the hardware puts into the instruction register.

References
----------
The RISC-V Instruction Set Manual, Volume I (RV32I, Zmmul, Zicsr) and Volume II (machine mode).
"""

from __future__ import annotations

from enum import IntEnum

from amaranth.hdl import C, Cat, Module, Mux, Signal, Value
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out, PureInterface

from cfuforge.cfu.dispatcher import CommandLayout
from cfuforge.soc.small_cpu.decode import Decoder, Opcode
from cfuforge.soc.small_cpu.lanes import lanes, loaded, stored
from cfuforge.soc.small_cpu.units import ProductUnit, SerialShifter

__all__ = ["BusSignature", "SmallCpu"]

CSR_BANK = 32  # register of the first CSR; a CSR's index is its number's low bits
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
    """The source of the instruction: memory, or one of the three steps of a trap."""

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
        Address of the first instruction; a multiple of 4.
    multiply
        Add MUL, MULH, MULHSU and MULHU (Zmmul), on one 16x16 multiplier that is also used to shift;
        see `ProductUnit`. Otherwise a shift by n takes n + 1 extra cycles.

    Members
    -------
    bus : ``Out(BusSignature())``
        Instructions, loads and stores.
    cmd, rsp
        The CFU's streams; one command at a time is pending.
    pc, instruction : ``Out(32)``
        Address and word of the instruction that is being executed.
    retire : ``Out(1)``
        High in the last cycle of an instruction.
    cfu_refuses, cfu_in_flight, cfu_answers : ``Out(1)``
        The CFU does not take a command; a command is unanswered; the CFU answers.

    Timing
    ------
    The bus must answer at least one cycle after ``stb``, as LiteX's does, never in the same cycle.
    When it answers after one cycle, an instruction takes 2 cycles, also a taken branch; a load or
    store 4; one that writes a CSR 3; a CFU instruction that is answered after one cycle 3.

    Notes
    -----
    Machine mode without interrupts. The CSRs are mtvec (direct mode), mscratch, mepc, mcause and
    mtval, and, read-only, mcycle and mcycleh; access to any other is an illegal instruction. mtval
    is the address of a misaligned or refused access, otherwise 0. There is no instruction access
    fault: whatever the bus answers to a fetch is executed. FENCE, FENCE.I, WFI and the instruction
    by which VexRiscv empties a data cache do nothing.
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
        m.submodules.decoder = d = Decoder(multiply=self.multiply)
        m.submodules.unit = unit = ProductUnit() if self.multiply else SerialShifter()
        # No register is written and read in the same cycle, so yosys need not add logic for that.
        registers = memory.Memory(shape=32, depth=64, init=[], attrs={"no_rw_check": True})
        m.submodules.registers = registers
        read1, read2 = registers.read_port(), registers.read_port()
        write = registers.write_port()
        w = _Wires(self, d, read1.data, read2.data)
        m.d.comb += d.instruction.eq(self.instruction)
        taken = self._compute(m, w)
        self._run_unit(m, w, unit.port)
        self._connect_cfu(m, w)
        use_bus, refused = self._find_trap(m, w, taken)
        self._end(m, w, unit.port.done)
        self._drive_bus(m, w, use_bus)
        jump_next = self._load_instruction(m, w)
        self._read_registers(m, w, read1, read2, jump_next)
        self._write_register(m, w, write, self._result(w, unit.port.result, refused))
        m.d.comb += [
            self.pc.eq(w.pc << 2),
            self.retire.eq(w.done),
            self.cfu_refuses.eq(self.cmd.valid & ~self.cmd.ready),
            self.cfu_answers.eq(self.rsp.valid),
        ]
        return m

    def _compute(self, m: Module, w: _Wires) -> Value:
        """Compute addresses on one adder and results on another; return whether a jump is taken."""
        d = w.d
        immediate = d.immediate | Mux(d.csr, self.instruction[15:20], 0)
        m.d.comb += [
            w.address.eq(Mux(d.base_rs1, w.rs1, w.pc << 2) + d.immediate),
            w.operand.eq(Mux(d.use_immediate, immediate, w.rs2) ^ d.subtract.replicate(32)),
            w.total.eq(_sum(w.rs1, w.operand, d.subtract, d.unsigned)),
        ]
        condition = Mux(w.funct3[2], w.total[32], w.total[:32] == 0) ^ w.funct3[0]
        taken = d.jump | (d.branch & condition)
        m.d.comb += w.after.eq(Mux(taken | w.on_memory, w.address[2:], w.pc + 1))
        results = (w.rs1 ^ w.operand, w.operand, w.rs1 | w.operand, w.rs1 & w.operand)
        with m.Switch(d.operation):
            for operation, combined in enumerate(results):
                with m.Case(operation):
                    m.d.comb += w.logic.eq(combined)
        m.d.sync += w.cycles.eq(w.cycles + 1)
        return taken

    def _run_unit(self, m: Module, w: _Wires, port: PureInterface) -> None:
        word = self.instruction
        m.d.comb += [
            port.start.eq(w.executing & w.d.unit & w.d.legal),
            port.instruction.eq(word),
            port.rs1.eq(w.rs1),
            port.rs2.eq(w.rs2),
            port.amount.eq(Mux(w.d.use_immediate, word[20:25], w.rs2[:5])),
        ]

    def _connect_cfu(self, m: Module, w: _Wires) -> None:
        sent, active = Signal(), w.executing & w.d.cfu & w.d.legal
        m.d.comb += [
            self.cmd.valid.eq(active & ~sent),
            self.cmd.payload.function_id.eq(Cat(self.instruction[12:15], self.instruction[25:])),
            self.cmd.payload.inputs_0.eq(w.rs1),
            self.cmd.payload.inputs_1.eq(w.rs2),
            self.rsp.ready.eq(active),
            self.cfu_in_flight.eq(sent),
        ]
        m.d.sync += sent.eq(active & ~self.rsp.valid & (sent | self.cmd.ready))

    def _find_trap(self, m: Module, w: _Wires, taken: Value) -> tuple[Value, Value]:
        """Find the cause of a trap; return whether the bus is used and whether it refuses."""
        d, misaligned = w.d, Signal()
        m.d.comb += [
            w.misaligned_access.eq(
                w.on_memory & ((w.funct3[:2].any() & w.address[0]) | (w.funct3[1] & w.address[1]))
            ),
            w.misaligned_target.eq(w.address[1] & (w.step == Step.PROGRAM)),
            misaligned.eq(w.misaligned_access | (taken & w.misaligned_target)),
        ]
        use_bus = w.executing & w.on_memory & d.legal & ~misaligned
        refused = use_bus & self.bus.ack & self.bus.err
        m.d.comb += w.trap.eq(w.executing & (~d.legal | d.ecall | d.ebreak | misaligned | refused))
        with m.If(~d.legal):
            m.d.comb += w.cause.eq(Cause.ILLEGAL)
        with m.Elif(d.ecall):
            m.d.comb += w.cause.eq(Cause.ECALL)
        with m.Elif(d.ebreak):
            m.d.comb += w.cause.eq(Cause.EBREAK)
        with m.Elif(w.on_memory):
            m.d.comb += w.cause.eq(Cat(~misaligned, d.store, 1))
        return use_bus, refused

    def _end(self, m: Module, w: _Wires, unit_done: Value) -> None:
        """End an instruction, and request the next in the same cycle if the bus is free."""
        d, last = w.d, Signal()
        with m.If(w.on_memory):
            m.d.comb += last.eq(self.bus.ack)
        with m.Elif(d.cfu):
            m.d.comb += last.eq(self.rsp.valid)
        with m.Elif(d.unit):
            m.d.comb += last.eq(unit_done)
        with m.Elif(d.csr):
            m.d.comb += last.eq(w.second | ~d.writes_csr)
        with m.Else():
            m.d.comb += last.eq(~d.mret & ((w.step == Step.PROGRAM) | (w.step == Step.JUMP)))
        m.d.comb += w.done.eq(w.executing & last & ~w.trap)
        m.d.sync += w.second.eq(w.executing & d.csr & d.writes_csr & ~w.second & ~w.trap)
        with m.If(w.fetched):
            m.d.sync += w.fetching.eq(0)
        with m.Elif(w.done):
            m.d.sync += [w.fetching.eq(1), w.pc.eq(Mux(w.on_memory, w.pc + 1, w.after))]

    def _drive_bus(self, m: Module, w: _Wires, use_bus: Value) -> None:
        bus = self.bus
        m.d.comb += [
            bus.adr.eq(Mux(w.fetching, w.pc, w.after)),
            bus.cyc.eq(w.fetching | use_bus | (w.done & ~w.on_memory)),
            bus.stb.eq(bus.cyc),
            bus.we.eq(use_bus & w.d.store),
            bus.sel.eq(Mux(use_bus, lanes(w.funct3, w.address), 0b1111)),
            bus.dat_w.eq(stored(w.funct3, w.rs2)),
        ]

    def _load_instruction(self, m: Module, w: _Wires) -> Value:
        """Load the instruction register from memory or with the next step of a trap.

        Returns
        -------
        Value
            Whether the next instruction is the jump to or from the trap's handler.
        """
        word, step = self.instruction, w.step
        jump_next = w.executing & ~w.trap & (w.d.mret | (step == Step.SET_MEPC))
        with m.If(w.fetched):
            m.d.sync += word.eq(self.bus.dat_r)
        with m.Elif(w.trap):  # addi mcause, x0, cause
            m.d.sync += word.eq(Opcode.OP_IMM | MCAUSE << 7 | w.cause << 20)
            m.d.sync += step.eq(Step.SET_MCAUSE)
        with m.Elif(w.executing & (step == Step.SET_MCAUSE)):  # auipc mepc, 0
            m.d.sync += word.eq(Opcode.AUIPC | MEPC << 7)
            m.d.sync += step.eq(Step.SET_MEPC)
        with m.Elif(jump_next):  # jalr x0, 0(mtvec or mepc)
            m.d.sync += word.eq(Opcode.JALR)
            m.d.sync += step.eq(Step.JUMP)
        with m.Elif(w.done):
            m.d.sync += step.eq(Step.PROGRAM)
        return jump_next

    def _read_registers(
        self, m: Module, w: _Wires, read1: memory.ReadPort, read2: memory.ReadPort, jump_next: Value
    ) -> None:
        """Read the next instruction's registers; for a CSR one, the CSR as rs1 and rs1 as rs2."""
        coming = self.bus.dat_r
        field1, field2 = coming[15:20], coming[20:25]
        csr_comes = (coming[2:7] == Opcode.SYSTEM >> 2) & coming[12:14].any()
        jump_to = Mux(w.step == Step.SET_MEPC, CSR_BANK | MTVEC, CSR_BANK | MEPC)
        m.d.comb += [read1.en.eq(w.fetched | w.trap | jump_next), read2.en.eq(w.fetched)]
        m.d.comb += read2.addr.eq(Mux(csr_comes, field1, field2))
        with m.If(w.fetching):
            m.d.comb += read1.addr.eq(Mux(csr_comes, CSR_BANK | field2[:3], field1))
        with m.Elif(jump_next):
            m.d.comb += read1.addr.eq(jump_to)

    def _result(self, w: _Wires, unit: Value, refused: Value) -> Value:
        """Return the value to write: the instruction's result, or mtval for a trap.

        mtval is the address of a misaligned or refused access, otherwise 0. A branch selects its
        target even when nothing is written, since whether it is taken is known late.
        """
        d = w.d
        link = d.jump & ~w.misaligned_target
        target = Cat(w.address[0] & ~d.jump, w.address[1:])
        address = d.jump | d.branch | d.address | (d.csr & ~d.counter & ~w.second)
        result: Value = C(0, 32)
        for chosen, value in (
            (((d.add | d.logic) & d.legal) | w.second, Mux(d.add, w.total[:32], w.logic)),
            (d.less & d.legal, w.total[32]),
            (d.unit & d.legal, unit),
            (
                ((address | w.misaligned_access) & d.legal) | refused,
                Mux(link, (w.pc + 1) << 2, target),
            ),
            (
                d.load & d.legal & ~(w.misaligned_access | refused),
                loaded(w.funct3, w.address, self.bus.dat_r),
            ),
            (d.cfu & d.legal, self.rsp.payload),
            (d.counter & d.legal, Mux(self.instruction[27], w.cycles[32:], w.cycles[:32])),
        ):
            result = result | Mux(chosen, value, C(0, 32))
        return result

    def _write_register(self, m: Module, w: _Wires, port: memory.WritePort, result: Value) -> None:
        word, step = self.instruction, w.step
        to_bank = w.second | (step == Step.SET_MCAUSE) | (step == Step.SET_MEPC)
        writes_rd = w.d.writes_rd & (word[7:12] != 0) & (w.done | w.d.csr)
        whole_words = w.second & (word[20:22] == 0b01)  # mepc and mtvec
        m.d.comb += [
            port.en.eq(w.executing & (w.trap | to_bank | writes_rd)),
            port.data.eq(Cat(Mux(whole_words, 0, result[:2]), result[2:32])),
            port.addr.eq(Mux(w.second, CSR_BANK | word[20:23], Cat(word[7:12], to_bank))),
        ]
        with m.If(w.trap):
            m.d.comb += port.addr.eq(CSR_BANK | MTVAL)


class _Wires:
    """The signals that the stages of an instruction share.

    Members
    -------
    d
        The decoder.
    rs1, rs2
        The values of the registers that the instruction reads.
    fetching, fetched, executing
        An instruction is being requested; it arrives; one is being executed.
    step
        The source of the instruction that is being executed.
    second
        The second of the two cycles of an instruction that writes a CSR.
    address, operand, total, logic
        The address adder's sum; the ALU's second operand, sum and logic result.
    after
        The word address of the next instruction, or of the load or store.
    misaligned_access, misaligned_target, trap, cause
        The reasons for a trap; whether the instruction traps; the value of mcause.
    done
        The instruction's last cycle, if it does not trap.
    """

    def __init__(self, cpu: SmallCpu, decoder: Decoder, rs1: Value, rs2: Value) -> None:
        self.d, self.rs1, self.rs2 = decoder, rs1, rs2
        self.funct3 = cpu.instruction[12:15]
        self.pc = Signal(30, init=cpu.reset_address >> 2)
        self.cycles = Signal(64)
        self.fetching = Signal(init=1)
        self.executing, self.fetched = ~self.fetching, self.fetching & cpu.bus.ack
        self.step = Signal(Step)
        self.second = Signal()
        self.on_memory = decoder.load | decoder.store
        self.address, self.operand = Signal(32), Signal(32)
        self.total, self.logic = Signal(33), Signal(32)
        self.after = Signal(30)
        self.misaligned_access, self.misaligned_target = Signal(), Signal()
        self.trap, self.cause = Signal(), Signal(Cause)
        self.done = Signal()


def _sum(left: Value, right: Value, carry: Value, unsigned: Value) -> Value:
    """Return a 33-bit sum; with `right` complemented and `carry` set, bit 32 is left < right."""
    extended = Cat(carry, left, left[31] & ~unsigned)
    other = Cat(carry, right, Mux(unsigned, carry, right[31]))
    return (extended + other)[1:34]
