"""The lean engine's memories for activations, filters and records."""

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from cfuforge.cfu.designs.engine.commands import Kind
from cfuforge.cfu.designs.engine.configuration import Configuration

__all__ = ["Activations", "Filters", "Records", "Write"]

BLOCK_RAM = {"ram_style": "block", "no_rw_check": True}

Write = data.StructLayout(
    {
        "valid": 1,
        "kind": Kind,
        "banks": 3,
        "second": 1,  # of the two cycles that bytes take which are not in place
        "bytes": 4,  # which of them are written
        "data": 32,
    }
)
"""Bytes for a store: those of a word, or the end of one and the begin of the next."""


class Activations(wiring.Component):
    """A byte-addressed store, of which four bytes are read, or written, at any address.

    Members
    -------
    at : ``In``
        The address of the first byte; the others are behind it. All four are read when `enable`.
    enable : ``In(1)``
        Read.
    write : ``In(Write)``
        Bytes for the same address.
    word : ``Out(32)``
        The bytes, one cycle later: byte k of them is where `at` plus k modulo 4 says.
    row : ``Out``, ``next_row`` : ``Out``
        The word of the first byte, and the one behind it.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._bits = bits = ceil_log2(configuration.activations)
        super().__init__(
            {
                "at": In(bits),
                "enable": In(1),
                "write": In(Write),
                "word": Out(32),
                "row": Out(bits - 2),
                "next_row": Out(bits - 2),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build a memory for each byte of a word."""
        m = Module()
        written: Any = self.write
        m.d.comb += [self.row.eq(self.at[2:]), self.next_row.eq(self.at[2:] + 1)]
        chosen = written.valid & (written.kind == Kind.ACTIVATIONS)
        for lane in range(4):
            memory = Memory(shape=8, depth=1 << self._bits - 2, init=[], attrs=BLOCK_RAM)
            m.submodules[f"lane_{lane}"] = memory
            read, write = memory.read_port(), memory.write_port()
            place = Mux(self.at[:2] > lane, self.next_row, self.row)
            m.d.comb += [
                read.addr.eq(place),
                read.en.eq(self.enable),
                self.word.word_select(lane, 8).eq(read.data),
                write.addr.eq(place),
                write.en.eq(chosen & written.bytes[lane]),
                write.data.eq(written.data.word_select(lane, 8)),
            ]
        return m


class Filters(wiring.Component):
    """Three banks of words, read at one address.

    Of taps, each bank takes the byte of a channel of its own, and bank 0 that of the fourth too;
    its other bytes are 0.

    Members
    -------
    address : ``In``, ``enable`` : ``In(1)``
        A word of each bank to read.
    row : ``In``, ``write`` : ``In(Write)``
        A word to write.
    words : ``Out(3 words)``
        What was read, one cycle later.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._banks, self._words = configuration.filters, configuration.words
        bits = ceil_log2(configuration.words)
        super().__init__(
            {
                "address": In(bits),
                "enable": In(1),
                "row": In(bits),
                "write": In(Write),
                "words": Out(data.ArrayLayout(32, self._banks)),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the banks."""
        m = Module()
        written: Any = self.write
        kind = written.kind
        taps = kind == Kind.TAPS
        chosen = written.valid & ((kind == Kind.FILTERS) | taps | (kind == Kind.TABLE))
        masked = Signal(32)
        m.d.comb += masked.eq(Mux(taps, 0, written.data))
        for bank in range(self._banks):
            memory = Memory(shape=32, depth=self._words, init=[], attrs=BLOCK_RAM)
            m.submodules[f"bank_{bank}"] = memory
            read, write = memory.read_port(), memory.write_port(granularity=8)
            own = [lane == bank or (bank == 0 and lane == 3) for lane in range(4)]
            m.d.comb += [
                read.addr.eq(self.address),
                read.en.eq(self.enable),
                self.words[bank].eq(read.data),
                write.addr.eq(self.row),
                write.en.eq(Mux(chosen & written.banks[bank], written.bytes, 0)),
                write.data.eq(
                    Cat(
                        (written.data if mine else masked).word_select(lane, 8)
                        for lane, mine in enumerate(own)
                    )
                ),
            ]
        return m


class Records(wiring.Component):
    """The bias and right shift of each channel, and its multiplier in halves.

    Members
    -------
    row : ``In``, ``write`` : ``In(Write)``
        A word to write; that of a multiplier takes two cycles.
    channel : ``In``, ``bias`` : ``Out(32)``
        Bias and shift, one cycle later.
    half : ``In``, ``enable`` : ``In(1)``, ``factor`` : ``Out(16)``
        Half of a multiplier, one cycle later.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._records = configuration.records
        bits = ceil_log2(configuration.records)
        super().__init__(
            {
                "row": In(bits + 1),
                "write": In(Write),
                "channel": In(bits),
                "bias": Out(32),
                "half": In(bits + 1),
                "enable": In(1),
                "factor": Out(16),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build two memories."""
        m = Module()
        written: Any = self.write
        chosen = written.valid & (written.kind == Kind.RECORDS)
        biases = Memory(shape=32, depth=self._records, init=[], attrs=BLOCK_RAM)
        factors = Memory(shape=16, depth=2 * self._records, init=[], attrs=BLOCK_RAM)
        m.submodules.biases, m.submodules.factors = biases, factors
        bias, factor = biases.read_port(), factors.read_port()
        first, second = biases.write_port(), factors.write_port()
        m.d.comb += [
            bias.addr.eq(self.channel),
            self.bias.eq(bias.data),
            factor.addr.eq(self.half),
            factor.en.eq(self.enable),
            self.factor.eq(factor.data),
            first.addr.eq(self.row[1:]),
            first.data.eq(written.data),
            first.en.eq(chosen & ~self.row[0]),
            second.addr.eq(Cat(written.second, self.row[1:])),
            second.data.eq(Mux(written.second, written.data[16:31], written.data[:16])),
            second.en.eq(chosen & self.row[0]),
        ]
        return m
