"""The memories: activations, one copy for each pixel lane; filters; channel records."""

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from cfuforge.cfu.designs.engine.commands import Kind, Record
from cfuforge.cfu.designs.engine.configuration import LANES, TABLE, Configuration
from cfuforge.cfu.designs.engine.placer import placed_of

__all__ = ["Activations", "Filters", "Records"]


class Activations(wiring.Component):
    """A byte-addressed store with a copy for each pixel, from which each reads eight bytes.

    Parameters
    ----------
    configuration
        Bytes, and pixels: the number of copies.

    Members
    -------
    write : ``In(stream(placed_of(configuration), always_ready))``
        Bytes for all copies.
    address : ``In(pixels addresses)``
        The first byte that each pixel reads.
    word : ``Out(pixels x 64)``
        Eight bytes from the word-aligned address below, one cycle later.

    Timing
    ------
    A read sees the writes of two cycles before and earlier: the memories are too far apart for one
    register to reach them all, and what it is decoded with.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._rows, self._pixels = configuration.activations // 8, configuration.pixels
        self._width = configuration.width
        bits = ceil_log2(configuration.activations)
        super().__init__(
            {
                "write": In(stream.Signature(placed_of(configuration), always_ready=True)),
                "address": In(data.ArrayLayout(bits, self._pixels)),
                "word": Out(data.ArrayLayout(64, self._pixels)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build two banks of words for each pixel: even ones and odd ones."""
        m = Module()
        placed: Any = self.write.payload
        taken = self.write.valid & (placed.kind == Kind.ACTIVATIONS)
        words = self._width // 4  # of a write
        for pixel in range(self._pixels):
            address = self.address[pixel]
            row, odd = address[3:], address[2]
            found = []
            for bank in range(2):
                memory = Memory(shape=32, depth=self._rows, init=[])
                mine = taken if words == 2 else taken & (placed.granule[0] == bank)
                m.submodules[f"pixel_{pixel}_bank_{bank}"] = memory
                write, read = memory.write_port(granularity=8), memory.read_port()
                m.d.comb += read.addr.eq(row + odd if bank == 0 else row)
                m.d.sync += [
                    write.addr.eq(placed.granule[2 - words :]),
                    write.data.eq(placed.data.word_select(bank % words, 32)),
                    write.en.eq(Mux(mine, placed.bytes.word_select(bank % words, 4), 0)),
                ]
                found.append(read.data)
            swaps = Signal(name=f"swaps_{pixel}")
            m.d.sync += swaps.eq(odd)
            even, other = found
            m.d.comb += self.word[pixel].eq(Mux(swaps, Cat(other, even), Cat(even, other)))
        return m


class Filters(wiring.Component):
    """Banks of words, each read at its own address.

    Parameters
    ----------
    configuration
        Banks and words. A bank without a filter only has a table.

    Members
    -------
    write : ``In(stream(placed_of(configuration), always_ready))``
        Bytes for one bank or several.
    address : ``In(banks addresses)``
        A word of each bank.
    word : ``Out(banks x 32)``
        The words, one cycle later.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        banks = configuration.banks
        bits = ceil_log2(configuration.words)
        super().__init__(
            {
                "write": In(stream.Signature(placed_of(configuration), always_ready=True)),
                "address": In(data.ArrayLayout(bits, banks)),
                "word": Out(data.ArrayLayout(32, banks)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build banks of rows, each as wide as a write."""
        m = Module()
        c = self._configuration
        placed: Any = self.write.payload
        words = c.width // LANES  # of a row
        bits = ceil_log2(words)
        used = Cat(placed.bytes.word_select(i, LANES).any() for i in range(words))
        chosen = self.write.valid & ((placed.kind == Kind.FILTERS) | (placed.kind == Kind.TABLE))
        taps = self.write.valid & (placed.kind == Kind.TAPS)
        for bank in range(c.banks):
            depth = c.words if bank < c.filters else TABLE
            memory = Memory(shape=32 * words, depth=depth // words, init=[])
            m.submodules[f"bank_{bank}"] = memory
            write, read = memory.write_port(granularity=32), memory.read_port()
            m.d.comb += read.addr.eq(self.address[bank][bits:])
            m.d.sync += [
                write.addr.eq(placed.granule),
                write.data.eq(placed.data),
                write.en.eq(Mux(chosen & placed.banks[bank], used, 0)),
            ]
            if bank % LANES == 0:
                with m.If(taps):
                    self._write_taps(m, write, bank // LANES, used)
            if bits:
                second = Signal(name=f"second_{bank}")
                m.d.sync += second.eq(self.address[bank][0])
                m.d.comb += self.word[bank].eq(read.data.word_select(second, 32))
            else:
                m.d.comb += self.word[bank].eq(read.data)
        return m

    def _write_taps(self, m: Module, write: Any, half: int, used: Any) -> None:
        """Write what is for one of the banks that hold taps."""
        c, placed = self._configuration, self.write.payload
        words = c.width // LANES
        if c.reach == LANES:
            m.d.sync += write.en.eq(used)
        elif words == 1:  # every other word
            m.d.sync += [
                write.addr.eq(placed.granule[1:]),
                write.en.eq(placed.granule[0] == half),
            ]
        else:
            odd = placed.granule[0]
            m.d.sync += [
                write.addr.eq(placed.granule[1:]),
                write.data.eq(placed.data.word_select(half, 32).replicate(2)),
                write.en.eq(Cat(~odd, odd)),
            ]


class Records(wiring.Component):
    """Bias and scale of each output channel, read for as many as there are requantisers.

    Parameters
    ----------
    configuration
        Records, and requantisers.

    Members
    -------
    write : ``In(stream(placed_of(configuration), always_ready))``
        A record, or a part of one.
    address : ``In``
        Of as many channels as there are requantisers.
    record : ``Out(requantisers x Record)``
        Their records, one cycle later.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._scaled, self._width = configuration.requantisers, configuration.width
        self._groups = configuration.records // self._scaled
        bits = ceil_log2(self._groups)
        super().__init__(
            {
                "write": In(stream.Signature(placed_of(configuration), always_ready=True)),
                "address": In(bits),
                "record": Out(data.ArrayLayout(Record, self._scaled)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build a memory for each requantiser."""
        m = Module()
        placed: Any = self.write.payload
        bits = ceil_log2(self._scaled)
        halves = 8 // self._width
        number, enabled = placed.granule[halves - 1 :], 1
        if halves == 2:
            enabled = Cat(~placed.granule[0], placed.granule[0])
        for channel in range(self._scaled):
            memory = Memory(shape=64, depth=self._groups, init=[])
            m.submodules[f"channel_{channel}"] = memory
            write, read = memory.write_port(granularity=8 * self._width), memory.read_port()
            chosen = (placed.kind == Kind.RECORDS) & (number[:bits] == channel)
            m.d.sync += [
                write.addr.eq(number[bits:]),
                write.data.eq(placed.data.replicate(halves)),
                write.en.eq(Mux(self.write.valid & chosen, enabled, 0)),
            ]
            m.d.comb += [
                read.addr.eq(self.address),
                self.record[channel].eq(read.data),
            ]
        return m
