"""Read a DRAM through LiteDRAM's native port, in words of another width."""

from __future__ import annotations

from typing import Any

from litex.gen import LiteXModule
from litex.soc.interconnect import stream
from migen import Array, Cat, If, Mux, Signal, log2_int

__all__ = ["UNDER_WAY", "DramReader"]

UNDER_WAY = 32  # reads, at the most


class DramReader(LiteXModule):
    """Answer reads in order, many at a time, so that the DRAM's latency costs little.

    Where the DRAM's words are the wider ones, consecutive reads of one of them cost it one command.

    Parameters
    ----------
    port
        A native port for reading.
    width
        Width in bytes of what is read.

    Members
    -------
    sink
        The reads: ``address`` in units of `width`, and ``tag``, a bit that comes back.
    source
        The answers: ``data`` and ``tag``.
    busy
        High when a part of a read is under way, so that no other may take its place.
    forget
        High when something is written to the DRAM: what was read before is not used again.
    """

    def __init__(self, port: Any, width: int) -> None:
        bits, native = 8 * width, port.data_width
        parts, beats = max(native // bits, 1), max(bits // native, 1)
        address = port.address_width + log2_int(parts) - log2_int(beats)
        self.sink = stream.Endpoint([("address", address), ("tag", 1)])
        self.source = stream.Endpoint([("data", bits), ("tag", 1)])
        self.forget, self.busy = Signal(), Signal()
        order = [("part", max(log2_int(parts), 1)), ("new", 1), ("tag", 1)]
        self.order = stream.SyncFIFO(order, UNDER_WAY)
        self.words = stream.SyncFIFO([("data", max(bits, native))], UNDER_WAY)
        self.comb += [
            self.order.sink.tag.eq(self.sink.tag),
            self.source.tag.eq(self.order.source.tag),
            port.rdata.ready.eq(1),
        ]
        if beats > 1:
            self._gather(port, beats)
        else:
            self._split(port, parts)

    def _gather(self, port: Any, beats: int) -> None:
        """Ask for each of a word's parts, and put them together."""
        sink, source, order, words = self.sink, self.source, self.order, self.words
        asked, come = Signal(max=beats), Signal(max=beats)
        ends, gathered = Signal(), Signal(len(source.data))
        self.comb += [
            self.busy.eq(asked != 0),
            ends.eq(asked == beats - 1),
            port.cmd.addr.eq(Cat(asked, sink.address)),
            port.cmd.valid.eq(sink.valid & order.sink.ready),
            sink.ready.eq(port.cmd.ready & order.sink.ready & ends),
            order.sink.valid.eq(sink.valid & port.cmd.ready & ends),
            words.sink.data.eq(Cat(gathered[port.data_width :], port.rdata.data)),
            words.sink.valid.eq(port.rdata.valid & (come == beats - 1)),
            source.valid.eq(order.source.valid & words.source.valid),
            source.data.eq(words.source.data),
            order.source.ready.eq(source.valid & source.ready),
            words.source.ready.eq(source.valid & source.ready),
        ]
        self.sync += [
            If(port.cmd.valid & port.cmd.ready, asked.eq(asked + 1)),
            If(port.rdata.valid, come.eq(come + 1), gathered.eq(words.sink.data)),
        ]

    def _split(self, port: Any, parts: int) -> None:
        """Ask for each word once, and answer with its parts."""
        sink, source, order, words = self.sink, self.source, self.order, self.words
        bits, size = log2_int(parts), len(source.data)
        known, last, same = Signal(), Signal(port.address_width), Signal()
        kept, word = Signal(parts * size), Signal(parts * size)
        self.comb += [
            same.eq(known & (sink.address[bits:] == last)),
            port.cmd.addr.eq(sink.address[bits:]),
            port.cmd.valid.eq(sink.valid & order.sink.ready & ~same),
            sink.ready.eq(order.sink.ready & (port.cmd.ready | same)),
            order.sink.valid.eq(sink.valid & (port.cmd.ready | same)),
            order.sink.new.eq(~same),
            order.sink.part.eq(sink.address[:bits] if bits else 0),
            words.sink.valid.eq(port.rdata.valid),
            words.sink.data.eq(port.rdata.data),
            word.eq(Mux(order.source.new, words.source.data, kept)),
            source.valid.eq(order.source.valid & (words.source.valid | ~order.source.new)),
            source.data.eq(
                Array(word[at : at + size] for at in range(0, parts * size, size))[
                    order.source.part
                ]
            ),
            order.source.ready.eq(source.valid & source.ready),
            words.source.ready.eq(order.source.ready & order.source.new),
        ]
        self.sync += [
            If(order.source.ready, kept.eq(word)),
            If(sink.valid & sink.ready, known.eq(1), last.eq(sink.address[bits:])),
            If(self.forget, known.eq(0)),
        ]
