"""A processor with an accumulator and a pointer, which runs the USB protocol from block RAM."""

from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from cfuforge.soc.usb.bit_engine import MODE
from cfuforge.soc.usb.instructions import DATA_BYTES, PROGRAM_WORDS, Condition, Move, Operation

__all__ = ["Sequencer"]


class Sequencer(wiring.Component):
    """Run a program of `cfuforge.soc.usb.instructions`.

    Parameters
    ----------
    program
        Up to `PROGRAM_WORDS` instruction words.
    contents
        The data memory's initial contents, up to `DATA_BYTES` bytes.

    Members
    -------
    conditions : ``In(8)``
        The external conditions of jumps, at the bits given by `Condition`; the other bits are not
        read.
    shift, payload : ``In(8)``
        The bytes that ``receive`` and ``take`` load.
    take : ``Out(1)``
        `payload` is read in this cycle.
    mode : ``Out(MODE)``, mode_valid : ``Out(1)``
        The bit engine's mode.
    byte_done, bit_done, waiting_is_over : ``In(1)``
        The events for which an instruction may wait. `waiting_is_over` ends every wait.
    accumulator : ``Out(8)``
        The byte that the bit engine sends and `put` outputs.
    put : ``Out(1)``
        Put `accumulator` into the ``rx`` stream.

    Timing
    ------
    Each instruction takes two cycles of domain ``usb``. In the first the operand is read and a jump
    decided; in the second the operand is used and the next instruction read. A reset restarts the
    program but does not restore the data memory. Block RAM that reads as zero, as the iCE40's does
    for some microseconds after configuration, is a jump to address 0.
    """

    def __init__(self, program: Sequence[int], contents: Sequence[int]) -> None:
        self._program = list(program)
        self._contents = list(contents)
        super().__init__(
            {
                "conditions": In(8),
                "shift": In(8),
                "payload": In(8),
                "take": Out(1),
                "mode": Out(MODE),
                "mode_valid": Out(1),
                "byte_done": In(1),
                "bit_done": In(1),
                "waiting_is_over": In(1),
                "accumulator": Out(8),
                "put": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build fetch, operand, arithmetic and jumps."""
        m = Module()
        m.submodules.program = program = Memory(shape=16, depth=PROGRAM_WORDS, init=self._program)
        m.submodules.memory = memory = Memory(shape=8, depth=DATA_BYTES, init=self._contents)
        fetch = program.read_port(domain="usb")
        read = memory.read_port(domain="usb")
        write = memory.write_port(domain="usb")
        word, accumulator = fetch.data, self.accumulator

        first, second, hold = Signal(), Signal(), Signal()
        m.d.usb += [first.eq(~first | hold), second.eq(first & ~hold)]
        is_operation, to_accumulator, operation = word[15], word[14], word[12:14]
        has_mode, indirect, waits, address = word[11], word[10], word[9], word[:9]
        done = self.waiting_is_over | self.byte_done | (word[6] & self.bit_done)
        m.d.comb += hold.eq(first & is_operation & waits & ~done)

        now = second & is_operation
        is_io = operation == Operation.IO
        pointer, load, move = Signal(9), Signal(), Signal()
        m.d.comb += [
            load.eq(now & to_accumulator),
            move.eq(now & ~to_accumulator),
            read.addr.eq(Mux(indirect, pointer, address)),
            write.addr.eq(read.addr),
            write.data.eq(accumulator),
            write.en.eq(move & (operation == Move.STORE)),
            self.put.eq(move & (operation == Move.PUT)),
            self.take.eq(load & is_io & indirect),
            self.mode.eq(word[:5]),
            self.mode_valid.eq(now & has_mode),
        ]
        point = move & (operation == Move.POINT)
        with m.If(point):
            m.d.usb += pointer.eq(Cat(read.data, accumulator[0]))

        # The result is always left + right + carry, on one adder, whose lowest bit adds the carry.
        left, right, carry = Signal(8), Signal(8), Signal()
        with m.Switch(operation):
            with m.Case(Operation.LOAD):
                m.d.comb += right.eq(read.data)
            with m.Case(Operation.SUBTRACT):
                m.d.comb += [left.eq(accumulator), right.eq(~read.data), carry.eq(1)]
            with m.Case(Operation.AND):
                m.d.comb += right.eq(accumulator & read.data)
            with m.Case(Operation.IO):
                m.d.comb += left.eq(Mux(indirect, self.payload, self.shift))
        with m.If(load):
            m.d.usb += accumulator.eq((Cat(carry, left) + Cat(carry, right))[1:])

        conditions = [*self.conditions]
        conditions[Condition.ALWAYS] = Const(1)
        conditions[Condition.ZERO] = accumulator == 0
        conditions[Condition.NEGATIVE] = accumulator[7]
        counter, taken = Signal(9), Signal()
        m.d.comb += [
            taken.eq(~is_operation & (Cat(conditions).bit_select(word[11:14], 1) ^ word[14])),
            fetch.addr.eq(counter),
            fetch.en.eq(~first),
        ]
        with m.If(first & ~hold):
            m.d.usb += counter.eq(Mux(taken, address, counter + 1))
        return m
