"""Take commands from their queue and hand them to the units, in order."""

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.designs.engine.commands import (
    BEATS,
    Load,
    Operation,
    Run,
    Settings,
    Turn,
    Walk,
)
from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.loader import FETCH

__all__ = ["Control"]

QUEUE = 32  # beats of commands
RUNS = 16  # queued


class Control(wiring.Component):
    """Queue commands; wait for what each needs.

    A run waits for the loads before it, new settings for the end of all runs before them.

    Members
    -------
    start : ``In(1)``
        A program begins.
    beat : ``In(stream(8 * width, always_ready))``
        Fetched commands.
    fetching : ``In(1)``, ``room`` : ``Out(1)``
        From and to the loader: eight beats are on their way; there is room for eight more.
    load : ``Out(stream(Load))``
        To the loader.
    loaded : ``In(1)``
        A load has ended.
    walk, run : ``Out(stream(Walk))``, ``Out(stream(Turn))``
        Each run, for the walker and, with its data in the stores, for the sequencer.
    run_ended : ``In(1)``
        The sequencer has ended a run.
    settings : ``Out(Settings)``
        The layer's.
    idle : ``In(1)``
        Nothing is on its way to the output.
    ended : ``Out(16)``
        The number of runs that have ended since `start`.
    running : ``Out(1)``
        A program runs.
    waits : ``Out(1)``
        The next run waits for its data, or none has come and loads are under way.
    writing : ``Out(1)``
        A command waits for outputs that are on their way.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._bits = bits = 8 * configuration.width
        self._beats = {each: 64 * beats // bits for each, beats in BEATS.items()}
        super().__init__(
            {
                "start": In(1),
                "beat": In(stream.Signature(bits, always_ready=True)),
                "fetching": In(1),
                "room": Out(1),
                "load": Out(stream.Signature(Load)),
                "loaded": In(1),
                "walk": Out(stream.Signature(Walk)),
                "run": Out(stream.Signature(Turn)),
                "run_ended": In(1),
                "settings": Out(Settings),
                "idle": In(1),
                "ended": Out(16),
                "running": Out(1),
                "waits": Out(1),
                "writing": Out(1),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the queue, the collection of beats, and the queue of runs."""
        m = Module()
        m.submodules.queue = queue = SyncFIFOBuffered(width=self._bits, depth=QUEUE)
        free = Signal(range(QUEUE + 1), init=QUEUE)
        m.d.comb += [
            queue.w_data.eq(self.beat.payload),
            queue.w_en.eq(self.beat.valid),
            self.room.eq(free >= FETCH),
        ]
        # Beats that a shorter last fetch does not bring are given back at the next start.
        m.d.sync += free.eq(free + queue.r_en - Mux(self.fetching, FETCH, 0))

        loads, loaded = Signal(8), Signal(8)  # handed out, ended
        pending = Signal(range(2 * RUNS))  # runs that have not ended
        queued = Signal()
        m.d.sync += pending.eq(pending + queued - self.run_ended)
        m.d.sync += loaded.eq(loaded + self.loaded)
        with m.If(self.run_ended):
            m.d.sync += self.ended.eq(self.ended + 1)

        m.submodules.walks = walks = SyncFIFOBuffered(width=Walk.size, depth=RUNS)
        m.submodules.turns = turns = SyncFIFOBuffered(width=Turn.size + 8, depth=RUNS)
        turn, needs = turns.r_data[: Turn.size], turns.r_data[Turn.size :]
        ready = Signal()
        m.d.comb += [
            self.walk.valid.eq(walks.r_rdy),
            self.walk.payload.as_value().eq(walks.r_data),
            walks.r_en.eq(self.walk.ready),
            ready.eq((loaded - needs)[:8].as_signed() >= 0),
            self.run.valid.eq(turns.r_rdy & ready),
            self.run.payload.as_value().eq(turn),
            turns.r_en.eq(self.run.ready & self.run.valid),
            self.waits.eq(Mux(turns.r_rdy, ~ready, (pending == 0) & (loaded != loads))),
        ]

        bits, beats = self._bits, self._beats
        parts = Signal(Load.size - bits)  # the beats before this one
        index = Signal(range(max(beats.values())))
        beat = queue.r_data
        run: Any = Signal(Run)
        m.d.comb += [
            self.load.payload.as_value().eq(Cat(parts, beat)),
            run.as_value().eq(Cat(parts[Load.size - Run.size :], beat)),
            walks.w_data.eq(Cat(*(run[name] for name in Walk.members))),
            turns.w_data.eq(Cat(*(run[name] for name in Turn.members), loads)),
            walks.w_en.eq(queued),
            turns.w_en.eq(queued),
        ]
        with m.If(self.start):
            m.d.sync += [self.running.eq(1), self.ended.eq(0), free.eq(QUEUE)]
        # Known a cycle after a command's first beat comes.
        takes, first, quiet, settled = Signal(), Signal(), Signal(), Signal()
        m.d.comb += queue.r_en.eq(takes)
        m.d.sync += [
            quiet.eq(first & (pending == 0) & self.idle),
            settled.eq(first & (loaded == loads)),
        ]
        m.d.comb += self.writing.eq(first & (pending == 0) & ~self.idle)
        settings = self.settings.as_value()
        sets = Signal()  # this beat is one of settings
        moves = Signal()  # the one before was
        m.d.sync += moves.eq(sets & takes)
        with m.If(moves):
            m.d.sync += settings.eq(Cat(settings[bits:], parts[-bits:]))
        with m.If(takes):
            m.d.sync += [index.eq(index + 1), parts.eq(Cat(parts[bits:], beat))]
        with m.FSM():
            with m.State("IDLE"), m.If(self.running):
                m.next = "FIRST"
            with m.State("FIRST"), m.If(queue.r_rdy):
                m.d.comb += first.eq(1)
                kind = beat[:2]
                with m.Switch(kind):
                    with m.Case(Operation.LOAD):
                        m.d.comb += takes.eq(1)
                        m.next = "LOAD"
                    with m.Case(Operation.RUN):
                        m.d.comb += takes.eq(1)
                        m.next = "RUN"
                    with m.Case(Operation.SET):
                        m.d.comb += [takes.eq(quiet), sets.eq(1)]
                        with m.If(quiet):
                            m.next = "SET"
                    with m.Default():
                        m.d.comb += takes.eq(quiet & settled)
                        with m.If(takes):
                            m.d.sync += self.running.eq(beats[Operation.END] > 1)
                            m.d.sync += index.eq(0)
                            m.next = "IDLE" if beats[Operation.END] == 1 else "END"
            with m.State("END"), m.If(queue.r_rdy):  # the rest of it
                m.d.comb += takes.eq(1)
                m.d.sync += [self.running.eq(0), index.eq(0)]
                m.next = "IDLE"
            with m.State("LOAD"):
                last = index == beats[Operation.LOAD] - 1
                m.d.comb += [
                    self.load.valid.eq(queue.r_rdy & last),
                    takes.eq(queue.r_rdy & (~last | self.load.ready)),
                ]
                with m.If(takes & last):
                    m.d.sync += [loads.eq(loads + 1), index.eq(0)]
                    m.next = "FIRST"
            with m.State("RUN"):
                last = index == beats[Operation.RUN] - 1
                m.d.comb += [
                    queued.eq(queue.r_rdy & last & walks.w_rdy & turns.w_rdy),
                    takes.eq(queue.r_rdy & (~last | queued)),
                ]
                with m.If(takes & last):
                    m.d.sync += index.eq(0)
                    m.next = "FIRST"
            with m.State("SET"):
                m.d.comb += [takes.eq(queue.r_rdy), sets.eq(1)]
                with m.If(takes & (index == beats[Operation.SET] - 1)):
                    m.d.sync += index.eq(0)
                    m.next = "FIRST"
        return m
