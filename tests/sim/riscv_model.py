"""RV32I with M or Zmmul, Zicsr and machine-mode traps in Python, and an encoder for programs.

The RISC-V Instruction Set Manual, Volume I and II. Says what registers, memory and trap CSRs must
be, never how many cycles it takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

MASK = 0xFFFF_FFFF
LOAD, CUSTOM_0, MISC_MEM, OP_IMM, AUIPC, STORE = 0x03, 0x0B, 0x0F, 0x13, 0x17, 0x23
OP, LUI, BRANCH, JALR, JAL, SYSTEM = 0x33, 0x37, 0x63, 0x67, 0x6F, 0x73
ECALL, EBREAK, MRET, WFI = 0x73, 0x0010_0073, 0x3020_0073, 0x1050_0073
MTVEC, MSCRATCH, MEPC, MCAUSE, MTVAL = 0x305, 0x340, 0x341, 0x342, 0x343
JUMP_MISALIGNED, ILLEGAL, BREAKPOINT, LOAD_MISALIGNED, STORE_MISALIGNED = 0, 2, 3, 4, 6
ENVIRONMENT_CALL = 11


def signed(value: int, bits: int = 32) -> int:
    """Read the low `bits` of `value` as two's complement."""
    value &= (1 << bits) - 1
    return value - (value >> (bits - 1) << bits)


def divide(a: int, b: int) -> int:
    """Round towards zero; by zero gives -1."""
    return -1 if b == 0 else abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def remainder(a: int, b: int) -> int:
    """Return what `divide` leaves."""
    return a if b == 0 else a - divide(a, b) * b


ALU: dict[tuple[int, int], Callable[[int, int], int]] = {  # by funct3, funct7
    (0, 0): lambda a, b: a + b,
    (0, 0x20): lambda a, b: a - b,
    (1, 0): lambda a, b: a << (b & 31),
    (2, 0): lambda a, b: int(signed(a) < signed(b)),
    (3, 0): lambda a, b: int(a < b),
    (4, 0): lambda a, b: a ^ b,
    (5, 0): lambda a, b: a >> (b & 31),
    (5, 0x20): lambda a, b: signed(a) >> (b & 31),
    (6, 0): lambda a, b: a | b,
    (7, 0): lambda a, b: a & b,
}
MULTIPLY: dict[tuple[int, int], Callable[[int, int], int]] = {
    (0, 1): lambda a, b: a * b,
    (1, 1): lambda a, b: signed(a) * signed(b) >> 32,
    (2, 1): lambda a, b: signed(a) * b >> 32,
    (3, 1): lambda a, b: a * b >> 32,
}
DIVIDE: dict[tuple[int, int], Callable[[int, int], int]] = {
    (4, 1): lambda a, b: divide(signed(a), signed(b)),
    (5, 1): lambda a, b: a // b if b else MASK,
    (6, 1): lambda a, b: remainder(signed(a), signed(b)),
    (7, 1): remainder,
}
CONDITION: dict[int, Callable[[int, int], bool]] = {
    0: lambda a, b: a == b,
    1: lambda a, b: a != b,
    4: lambda a, b: signed(a) < signed(b),
    5: lambda a, b: signed(a) >= signed(b),
    6: lambda a, b: a < b,
    7: lambda a, b: a >= b,
}


class TrapError(Exception):
    """An instruction that does not complete: ``mcause`` and ``mtval``."""

    def __init__(self, cause: int, value: int = 0) -> None:
        super().__init__(cause, value)
        self.cause, self.value = cause, value


@dataclass
class Machine:
    """One hart and its memory.

    Parameters
    ----------
    base, memory
        Where the memory begins, and its bytes.
    extensions
        Of ``m`` and ``zmmul``.
    breakpoints
        Whether EBREAK is more than an illegal instruction.
    """

    base: int
    memory: bytearray
    extensions: tuple[str, ...]
    breakpoints: bool = True
    pc: int = 0
    registers: list[int] = field(default_factory=lambda: [0] * 32)
    csrs: dict[int, int] = field(
        default_factory=lambda: dict.fromkeys((MTVEC, MSCRATCH, MEPC, MCAUSE, MTVAL), 0)
    )

    def __post_init__(self) -> None:
        self.alu = dict(ALU)
        if {"m", "zmmul"} & set(self.extensions):
            self.alu |= MULTIPLY
        if "m" in self.extensions:
            self.alu |= DIVIDE

    def run(self, end: int, limit: int = 1_000_000) -> None:
        """Execute until the pc is `end`."""
        for _ in range(limit):
            if self.pc == end:
                return
            try:
                self.pc = self._step(self._read(self.pc, 4)) & MASK
            except TrapError as trap:
                self.csrs |= {MEPC: self.pc, MCAUSE: trap.cause, MTVAL: trap.value}
                self.pc = self.csrs[MTVEC] & ~3
        raise RuntimeError("the program does not end")

    def _read(self, address: int, size: int) -> int:
        at = address - self.base
        return int.from_bytes(self.memory[at : at + size], "little")

    def legal(self, word: int) -> bool:
        """Tell whether the hart has the instruction; of SYSTEM only what `_step` does."""
        opcode, funct3, funct7 = word & 127, word >> 12 & 7, word >> 25
        if opcode == OP:
            return (funct3, funct7) in self.alu
        if opcode == OP_IMM:
            return funct3 not in (1, 5) or (funct3, funct7) in ALU
        if opcode == SYSTEM:
            if funct3 in (0, 4):
                return word in (ECALL, MRET, WFI) or (word == EBREAK and self.breakpoints)
            return word >> 20 in self.csrs
        return {
            LOAD: funct3 in (0, 1, 2, 4, 5),
            STORE: funct3 in (0, 1, 2),
            BRANCH: funct3 in CONDITION,
            JALR: funct3 == 0,
            MISC_MEM: funct3 in (0, 1),
        }.get(opcode, opcode in (LUI, AUIPC, JAL, CUSTOM_0))

    def _step(self, word: int) -> int:
        """Execute one instruction and return the address of the next."""
        if not self.legal(word):
            raise TrapError(ILLEGAL)
        opcode, funct3 = word & 127, word >> 12 & 7
        rd, a, b = word >> 7 & 31, self.registers[word >> 15 & 31], self.registers[word >> 20 & 31]
        immediate = signed(word >> 20, 12)
        following = self.pc + 4
        result = None
        if opcode == OP:
            result = self.alu[funct3, word >> 25](a, b)
        elif opcode == OP_IMM:
            funct7 = word >> 25 if funct3 == 5 else 0
            result = ALU[funct3, funct7](a, immediate & MASK)
        elif opcode == LUI:
            result = word & 0xFFFF_F000
        elif opcode == AUIPC:
            result = self.pc + (word & 0xFFFF_F000)
        elif opcode in (JAL, JALR, BRANCH):
            if opcode == JAL:
                following = self.pc + _jump_offset(word)
            elif opcode == JALR:
                following = a + immediate & ~1
            elif CONDITION[funct3](a, b):
                following = self.pc + _branch_offset(word)
            if following & 2:
                raise TrapError(JUMP_MISALIGNED, following & MASK)
            result = None if opcode == BRANCH else self.pc + 4
        elif opcode == LOAD:
            size = 1 << (funct3 & 3)
            address = a + immediate & MASK
            if address % size:
                raise TrapError(LOAD_MISALIGNED, address)
            value = self._read(address, size)
            result = value if funct3 & 4 else signed(value, 8 * size)
        elif opcode == STORE:
            size = 1 << funct3
            address = a + signed(word >> 25 << 5 | word >> 7 & 31, 12) & MASK
            if address % size:
                raise TrapError(STORE_MISALIGNED, address)
            at = address - self.base
            self.memory[at : at + size] = (b & (1 << 8 * size) - 1).to_bytes(size, "little")
        elif opcode == SYSTEM and funct3:
            result = self._csr(word, a)
        elif word in (ECALL, EBREAK):
            raise TrapError(ENVIRONMENT_CALL if word == ECALL else BREAKPOINT)
        elif word == MRET:
            following = self.csrs[MEPC]
        if result is not None and rd:
            self.registers[rd] = result & MASK
        return following

    def _csr(self, word: int, rs1: int) -> int:
        number, source = word >> 20, word >> 15 & 31
        value = source if word >> 14 & 1 else rs1
        old = self.csrs[number]
        operation = word >> 12 & 3
        if operation == 1 or source:
            new = (value, old | value, old & ~value)[operation - 1]
            self.csrs[number] = new & (~3 if number in (MEPC, MTVEC) else MASK) & MASK
        return old


def _branch_offset(word: int) -> int:
    bits = word >> 31 << 12 | (word >> 7 & 1) << 11 | (word >> 25 & 63) << 5 | (word >> 8 & 15) << 1
    return signed(bits, 13)


def _jump_offset(word: int) -> int:
    bits = word >> 31 << 20 | (word >> 12 & 255) << 12 | (word >> 20 & 1) << 11
    return signed(bits | (word >> 21 & 1023) << 1, 21)


def r(opcode: int, funct3: int, funct7: int, rd: int, rs1: int, rs2: int) -> int:
    """Encode an instruction of format R."""
    return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode


def i(opcode: int, funct3: int, rd: int, rs1: int, immediate: int) -> int:
    """Encode an instruction of format I."""
    return (immediate & 0xFFF) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode


def s(funct3: int, rs1: int, rs2: int, immediate: int) -> int:
    """Encode a store."""
    high, low = immediate >> 5 & 127, immediate & 31
    return high << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | low << 7 | STORE


def branch(funct3: int, rs1: int, rs2: int, offset: int) -> int:
    """Encode a branch."""
    high = (offset >> 12 & 1) << 6 | offset >> 5 & 63
    low = offset & 30 | offset >> 11 & 1
    return high << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | low << 7 | BRANCH


def jal(rd: int, offset: int) -> int:
    """Encode a JAL."""
    bits = (offset >> 20 & 1) << 19 | (offset >> 1 & 1023) << 9
    bits |= (offset >> 11 & 1) << 8 | offset >> 12 & 255
    return bits << 12 | rd << 7 | JAL


def li(rd: int, value: int) -> list[int]:
    """Encode LUI and ADDI."""
    low = signed(value, 12)
    return [(value - low & MASK) & 0xFFFF_F000 | rd << 7 | LUI, i(OP_IMM, 0, rd, rd, low)]
