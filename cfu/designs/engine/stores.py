"""The memories: activations, one copy for each pixel lane; filters; channel records."""

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from cfuforge.cfu.designs.engine.commands import Kind, Record
from cfuforge.cfu.designs.engine.configuration import LANES, Configuration
from cfuforge.cfu.designs.engine.placer import Placed

__all__ = ["Activations", "Filters", "Records"]


class Activations(wiring.Component):
    """A byte-addressed store with a copy for each pixel, from which each reads eight bytes.

    Parameters
    ----------
    configuration
        Bytes, and pixels: the number of copies.

    Members
    -------
    write : ``In(stream(Placed, always_ready))``
        Eight bytes, for all copies.
    address : ``In(pixels addresses)``
        The first byte that each pixel reads.
    word : ``Out(pixels x 64)``
        Eight bytes from the word-aligned address below, one cycle later.

    Timing
    ------
    A read sees the writes of earlier cycles.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._rows, self._pixels = configuration.activations // 8, configuration.pixels
        bits = ceil_log2(configuration.activations)
        super().__init__(
            {
                "write": In(stream.Signature(Placed, always_ready=True)),
                "address": In(data.ArrayLayout(bits, self._pixels)),
                "word": Out(data.ArrayLayout(64, self._pixels)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build two banks of words for each pixel: even ones and odd ones."""
        m = Module()
        placed: Any = self.write.payload
        taken = self.write.valid & (placed.kind == Kind.ACTIVATIONS)
        for pixel in range(self._pixels):
            address = self.address[pixel]
            row, odd = address[3:], address[2]
            found = []
            for bank in range(2):
                memory = Memory(shape=32, depth=self._rows, init=[])
                m.submodules[f"pixel_{pixel}_bank_{bank}"] = memory
                write, read = memory.write_port(granularity=8), memory.read_port()
                m.d.comb += [
                    write.addr.eq(placed.granule),
                    write.data.eq(placed.data.word_select(bank, 32)),
                    write.en.eq(Mux(taken, placed.bytes.word_select(bank, 4), 0)),
                    read.addr.eq(row + odd if bank == 0 else row),
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
        Filters, each with a bank, and words of a bank.

    Members
    -------
    write : ``In(stream(Placed, always_ready))``
        Eight bytes for one bank or several.
    address : ``In(filters addresses)``
        A word of each bank.
    word : ``Out(filters x 32)``
        The words, one cycle later.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._words, self._banks = configuration.words, configuration.filters
        bits = ceil_log2(self._words)
        super().__init__(
            {
                "write": In(stream.Signature(Placed, always_ready=True)),
                "address": In(data.ArrayLayout(bits, self._banks)),
                "word": Out(data.ArrayLayout(32, self._banks)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build banks of rows of two words."""
        m = Module()
        placed: Any = self.write.payload
        kind, halves = placed.kind, [placed.bytes[:4].any(), placed.bytes[4:].any()]
        odd = placed.granule[0]  # with TAPS and eight banks, a granule is a word of two
        for bank in range(self._banks):
            memory = Memory(shape=64, depth=self._words // 2, init=[])
            m.submodules[f"bank_{bank}"] = memory
            write, read = memory.write_port(granularity=32), memory.read_port()
            m.d.comb += [
                write.addr.eq(placed.granule),
                write.data.eq(placed.data),
                read.addr.eq(self.address[bank][1:]),
            ]
            with m.If(self.write.valid & ((kind == Kind.FILTERS) | (kind == Kind.TABLE))):
                m.d.comb += write.en.eq(Mux(placed.banks[bank], Cat(*halves), 0))
            if self._banks == 2 * LANES and bank % LANES == 0:
                half = bank // LANES
                with m.If(self.write.valid & (kind == Kind.TAPS)):
                    m.d.comb += [
                        write.addr.eq(placed.granule[1:]),
                        write.data.eq(placed.data.word_select(half, 32).replicate(2)),
                        write.en.eq(Cat(~odd, odd)),
                    ]
            elif bank % LANES == 0:
                with m.If(self.write.valid & (kind == Kind.TAPS)):
                    m.d.comb += write.en.eq(Cat(*halves))
            second = Signal(name=f"second_{bank}")
            m.d.sync += second.eq(self.address[bank][0])
            m.d.comb += self.word[bank].eq(read.data.word_select(second, 32))
        return m


class Records(wiring.Component):
    """Bias and scale of each output channel, read for as many as there are requantisers.

    Parameters
    ----------
    configuration
        Records, and requantisers.

    Members
    -------
    write : ``In(stream(Placed, always_ready))``
        One record.
    address : ``In``
        Of as many channels as there are requantisers.
    record : ``Out(requantisers x Record)``
        Their records, one cycle later.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._scaled = configuration.requantisers
        self._groups = configuration.records // self._scaled
        bits = ceil_log2(self._groups)
        super().__init__(
            {
                "write": In(stream.Signature(Placed, always_ready=True)),
                "address": In(bits),
                "record": Out(data.ArrayLayout(Record, self._scaled)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build a memory for each requantiser."""
        m = Module()
        placed: Any = self.write.payload
        bits = ceil_log2(self._scaled)
        for channel in range(self._scaled):
            memory = Memory(shape=64, depth=self._groups, init=[])
            m.submodules[f"channel_{channel}"] = memory
            write, read = memory.write_port(), memory.read_port()
            chosen = (placed.kind == Kind.RECORDS) & (placed.granule[:bits] == channel)
            m.d.comb += [
                write.addr.eq(placed.granule[bits:]),
                write.data.eq(placed.data),
                write.en.eq(self.write.valid & chosen),
                read.addr.eq(self.address),
                self.record[channel].eq(read.data),
            ]
        return m
