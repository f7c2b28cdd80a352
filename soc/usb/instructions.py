"""The sequencer's instructions, and their assembler."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum, IntFlag

from cfuforge.base.errors import InputError

__all__ = [
    "DATA_BYTES",
    "PROGRAM_WORDS",
    "Assembler",
    "Condition",
    "Mode",
    "Move",
    "Operation",
    "Wait",
]

PROGRAM_WORDS = 512  # two block RAMs of an iCE40
DATA_BYTES = 512  # one block RAM


class Operation(IntEnum):
    """The operation of an instruction that writes the accumulator."""

    LOAD = 0
    SUBTRACT = 1
    AND = 2
    IO = 3


class Move(IntEnum):
    """The operation of an instruction that does not write the accumulator."""

    STORE = 0
    POINT = 1
    PUT = 2
    MODE = 3


class Condition(IntEnum):
    """The condition of a jump; those without a comment are inputs of the sequencer."""

    ALWAYS = 0  # true
    ZERO = 1  # the accumulator is 0
    NEGATIVE = 2  # the accumulator's bit 7
    ACTIVE = 3
    SE0 = 4
    CRC_OK = 5
    OFFERED = 6
    RX_BUSY = 7


class Mode(IntFlag):
    """The bit engine's mode; with none of these it listens."""

    TRANSMIT = 1  # let the bit clock run freely and request bytes
    DRIVE = 2  # drive the pads
    CRC = 4  # update the CRC; otherwise it is held at its initial value
    EMIT = 8  # send the CRC's complement instead of the byte
    SE0 = 16  # send a single-ended zero


class Wait(IntEnum):
    """The event for which an instruction waits before it sets the mode."""

    NOT = 0
    BYTE = 1 << 9
    BIT = 1 << 9 | 1 << 6


class Assembler:
    """Build a program and the contents of its data memory.

    An operand is a number, which becomes a byte in memory, or a name from `reserve` or `allocate`.
    A label is any text, defined once with `label`.

    In a word, bit 15 is 0 for a jump: bit 14 inverts, 13:11 is the condition, 8:0 the target.
    Otherwise bit 14 is set when the accumulator is written, 13:12 is an `Operation` or a `Move`,
    bit 10 takes the address from the pointer (for IO: reads the stream instead of the bit engine)
    and 8:0 is the address. Bit 11 sets the bit engine's mode to 4:0, after the `Wait` in bits 9
    and 6.
    """

    def __init__(self) -> None:
        self._words: list[int | tuple[int, str]] = []  # a jump is a word and its target's label
        self._labels: dict[str, int] = {}
        self._names: dict[str, int] = {}
        self._constants: dict[int, int] = {}
        self._used: dict[int, int] = {}

    def allocate(self, name: str, contents: Iterable[int], page: int) -> int:
        """Put bytes at consecutive addresses in page 0 or 1; return their address in the page."""
        contents = list(contents)
        for start in range(256 * page, 256 * page + 257 - len(contents)):
            if not any(start + k in self._used for k in range(len(contents))):
                self._used |= {start + k: byte for k, byte in enumerate(contents)}
                self._names[name] = start
                return start & 0xFF
        raise InputError(
            f"USB data memory: {len(contents)} bytes for {name!r} do not fit; shorten the strings"
        )

    def reserve(self, name: str, size: int = 1, page: int = 0) -> int:
        """Put `size` zero bytes in a page, as `allocate` does."""
        return self.allocate(name, [0] * size, page)

    def alias(self, name: str, place: str, offset: int) -> None:
        """Name the byte at `offset` in a place."""
        self._names[name] = self._names[place] + offset

    def label(self, label: str) -> None:
        """Define `label` as the address of the next instruction."""
        if label in self._labels:
            raise ValueError(f"label {label!r} is set twice")
        self._labels[label] = len(self._words)

    def load(self, operand: int | str) -> None:
        """Load the accumulator."""
        self._operation(Operation.LOAD, operand)

    def subtract(self, operand: int | str) -> None:
        """Subtract from the accumulator, modulo 256."""
        self._operation(Operation.SUBTRACT, operand)

    def mask(self, operand: int | str) -> None:
        """Keep those bits of the accumulator that are set in the operand."""
        self._operation(Operation.AND, operand)

    def load_indirect(self) -> None:
        """Load the accumulator from the address in the pointer."""
        self._words.append(0xC400 | Operation.LOAD << 12)

    def take(self) -> None:
        """Load the accumulator from the stream to the host, which must offer a byte."""
        self._words.append(0xC400 | Operation.IO << 12)

    def mode(self, mode: Mode, wait: Wait = Wait.NOT) -> None:
        """Wait, then set the bit engine's mode."""
        self._words.append(0x8800 | Move.MODE << 12 | wait | int(mode))

    def receive(self, mode: Mode) -> None:
        """Wait for a byte or the packet's end, set the mode, and load the received byte."""
        self._words.append(0xC800 | Operation.IO << 12 | Wait.BYTE | int(mode))

    def store(self, name: str) -> None:
        """Store the accumulator."""
        self._words.append(0x8000 | Move.STORE << 12 | self._address(name))

    def store_indirect(self) -> None:
        """Store the accumulator at the address in the pointer."""
        self._words.append(0x8400 | Move.STORE << 12)

    def point(self, name: str) -> None:
        """Load the pointer: the page from accumulator bit 0, the address in it from memory."""
        self._words.append(0x8000 | Move.POINT << 12 | self._address(name))

    def put(self) -> None:
        """Put the accumulator into the stream from the host, which must not be busy."""
        self._words.append(0x8000 | Move.PUT << 12)

    def jump(self, label: str, condition: Condition = Condition.ALWAYS) -> None:
        """Jump to `label` if `condition` holds."""
        self._words.append((condition << 11, label))

    def jump_unless(self, label: str, condition: Condition) -> None:
        """Jump to `label` if `condition` does not hold."""
        self._words.append((1 << 14 | condition << 11, label))

    def program(self) -> list[int]:
        """Return the instruction words, with labels resolved."""
        words = [w if isinstance(w, int) else w[0] | self._labels[w[1]] for w in self._words]
        if len(words) > PROGRAM_WORDS:
            raise ValueError(f"the program has {len(words)} words, {PROGRAM_WORDS} fit")
        return words

    def contents(self) -> list[int]:
        """Return the data memory's bytes."""
        return [self._used.get(address, 0) for address in range(DATA_BYTES)]

    def _operation(self, operation: Operation, operand: int | str) -> None:
        self._words.append(0xC000 | operation << 12 | self._address(operand))

    def _address(self, operand: int | str) -> int:
        if isinstance(operand, str):
            return self._names[operand]
        value = operand & 0xFF
        if value not in self._constants:
            name = f"constant {value}"
            try:
                self.allocate(name, [value], 0)
            except InputError:
                self.allocate(name, [value], 1)
            self._constants[value] = self._names[name]
        return self._constants[value]
