"""`FlashReader` against a chip that follows the data sheets' timing diagrams, clock by clock."""

from __future__ import annotations

import random

import pytest
from amaranth.sim import Simulator, SimulatorContext

from cfuforge.soc.flash_reader import FAST_READ, QUAD_READ, FlashReader

SIZE = 1 << 12
CONTENTS = random.Random(1).randbytes(SIZE)


class Chip:
    """What is on the lines in each clock since it was selected; its answer to the next."""

    def __init__(self) -> None:
        self.clocks: list[tuple[int, int]] = []
        self.commands: list[list[tuple[int, int]]] = []

    def cycle(self, cs_n: int, clock: int, d_o: int, d_oe: int) -> None:
        """Take one cycle of the reader."""
        if cs_n and self.clocks:
            self.commands.append(self.clocks)
            self.clocks = []
        if clock:
            assert not cs_n
            self.clocks.append((d_o, d_oe))

    def answer(self) -> int:
        """Return what it drives in the clock to come; ones where nobody drives."""
        command, address = self.command(), self.address()
        if command == FAST_READ and len(self.clocks) >= 40:
            bit = len(self.clocks) - 40
            return 0b1101 | (self.byte(address + bit // 8) >> 7 - bit % 8 & 1) << 1
        if command == QUAD_READ and len(self.clocks) >= 20:
            nibble = len(self.clocks) - 20
            return self.byte(address + nibble // 2) >> 4 * (1 - nibble % 2) & 15
        return 15

    def byte(self, address: int) -> int:
        return CONTENTS[address % SIZE]

    def command(self) -> int:
        return self.bits(0, 8)

    def address(self) -> int:
        if self.command() == FAST_READ:
            return self.bits(8, 32)
        return int("".join(f"{d_o:x}" for d_o, _ in self.clocks[8:14]) or "0", 16)

    def bits(self, first: int, end: int) -> int:
        return int("".join(str(d_o & 1) for d_o, _ in self.clocks[first:end]) or "0", 2)


def read_all(addresses: list[int], quad: list[int], pause: int) -> tuple[list[int], Chip]:
    """Read words; return the cycles that each took, and the chip."""
    dut = FlashReader((SIZE - 1).bit_length())
    chip, cycles = Chip(), []

    async def at_the_pins(ctx: SimulatorContext) -> None:
        ctx.set(dut.d_i, 15)
        pins = ctx.tick().sample(dut.cs_n, dut.clock, dut.d_o, dut.d_oe)
        async for _, _, cs_n, clock, d_o, d_oe in pins:
            chip.cycle(cs_n, clock, d_o, d_oe)
            ctx.set(dut.d_i, chip.answer())

    async def program(ctx: SimulatorContext) -> None:
        for address, four in zip(addresses, quad, strict=True):
            ctx.set(dut.quad, four)
            ctx.set(dut.bus.adr, address // 4)
            ctx.set(dut.bus.cyc, 1)
            ctx.set(dut.bus.stb, 1)
            ack, taken = 0, 0
            while not ack and taken < 200:
                taken += 1
                _, _, ack, word = await ctx.tick().sample(dut.bus.ack, dut.bus.dat_r)
            assert ack, "no answer"
            place = address % SIZE
            assert word == int.from_bytes(CONTENTS[place : place + 4], "little"), hex(address)
            cycles.append(taken)
            ctx.set(dut.bus.cyc, 0)
            ctx.set(dut.bus.stb, 0)
            for _ in range(pause):
                await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_process(at_the_pins)
    simulator.add_testbench(program)
    simulator.run_until(1e-6 * 300 * len(addresses))
    assert len(cycles) == len(addresses)
    return cycles, chip


@pytest.mark.parametrize("quad", [0, 1])
@pytest.mark.parametrize("pause", [0, 3, 50])
def test_any_order_of_addresses_reads_the_right_words(quad: int, pause: int) -> None:
    random_source = random.Random(pause)
    addresses = []
    for _ in range(40):
        begin = random_source.randrange(0, SIZE, 4)
        addresses += [(begin + 4 * i) % SIZE for i in range(random_source.choice([1, 1, 2, 9]))]
    read_all(addresses, [quad] * len(addresses), pause)


def test_the_command_on_one_line_is_as_after_power_on() -> None:
    _, chip = read_all([0xABC, 0x004], [0, 0], 0)
    command = chip.commands[0]
    assert [d_o & 1 for d_o, _ in command[:32]] == [int(bit) for bit in f"{0x0B000ABC:032b}"]
    assert all(d_oe == 0b1101 and d_o >> 2 == 0b11 for d_o, d_oe in command)
    assert len(command) >= 8 + 24 + 8 + 32


def test_the_command_on_four_lines_has_its_mode_and_dummy_clocks() -> None:
    _, chip = read_all([0xABC, 0x004], [1, 1], 0)
    command = chip.commands[0]
    assert [d_o & 1 for d_o, _ in command[:8]] == [int(bit) for bit in f"{QUAD_READ:08b}"]
    assert all(d_oe & 1 and not d_oe & 2 for _, d_oe in command[:8])
    assert [d_o for d_o, _ in command[8:14]] == [0, 0, 0, 0xA, 0xB, 0xC]
    mode = [d_o for d_o, _ in command[14:16]]
    assert mode == [0, 0], "a mode in which the next read has no command would be 0xA0"
    assert all(d_oe == 15 for _, d_oe in command[8:16])
    assert all(d_oe == 0 for _, d_oe in command[16:])
    assert len(command) >= 8 + 6 + 2 + 4 + 8


@pytest.mark.parametrize(("quad", "first", "next_word"), [(0, 76, 34), (1, 32, 10)])
def test_cycles_of_a_word(quad: int, first: int, next_word: int) -> None:
    cycles, _ = read_all([0x100, 0x104, 0x108, 0x200], [quad] * 4, 0)
    assert cycles[:3] == [first, next_word, next_word]
    assert cycles[3] <= first + 1, "a word that is not asked for does not hold up another"
    waited, _ = read_all([0x100, 0x104, 0x108], [quad] * 3, 40)
    assert waited[1:] == [3, 3], "read before it was asked for"


def test_the_lines_change_between_two_words() -> None:
    read_all([0x100, 0x104, 0x108, 0x10C], [0, 1, 1, 0], 2)
