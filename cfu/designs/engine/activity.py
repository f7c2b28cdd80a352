"""What the engine does in each cycle, counted."""

from typing import Any

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from cfuforge.cfu.designs.engine.commands import Kind

__all__ = ["ACTIVITIES", "Activity"]

ACTIVITIES = (
    "idle",
    "computing",
    "waiting for the requantisers",
    "waiting for the port",
    "waiting for activations",
    "waiting for weights",
    "writing outputs",
    "between runs",
)


class Activity(wiring.Component):
    """Name the one activity of each cycle, and count the cycles of each.

    A step is computed, or there is one reason why not: no program runs; the requantisers have not
    finished the block before; the port does not take a request; the next run waits for bytes, which
    are activations, or weights with their tables and records; outputs are on their way, and what
    follows needs them in memory or needs their place in the queue; a run begins, or commands come.
    If the port refuses weights, but took activations and outputs at once, their memory is slower:
    that is waiting for weights.

    Members
    -------
    running, computing : ``In(1)``
        A program runs; a step is issued.
    asking, taken, weights : ``In(1)``
        A request is offered to the port; the port takes it; it is neither for activations nor
        for outputs.
    scaling : ``In(1)``
        A step waits for the requantisers.
    loading : ``In(1)``, ``kind`` : ``In(Kind)``
        The next run waits for its loads; of which kind the oldest piece is.
    writing : ``In(1)``
        A step waits for a place in the queue of outputs, or a command until all are written.
    activity : ``Out(8 values)``
        The index in `ACTIVITIES`.
    index : ``In(8 values)``, ``count`` : ``Out(32)``
        The cycles of activity `index`, modulo 2**32.
    """

    def __init__(self) -> None:
        bits = range(len(ACTIVITIES))
        flags = (
            *("running", "computing", "scaling", "loading", "writing"),
            *("asking", "taken", "weights"),
        )
        super().__init__(
            {
                **{name: In(1) for name in flags},
                "kind": In(Kind),
                "activity": Out(bits),
                "index": In(bits),
                "count": Out(32),
            }
        )

    def elaborate(self, platform: Any) -> Module:
        """Build the choice and the counters, which share an adder."""
        m = Module()
        number = {name: index for index, name in enumerate(ACTIVITIES)}
        fetched = Mux(
            self.kind == Kind.ACTIVATIONS,
            number["waiting for activations"],
            number["waiting for weights"],
        )
        # Whether the last request for activations or outputs had to wait.
        refuses, refused = Signal(), Signal()
        with m.If(self.asking & ~self.weights):
            m.d.sync += refused.eq(~self.taken)
            with m.If(self.taken):
                m.d.sync += refuses.eq(refused)
        blocked = self.asking & ~self.taken & (~self.weights | refuses)

        with m.If(~self.running):
            m.d.comb += self.activity.eq(number["idle"])
        with m.Elif(self.computing):
            m.d.comb += self.activity.eq(number["computing"])
        with m.Elif(self.scaling):
            m.d.comb += self.activity.eq(number["waiting for the requantisers"])
        with m.Elif(blocked):
            m.d.comb += self.activity.eq(number["waiting for the port"])
        with m.Elif(self.writing):
            m.d.comb += self.activity.eq(number["writing outputs"])
        with m.Elif(self.loading & (self.kind != Kind.COMMANDS)):
            m.d.comb += self.activity.eq(fetched)
        with m.Else():
            m.d.comb += self.activity.eq(number["between runs"])

        m.submodules.counts = counts = Memory(shape=32, depth=len(ACTIVITIES), init=[])
        write, before, read = (
            counts.write_port(),
            counts.read_port(domain="comb"),
            counts.read_port(domain="comb"),
        )
        last = Signal.like(self.activity)  # counted a cycle later: no path from the units to here
        m.d.sync += last.eq(self.activity)
        m.d.comb += [
            before.addr.eq(last),
            write.addr.eq(last),
            write.data.eq(before.data + 1),
            write.en.eq(1),
            read.addr.eq(self.index),
            self.count.eq(read.data),
        ]
        return m
