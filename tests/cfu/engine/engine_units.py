"""All units of `engine` in one module, in two sizes, so that Verilator builds once."""

from __future__ import annotations

from typing import Any

from amaranth.hdl import DomainRenamer, Module
from amaranth.lib import stream, wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out
from units_under_test import UnitsUnderTest

from cfuforge.cfu.designs.engine.array import Array
from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.control import Control
from cfuforge.cfu.designs.engine.drain import Drain
from cfuforge.cfu.designs.engine.fetch import Fetch
from cfuforge.cfu.designs.engine.loader import AHEAD, Loader, Piece
from cfuforge.cfu.designs.engine.placer import Placer
from cfuforge.cfu.designs.engine.sequencer import Sequencer
from cfuforge.cfu.designs.engine.stores import Activations, Filters, Records
from cfuforge.cfu.designs.engine.walker import Walker
from cfuforge.cfu.designs.engine.writer import Writer
from support.engine_programs import A35T, SMALL

SIZES = {"a35t": A35T, "small": SMALL}
ROOM = 20  # words of the sequencer's output queue


class Loading(wiring.Component):
    """Loader and placer, with the queues that `Engine` puts between them.

    Members
    -------
    response : ``In(stream(8 * width))``
        What the port has read.
    consumed : ``Out(1)``
        The placer has taken a beat.
    output : ``Out(stream(placed_of(configuration), always_ready))``
        From the placer.
    placed : ``Out(1)``
        The placer's `ended`.
    others
        The loader's.
    """

    def __init__(self, c: Configuration) -> None:
        self._c = c
        self._loader, self._placer = Loader(c), Placer(c)
        members = dict(self._loader.signature.members)
        del members["piece"]
        super().__init__(
            members
            | {
                "response": In(stream.Signature(8 * c.width)),
                "consumed": Out(1),
                "output": self._placer.signature.members["output"],
                "placed": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Connect them."""
        m = Module()
        m.submodules.loader, m.submodules.placer = loader, placer = self._loader, self._placer
        m.submodules.beats = beats = SyncFIFOBuffered(width=8 * self._c.width, depth=AHEAD)
        m.submodules.pieces = pieces = SyncFIFOBuffered(width=Piece.size, depth=16)
        own: Any = self
        inputs = ("start", "program", "beats", "bases", "ended", "run_ended", "room")
        m.d.comb += [getattr(loader, name).eq(getattr(own, name)) for name in inputs]
        wiring.connect(m, wiring.flipped(own.load), loader.load)
        wiring.connect(m, loader.address, wiring.flipped(own.address))
        wiring.connect(m, placer.output, wiring.flipped(own.output))
        m.d.comb += [
            own.fetching.eq(loader.fetching),
            own.placed.eq(placer.ended),
            own.consumed.eq(placer.beat.ready & placer.beat.valid),
            loader.consumed.eq(own.consumed),
            pieces.w_data.eq(loader.piece.payload),
            pieces.w_en.eq(loader.piece.valid),
            loader.piece.ready.eq(pieces.w_rdy),
            placer.piece.payload.as_value().eq(pieces.r_data),
            placer.piece.valid.eq(pieces.r_rdy),
            pieces.r_en.eq(placer.piece.ready),
            beats.w_data.eq(own.response.payload),
            beats.w_en.eq(own.response.valid),
            own.response.ready.eq(beats.w_rdy),
            placer.beat.payload.eq(beats.r_data),
            placer.beat.valid.eq(beats.r_rdy),
            beats.r_en.eq(placer.beat.ready),
        ]
        return m


class Memories(wiring.Component):
    """The three stores, written at once, with the names that `Fetch` gives their ports."""

    def __init__(self, c: Configuration) -> None:
        activations, filters, records = Activations(c), Filters(c), Records(c)
        self._stores = activations, filters, records
        super().__init__(
            {
                "write": activations.signature.members["write"],
                "activations": activations.signature.members["address"],
                "activation_words": activations.signature.members["word"],
                "filters": filters.signature.members["address"],
                "filter_words": filters.signature.members["word"],
                "record_address": records.signature.members["address"],
                "records": records.signature.members["record"],
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Connect them."""
        m = Module()
        activations, filters, records = self._stores
        m.submodules += self._stores
        own: Any = self
        for store in self._stores:
            m.d.comb += [
                store.write.valid.eq(own.write.valid),
                store.write.payload.eq(own.write.payload),
            ]
        m.d.comb += [
            activations.address.eq(own.activations),
            own.activation_words.eq(activations.word),
            filters.address.eq(own.filters),
            own.filter_words.eq(filters.word),
            records.address.eq(own.record_address),
            own.records.eq(records.record),
        ]
        return m


class Reading(wiring.Component):
    """The stores with `Fetch` before them."""

    def __init__(self, c: Configuration) -> None:
        self._fetch, self._memories = Fetch(c), Memories(c)
        fetch, memories = self._fetch.signature.members, self._memories.signature.members
        own = {name: fetch[name] for name in ("step", "settings", "operands")}
        super().__init__({**own, "write": memories["write"]})

    def elaborate(self, platform: Any) -> Module:
        """Connect them."""
        m = Module()
        m.submodules.memories, m.submodules.fetch = memories, fetch = self._memories, self._fetch
        own: Any = self
        wiring.connect(m, wiring.flipped(own.write), memories.write)
        wiring.connect(m, wiring.flipped(own.step), fetch.step)
        wiring.connect(m, fetch.operands, wiring.flipped(own.operands))
        m.d.comb += [
            fetch.settings.eq(own.settings),
            memories.activations.eq(fetch.activations),
            fetch.activation_words.eq(memories.activation_words),
            memories.filters.eq(fetch.filters),
            fetch.filter_words.eq(memories.filter_words),
        ]
        return m


def make_units() -> dict[str, wiring.Component]:
    """Return the units by size and name."""
    kinds = (Control, Loading, Memories, Reading, Walker, Array, Drain, Writer)
    found: dict[str, wiring.Component] = {}
    for size, c in SIZES.items():
        found |= {f"{size}_{kind.__name__.lower()}": kind(c) for kind in kinds}
        found[f"{size}_sequencer"] = Sequencer(c, ROOM)
    return found


class EngineUnits(UnitsUnderTest):
    """Give each unit a clock of its own, so that only the unit under test takes time."""

    def elaborate(self, platform: Any) -> Module:
        """Connect them."""
        m = Module()
        for name, unit in self.units.items():
            m.submodules[name] = DomainRenamer(name)(unit)
            wiring.connect(m, wiring.flipped(getattr(self, name)), unit)
        return m
