"""The decoder of `SmallCpu`."""

from __future__ import annotations

from enum import IntEnum

from amaranth.hdl import C, Cat, Module, Mux, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.instruction import OPCODE

__all__ = ["COUNTERS", "CSRS", "Decoder", "Opcode"]

CSRS = (0x305, 0x340, 0x341, 0x342, 0x343)  # mtvec, mscratch, mepc, mcause, mtval
COUNTERS = (0xB00, 0xB80)  # mcycle, mcycleh
ECALL, EBREAK, MRET, WFI = 0x0000_0073, 0x0010_0073, 0x3020_0073, 0x1050_0073
FLUSH = 0x0000_500F  # VexRiscv's, of a data cache


class Opcode(IntEnum):
    """Bits 6 to 0 of an instruction (Volume I, chapter "RV32/64G Instruction Set Listings")."""

    LOAD = 0x03
    CUSTOM_0 = OPCODE
    MISC_MEM = 0x0F
    OP_IMM = 0x13
    AUIPC = 0x17
    STORE = 0x23
    OP = 0x33
    LUI = 0x37
    BRANCH = 0x63
    JALR = 0x67
    JAL = 0x6F
    SYSTEM = 0x73


FLAGS = (
    *("legal", "jump", "branch", "load", "store", "cfu", "csr", "ecall", "ebreak", "mret"),
    *("add", "logic", "less", "address", "unit", "counter"),
    *("base_rs1", "use_immediate", "subtract", "unsigned", "writes_csr", "writes_rd"),
)


class Decoder(wiring.Component):
    """Decode an instruction's kind and immediate, and the controls of the data path.

    Parameters
    ----------
    multiply
        Whether MUL, MULH, MULHSU and MULHU are legal.

    Members
    -------
    instruction : ``In(32)``
        The instruction.
    immediate : ``Out(32)``
        Its immediate for addresses and the ALU; 0 for CSR instructions.
    legal, jump, branch, load, store, cfu, csr, ecall, ebreak, mret : ``Out(1)``
        The kind of instruction, which is meaningless while `legal` is low.
    add, logic, less, address, unit, counter : ``Out(1)``
        The source of the result: the ALU's adder, logic or comparison, the address adder, the unit
        for shifts and products, the cycle counter.
    operation : ``Out(2)``
        The logic operation: XOR, the second operand, OR, AND.
    base_rs1, use_immediate, subtract, unsigned : ``Out(1)``
        Addresses are relative to rs1 instead of pc; the second operand is the immediate; it is
        complemented; the comparison is unsigned.
    writes_csr, writes_rd : ``Out(1)``
        What the instruction writes.
    """

    def __init__(self, *, multiply: bool) -> None:
        self.multiply = multiply
        flags = {name: Out(1) for name in FLAGS}
        super().__init__(
            {"instruction": In(32), "immediate": Out(32), "operation": Out(2), **flags}
        )

    def elaborate(self, platform: object) -> Module:
        """Build the decoder."""
        m = Module()
        word = self.instruction
        funct3 = word[12:15]
        opcode = {code: Signal(name=f"is_{code.name.lower()}") for code in Opcode}
        m.d.comb += [signal.eq(word[2:7] == code >> 2) for code, signal in opcode.items()]
        immediate_alu, register_alu = opcode[Opcode.OP_IMM], opcode[Opcode.OP]
        product = register_alu & word[25] if self.multiply else C(0, 1)
        alu = Signal()
        m.d.comb += alu.eq((immediate_alu | register_alu) & ~product)
        privileged = opcode[Opcode.SYSTEM] & (funct3 == 0)
        memory = opcode[Opcode.LOAD] | opcode[Opcode.STORE]
        compare = alu & (funct3[1:] == 0b01)
        m.d.comb += [
            self.immediate.eq(_immediate(word, opcode)),
            self.legal.eq(self._legal(m, opcode) & (word[:2] == 0b11)),
            self.jump.eq(opcode[Opcode.JAL] | opcode[Opcode.JALR]),
            self.branch.eq(opcode[Opcode.BRANCH]),
            self.load.eq(opcode[Opcode.LOAD]),
            self.store.eq(opcode[Opcode.STORE]),
            self.cfu.eq(opcode[Opcode.CUSTOM_0]),
            self.csr.eq(opcode[Opcode.SYSTEM] & (funct3 != 0)),
            # Legal privileged instructions differ in these bits.
            self.ecall.eq(privileged & ~word[28] & ~word[20]),
            self.ebreak.eq(privileged & ~word[28] & word[20]),
            self.mret.eq(privileged & word[29]),
            self.add.eq(alu & (funct3 == 0)),
            self.logic.eq((alu & funct3[2] & (funct3 != 0b101)) | opcode[Opcode.LUI]),
            self.less.eq(compare),
            self.address.eq(opcode[Opcode.AUIPC]),
            self.unit.eq(product | (alu & (funct3[:2] == 0b01))),
            self.operation.eq(Mux(opcode[Opcode.LUI], 1, funct3[:2])),
            self.base_rs1.eq(memory | opcode[Opcode.JALR] | opcode[Opcode.SYSTEM]),
            self.use_immediate.eq(
                Mux(opcode[Opcode.SYSTEM], funct3[2], immediate_alu | opcode[Opcode.LUI])
            ),
            self.subtract.eq(
                opcode[Opcode.BRANCH]
                | compare
                | (register_alu & word[30] & ~funct3.any())
                | (opcode[Opcode.SYSTEM] & (funct3[:2] == 0b11))  # clears the operand's bits
            ),
            self.unsigned.eq(Mux(opcode[Opcode.BRANCH], funct3[1], funct3[0])),
            self.writes_rd.eq(~(opcode[Opcode.BRANCH] | opcode[Opcode.STORE])),
        ]
        return m

    def _legal(self, m: Module, opcode: dict[Opcode, Signal]) -> Value:
        """Return whether the core has the instruction."""
        word = self.instruction
        funct3, funct7, number = word[12:15], word[25:32], word[20:32]
        plain, other = Signal(), Signal()
        m.d.comb += [plain.eq(funct7 == 0), other.eq(funct7 == 0b010_0000)]
        counter, writes = Signal(), Signal()
        m.d.comb += [
            counter.eq(Cat(number == csr for csr in COUNTERS).any()),
            writes.eq((funct3[:2] == 0b01) | word[15:20].any()),
            self.counter.eq(counter & self.csr),
            self.writes_csr.eq(writes & self.csr),
        ]
        csr = Mux(counter, ~writes, Cat(number == csr for csr in CSRS).any())
        privileged = Cat(word == exact for exact in (ECALL, EBREAK, MRET, WFI)).any()
        shift = (funct3 == 0b001) | (funct3 == 0b101)
        legal_shift = plain | (other & funct3[2])
        product = (funct7 == 1) & ~funct3[2] if self.multiply else C(0, 1)
        checks = {
            Opcode.LUI: C(1, 1),
            Opcode.AUIPC: C(1, 1),
            Opcode.JAL: C(1, 1),
            Opcode.CUSTOM_0: C(1, 1),
            Opcode.JALR: funct3 == 0,
            Opcode.BRANCH: funct3[1:] != 0b01,
            Opcode.LOAD: (funct3[:2] != 0b11) & (funct3 != 0b110),
            Opcode.STORE: ~funct3[2] & (funct3[:2] != 0b11),
            Opcode.MISC_MEM: (funct3[1:] == 0) | (word == FLUSH),
            Opcode.OP_IMM: ~shift | legal_shift,
            Opcode.OP: plain | (other & ((funct3 == 0) | (funct3 == 0b101))) | product,
            Opcode.SYSTEM: Mux(funct3[:2] == 0, ~funct3[2] & privileged, csr),
        }
        return Cat(opcode[code] & check for code, check in checks.items()).any()


def _immediate(word: Value, opcode: dict[Opcode, Signal]) -> Value:
    """Return the immediate, of format I, S, B, U or J; 0 in a SYSTEM instruction."""
    none = opcode[Opcode.SYSTEM]
    upper = opcode[Opcode.LUI] | opcode[Opcode.AUIPC]
    store, branch, jump = opcode[Opcode.STORE], opcode[Opcode.BRANCH], opcode[Opcode.JAL]
    sign = word[31] & ~none
    lower = ~(none | upper)
    return Cat(
        Mux(store, word[7], word[20]) & lower & ~branch & ~jump,
        Mux(store | branch, word[8:12], word[21:25]) & lower.replicate(4),
        word[25:31] & lower.replicate(6),
        Mux(branch, word[7], Mux(jump, word[20], sign & ~upper)),
        Mux(upper | jump, word[12:20], sign.replicate(8)),
        Mux(upper, word[20:31], sign.replicate(11)),
        sign,
    )
