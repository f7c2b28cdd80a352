"""One custom instruction, declared once: all else about it is derived from the declaration."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from cfuforge.base.errors import InputError
from cfuforge.cfu.c_names import check_name
from cfuforge.cfu.shapes import check_shape, decode, encode
from cfuforge.cfu.state import State

__all__ = ["OPCODE", "Index", "Instruction", "Operand", "by_function_id", "function_id_of"]

OPCODE = 0x0B  # RISC-V's custom-0, the opcode of VexRiscv's CFU port


@dataclass(frozen=True)
class Operand:
    """The meaning of an instruction's rs1, rs2 or rd.

    Parameters
    ----------
    name
        The parameter's name in ``cfu.h``: a C identifier, not a keyword or a name used there.
    shape
        An Amaranth scalar or `ArrayLayout` of at most 32 bits: `s32`, `s8x4`, ``signed(9)``.
        Hardware and reference get the register's least significant bits; a signed result is
        sign-extended.
    doc
        Unit and range, in one line.
    """

    name: str
    shape: Any
    doc: str = ""

    def __post_init__(self) -> None:
        check_name(self.name, "an operand")
        check_shape(self.shape, f"operand {self.name!r}")


@dataclass(frozen=True)
class Index:
    """An immediate in funct7, 0 to `count` - 1, which a C call gives as a constant."""

    name: str
    count: int
    doc: str = ""

    def __post_init__(self) -> None:
        check_name(self.name, "an index")
        if not 1 <= self.count <= 128:
            raise InputError(f"the count of index {self.name!r} must be 1..128, not {self.count}")


@dataclass(frozen=True)
class Instruction:
    """An R-type instruction with opcode custom-0.

    Parameters
    ----------
    name
        A C identifier; the C function is ``cfu_<name>``.
    funct3
        0..7.
    funct7
        0..127; with an `index`, the funct7 of index 0.
    index
        An immediate encoded as funct7 + index, or None.
    rs1, rs2, rd
        The operands and the result; None for one that is not used. An instruction without rd
        answers 0.
    compared
        Whether the hardware must answer what the reference returns. False for a time, such as a
        count of cycles, which no reference can know.
    doc
        What it does, in one sentence; by default the reference's docstring.
    reference
        ``reference(state, [index], [rs1], [rs2])``, with only the declared ones, decoded to ints
        or, for lanes, tuples of ints. It updates `state` and returns rd, or None without one.

    Raises
    ------
    InputError
        When something is out of range or missing; the message says what.
    """

    name: str
    _: KW_ONLY
    funct3: int
    funct7: int = 0
    index: Index | None = None
    rs1: Operand | None = None
    rs2: Operand | None = None
    rd: Operand | None = None
    doc: str = ""
    reference: Callable[..., Any] | None = None
    compared: bool = True

    def __post_init__(self) -> None:
        check_name(self.name, "an instruction")
        last = self.funct7 + (self.index.count - 1 if self.index else 0)
        if not 0 <= self.funct3 <= 7:
            raise InputError(f"{self}: funct3 must be 0..7, not {self.funct3}")
        if self.funct7 < 0 or last > 127:
            raise InputError(f"{self}: funct7 must stay within 0..127, not {self.funct7}..{last}")
        names = [operand.name for operand in self.operands]
        if len(set(names)) != len(names):
            raise InputError(f"{self}: operands need different names, not {', '.join(names)}")
        self._check_reference()
        if not self.doc:
            object.__setattr__(self, "doc", inspect.getdoc(self.reference) or "")

    def __str__(self) -> str:
        return f"instruction {self.name!r}"

    def _check_reference(self) -> None:
        wanted = f"reference({', '.join(['state', *(item.name for item in self.operands)])})"
        if not callable(self.reference):
            raise InputError(
                f"{self}: reference must be a function {wanted}, not {self.reference!r}"
            )
        try:
            inspect.signature(self.reference).bind(*(None for _ in ("state", *self.operands)))
        except TypeError as error:
            raise InputError(f"{self}: its reference must take {wanted}: {error}") from error

    @property
    def operands(self) -> Sequence[Operand | Index]:
        """The arguments of the C function and of the reference, in this order: index, rs1, rs2."""
        return [item for item in (self.index, self.rs1, self.rs2) if item is not None]

    @property
    def function_ids(self) -> range:
        """The instruction's function ids, ``funct7 << 3 | funct3``, by index."""
        count = self.index.count if self.index else 1
        first = self.funct7 << 3 | self.funct3
        return range(first, first + 8 * count, 8)

    def word(self, rd: int = 0, rs1: int = 0, rs2: int = 0, index: int = 0) -> int:
        """Return the instruction word for register numbers 0..31."""
        for what, number in (("rd", rd), ("rs1", rs1), ("rs2", rs2)):
            if not 0 <= number <= 31:
                raise InputError(f"{self}: register {what} must be 0..31, not {number}")
        if not 0 <= index < len(self.function_ids):
            raise InputError(f"{self}: index must be 0..{len(self.function_ids) - 1}, not {index}")
        fields = (self.funct7 + index) << 25 | rs2 << 20 | rs1 << 15 | self.funct3 << 12
        return fields | rd << 7 | OPCODE

    def execute(self, state: State, function_id: int, rs1: int, rs2: int) -> int:
        """Run the reference on raw words and return the 32-bit answer.

        Raises
        ------
        InputError
            When the reference returns a value that rd cannot hold.
        """
        arguments: list[Any] = []
        if self.index:
            arguments.append(self.function_ids.index(function_id))
        for operand, word in ((self.rs1, rs1), (self.rs2, rs2)):
            if operand:
                arguments.append(decode(operand.shape, word))
        assert self.reference is not None  # __post_init__ has checked it
        result = self.reference(state, *arguments)
        if self.rd is None:
            if result is not None:
                raise InputError(
                    f"{self}: the reference returned {result!r}, but no rd is declared; "
                    "declare rd=Operand(...) or return nothing"
                )
            return 0
        return encode(self.rd.shape, result, f"what the reference of {self} returns")


def function_id_of(word: int) -> int | None:
    """Return ``funct7 << 3 | funct3`` of an instruction word; None when it is not for the CFU."""
    return word >> 25 << 3 | word >> 12 & 7 if word & 0x7F == OPCODE else None


def by_function_id(instructions: Sequence[Instruction]) -> dict[int, Instruction]:
    """Map every declared function id to its instruction.

    Raises
    ------
    InputError
        When two instructions share a name or a function id, or one is not an `Instruction`.
    """
    by_id: dict[int, Instruction] = {}
    names: set[str] = set()
    for instruction in instructions:
        if not isinstance(instruction, Instruction):
            raise InputError(f"instructions must hold Instruction objects, not {instruction!r}")
        if instruction.name in names:
            raise InputError(f"{instruction} is declared twice; give each a name of its own")
        names.add(instruction.name)
        for function_id in instruction.function_ids:
            other = by_id.setdefault(function_id, instruction)
            if other is not instruction:
                raise InputError(
                    f"instructions {other.name!r} and {instruction.name!r} share function id "
                    f"{function_id} (funct3 {function_id & 7}, funct7 {function_id >> 3}); "
                    "change funct3 or funct7 of one"
                )
    return by_id
