"""A CFU that sends random requests through its memory port, and what they do to memory."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import xor

import numpy as np
from amaranth.hdl import Cat, Module, Mux, Signal

from cfuforge.cfu import Cfu, Instruction, Operand, Ports, u32

__all__ = ["WORDS", "Storm", "StormMemory"]

WORDS = 16  # of the port's width, of each region


def stepped(state: int) -> int:
    """Return what follows `state` in a xorshift generator."""
    state ^= state << 13 & 0xFFFF_FFFF
    state ^= state >> 17
    return state ^ (state << 5 & 0xFFFF_FFFF)


class Storm(Cfu):
    """Sends a storm of random reads and writes, as fast as they are taken, and sums what it reads.

    How often it writes, and whether it pauses, is in the first bits of the seed. It reads and
    writes the first `WORDS` words of each of four `regions`.
    """

    memory_width = 8
    regions: Sequence[int] = ()
    instructions = (
        Instruction(
            "storm",
            funct3=0,
            rs1=Operand("seed", u32),
            rs2=Operand("count", u32),
            reference=lambda state, seed, count: None,
        ),
        Instruction("sum", funct3=1, rd=Operand("sum", u32), reference=lambda state: 0),
    )

    def hardware(self, m: Module, ports: Ports) -> None:
        """Step a generator with each request."""
        begin, end = ports["storm"], ports["sum"]
        request, response = self.memory.request, self.memory.response
        state, left, total = Signal(32), Signal(32), Signal(32)
        waits, mode = Signal(8), Signal(2)
        first, second, third = (Signal(32) for _ in range(3))
        m.d.comb += [
            first.eq(state ^ (state << 13)[:32]),
            second.eq(first ^ (first >> 17)),
            third.eq(second ^ (second << 5)[:32]),
        ]
        bases = Signal(32)
        with m.Switch(state[8:10]):
            for index, base in enumerate(self.regions):
                with m.Case(index):
                    m.d.comb += bases.eq(base)
        writes = Mux(mode[0], state[0:2] == 0, state[0])
        m.d.comb += [
            request.payload.address.eq(bases + state[4:8] * self.memory_width),
            request.payload.write.eq(writes),
            request.payload.strobe.eq(state[16:24] | state[24].replicate(8)),
            request.payload.data.eq(Cat(state, ~state)),
        ]
        with m.If(response.valid):
            words = [response.payload[at : at + 32] for at in range(0, 8 * self.memory_width, 32)]
            m.d.sync += total.eq(reduce(xor, words, total.rotate_left(1)))
        taken = request.valid & request.ready
        with m.If(taken & ~writes):
            m.d.sync += waits.eq(waits + ~response.valid)
        with m.Elif(response.valid):
            m.d.sync += waits.eq(waits - 1)
        idle = Signal()
        with m.If(taken):
            m.d.sync += [state.eq(third), left.eq(left - 1), idle.eq(mode[1] & state[30])]
        with m.Else():
            m.d.sync += idle.eq(0)
        over = Signal()
        m.d.comb += [
            over.eq((left == 0) & (waits == 0)),
            request.valid.eq((left != 0) & ~idle & (waits < 200)),
        ]
        begin.answer(m, when=over)
        end.answer(m, total, when=over)
        with m.If(begin.taken):
            m.d.sync += [state.eq(begin.rs1), left.eq(begin.rs2), total.eq(0), mode.eq(begin.rs1)]


class StormMemory:
    """The regions, and what a storm does to them.

    Parameters
    ----------
    data
        The bytes of each region.
    width
        The port's.
    kept
        The indices of regions that cannot be written.
    """

    def __init__(self, data: list[bytes], width: int = 8, kept: Sequence[int] = ()) -> None:
        self.regions = [np.frombuffer(each, np.uint8).copy() for each in data]
        self._width, self._kept = width, kept

    def storm(self, state: int, count: int) -> int:
        """Return the storm's sum."""
        total, mode = 0, state & 3
        for _ in range(count):
            index, at = state >> 8 & 3, self._width * (state >> 4 & 15)
            word = self.regions[index][at : at + self._width]
            if (state & 3 == 0) if mode & 1 else state & 1:
                strobe = state >> 16 & 0xFF | (0xFF if state >> 24 & 1 else 0)
                data = (state | (state ^ 0xFFFF_FFFF) << 32).to_bytes(8, "little")
                for i in range(0 if index in self._kept else self._width):
                    if strobe >> i & 1:
                        word[i] = data[i]
            else:
                turned = total << 1 & 0xFFFF_FFFF | total >> 31
                total = reduce(xor, (int(each) for each in word.view("<u4")), turned)
            state = stepped(state)
        return total
