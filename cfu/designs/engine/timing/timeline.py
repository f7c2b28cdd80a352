"""When each command of a program begins and ends."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from typing import Any

from cfuforge.cfu.designs.engine.array import Array
from cfuforge.cfu.designs.engine.commands import BEATS, Kind, Operation
from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.control import QUEUE, RUNS
from cfuforge.cfu.designs.engine.drain import Drain
from cfuforge.cfu.designs.engine.fetch import Fetch
from cfuforge.cfu.designs.engine.loader import AHEAD, FETCH
from cfuforge.cfu.designs.engine.timing.pieces import cost_of_load
from cfuforge.cfu.designs.engine.timing.port import Port
from cfuforge.cfu.designs.engine.timing.programs import MOVED
from cfuforge.cfu.designs.engine.timing.runs import cost_of_run

__all__ = ["Timeline"]

ACCEPTS = 2  # cycles in which a load is offered, at the least
ASKS = 3  # from there to its first request: state, span, beat
PLACES = 3  # from a response to its place in a store: FIFO (2), placer
COUNTS = 2  # from the last place to the run that waits for it: `ended`, `loaded`
WALKS = (
    3  # from a run's command to its first pixel, and from its last to the sequencer: FIFO (2), 1
)
WRITES = 6  # from the last word to the end of the writes: FIFO (2), `Writer.LATENCY`, flush
SETTLES = 2  # from there to the control: `idle`, `quiet`


class Timeline:
    """The units' times while a program runs, in cycles from its start.

    Commands are carried out in order. A command waits only for earlier ones: so each has its place
    in time as soon as it comes, and the writes that share the port with a load are known.

    Parameters
    ----------
    configuration
        The engine's.
    size
        Bytes of the program.
    latency
        Cycles of the port from a request to its response.
    settings
        Those of the program before.

    Attributes
    ----------
    busy : Counter
        The cycles that each unit needs at least.
    moved : Counter
        Bytes that are read and written.
    settings
        The last ones.
    """

    def __init__(
        self, configuration: Configuration, size: int, latency: int, settings: Any = None
    ) -> None:
        c = self._configuration = configuration
        self._beats = {kind: 8 * beats // c.width for kind, beats in BEATS.items()}
        self._places = PLACES + latency
        self._drains = Fetch.LATENCY + Array.LATENCY + Drain.LATENCY
        self._reads = Fetch.LATENCY + Array.LATENCY - 6 + c.slots  # as the loader
        self._port = Port()
        self.settings = settings
        self._now = 0.0  # the control has taken the command before
        self._arrivals: deque[float] = deque()  # of the queue's beats
        self._unfetched = size // c.width  # beats
        self._queued = 0
        self._idle = 0.0  # the loader takes another load
        self._asked = self._placed = self._loaded = 0.0
        self._ends: list[float] = []  # of runs
        self._walked = self._written = 0.0
        self.busy: Counter[str] = Counter()
        self.moved: Counter[str] = Counter()

    @property
    def cycles(self) -> int:
        """The cycles from the start to the end of the last command."""
        return round(self._now)

    def carry_out(self, command: Any, bases: Sequence[int]) -> None:
        """Place a command in time; `bases` are the tensors' addresses."""
        kind = Operation(command.operation)
        self._take(self._beats[kind])
        if kind == Operation.LOAD:
            self._load(command, bases[command.base] if command.base else 0)
        elif kind == Operation.RUN:
            self._run(command, bases[0])
        else:
            if self._ends:
                self._now = max(self._now, self._written + SETTLES)
            if kind == Operation.SET:
                self.settings = command
            else:
                self._now = max(self._now, self._loaded + 1)
            self._now += 1

    def _take(self, beats: int) -> None:
        """Take a command's beats from the queue, and fetch others in their place."""
        for _ in range(beats):
            if not self._arrivals:
                self._fetch()
            arrival = self._arrivals.popleft() if self._arrivals else self._now
            self._now = max(self._now + 1, arrival)
            self._queued -= 1
            if self._queued <= QUEUE - FETCH:
                self._fetch()

    def _fetch(self) -> None:
        """Read more commands as soon as the loader is idle."""
        beats = min(FETCH, self._unfetched)
        if not beats:
            return
        self._read(max(self._now, self._idle) + 1, beats, beats, 1, beats)
        self._arrivals.extend(self._placed - beats + 1 + i for i in range(beats))
        self._unfetched -= beats
        self._queued += FETCH
        self.moved["commands"] += beats * self._configuration.width

    def _read(self, begin: float, beats: int, placing: int, pieces: int, last_beats: int) -> None:
        """Read and place pieces that are listed from `begin` on, one a cycle.

        The requests are at most `AHEAD` beats ahead of the placer, the list a few pieces ahead of
        the requests.
        """
        first = max(begin + ASKS, self._asked)
        asked = self._port.read(first, beats)
        placed = max(self._placed, first + self._places) + placing
        self._placed = max(placed, asked + self._places)
        self._asked = max(asked, self._placed - self._places - AHEAD)
        self._idle = max(begin + pieces, self._asked - last_beats)
        self.busy["port"] += beats

    def _load(self, load: Any, base: int) -> None:
        kind = Kind(load.kind)
        cost = cost_of_load(load, base, self._configuration)
        begin = max(self._now, self._idle)
        if load.after:
            begin = max(begin, self._ends[load.after - 1])
        if kind == Kind.RECORDS:  # the drain may still read those of a run that has ended
            for end in self._ends[-2:]:
                if end <= begin < end + self._reads:
                    begin = end + self._reads
        self._now = begin + ACCEPTS
        self._read(self._now, cost.beats, cost.placing, cost.pieces, cost.last_beats)
        self._loaded = self._placed + COUNTS
        self.moved[MOVED[kind]] += cost.bytes

    def _run(self, run: Any, base: int) -> None:
        c = self._configuration
        cost = cost_of_run(run, self.settings, base, c)
        if len(self._ends) >= RUNS:
            self._now = max(self._now, self._ends[-RUNS])
        before = self._ends[-1] if self._ends else 0.0
        walked = max(self._now + WALKS - 1, self._walked) + 1 + min(run.pixels, c.pixels)
        begin = max(before + 1, walked, self._loaded)
        end = begin + cost.cycles
        self._walked = end - cost.cycles / -(-run.pixels // c.pixels)  # the last group is taken
        self._ends.append(end)
        if run.last:
            drained = end + self._drains
            self._port.write(begin + self._drains, drained + c.slots, cost.beats)
            self._written = drained + min(c.slots, cost.draining) + WRITES
        self.busy.update(array=cost.steps, requantisers=cost.draining, port=cost.beats)
        self.moved["outputs"] += cost.bytes
