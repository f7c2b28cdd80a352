"""Random programs for the engine, which compute from anywhere and do not depend on timing.

All stores are filled first. Then loads overwrite any part of them, as soon as no run reads it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.cfu.commands import Command
from cfuforge.cfu.designs.engine.commands import (
    BEATS,
    Kind,
    LeanRecord,
    Load,
    Operation,
    Record,
    Run,
    Settings,
    unpacked,
)
from cfuforge.cfu.designs.engine.configuration import TARGETS, Configuration
from cfuforge.cfu.designs.engine.instructions import declare_instructions
from cfuforge.cfu.designs.engine.lean.reference import LeanReference
from cfuforge.cfu.designs.engine.reference import EngineReference
from cfuforge.cfu.designs.engine.reference_stores import Stores, pieces, placed, unit_of
from cfuforge.cfu.port_memory import PortMemory
from support.lean_commands import Encoder

__all__ = ["A35T", "LEAN", "SMALL", "Author", "call", "encoded", "filling", "random_memory"]

A35T = TARGETS["a35t"]
LEAN = TARGETS["up5k"]
SMALL = replace(
    A35T, width=4, filters=1, pixels=3, requantisers=1, interval=2, packing=1,
    activations=2048, words=256, records=64,
)  # fmt: skip

OUTPUTS, WEIGHTS, RECORDS, REST = 0x4000, 0x8000, 0xC000, 0xD000  # below: programs
HALF = 0x2000  # of the outputs: a program reads what another has written
END = bytes(8)

_FUNCTIONS = {item.name: item.function_ids for item in declare_instructions(A35T)}
_KINDS = {id(Load): Operation.LOAD, id(Run): Operation.RUN, id(Settings): Operation.SET}


def filling(c: Configuration) -> dict[Kind, dict[str, int]]:
    """Return loads of all of each store, from anywhere."""
    one = {"count": 1, "rows": 1}
    return {
        Kind.ACTIVATIONS: {"kind": Kind.ACTIVATIONS, "length": c.activations, **one},
        Kind.FILTERS: {
            "kind": Kind.FILTERS, "length": 4 * c.words, "count": 1, "rows": c.filters,
            "row_step": 1024,
        },
        Kind.RECORDS: {"kind": Kind.RECORDS, "length": 8 * c.records, **one},
    }  # fmt: skip


def encoded(layout: Any, **fields: int) -> bytes:
    """Return a command as it lies in memory."""
    operation = _KINDS[id(layout)]
    bits = layout.const({"operation": operation, **fields}).as_bits()
    return int(bits).to_bytes(8 * BEATS[operation], "little")


def call(name: str, index: int = 0, rs1: int = 0, rs2: int = 0) -> Command:
    """Return a command to the CFU."""
    return Command(_FUNCTIONS[name][index], rs1, rs2)


def random_memory(rng: random.Random, c: Configuration = A35T) -> PortMemory:
    """Return a memory with weights, none of which is -128, and records of all kinds."""
    if c.lean:
        return _lean_memory(rng)
    memory = PortMemory()
    memory.data[:] = rng.randbytes(memory.SIZE)
    weights = slice(WEIGHTS, RECORDS)
    memory.data[weights] = memory.data[weights].replace(b"\x80", b"\x81")
    for at in range(RECORDS, REST, 8):
        lowest, highest = rng.choice([(-12, -4), (-26, -18), (-32, 31)])
        record = Record.const(
            {
                "bias": rng.randint(-1 << 11, 1 << 11) << rng.choice([0, 0, 15]),
                "multiplier": rng.choice([rng.randrange(1 << 30, 1 << 31), rng.getrandbits(31)]),
                "shift": rng.randint(lowest, highest),
            }
        )
        memory.write(at, int(record.as_bits()).to_bytes(8, "little"))
    return memory


def _lean_memory(rng: random.Random) -> PortMemory:
    memory = random_memory(rng)
    for at in range(RECORDS, REST, 8):
        record = LeanRecord.const(
            {
                "bias": rng.randint(-1 << 11, 1 << 11) << rng.choice([0, 0, 15]),
                "right": rng.choice([rng.randint(4, 12), rng.randint(0, 31)]),
                "multiplier": rng.choice([rng.randrange(1 << 30, 1 << 31), rng.getrandbits(31)]),
            }
        )
        memory.write(at, int(record.as_bits()).to_bytes(8, "little"))
    return memory


class Watched(Stores):
    """Stores that know the last run that has read each of their units."""

    def __init__(self, configuration: Configuration) -> None:
        super().__init__(configuration)
        self._sizes = configuration
        self.run = 0
        self.forget()

    def forget(self) -> None:
        self.read = {
            "activations": np.zeros(self._sizes.activations, np.int64),
            "filters": np.zeros(self._sizes.words, np.int64),
            "records": np.zeros(self._sizes.records, np.int64),
        }

    def needed(self, load: Any) -> int:
        """Return the number of runs that must end before the load."""
        kind = Kind(load.kind)
        store = {Kind.ACTIVATIONS: "activations", Kind.RECORDS: "records"}.get(kind, "filters")
        read, found = self.read[store], 0
        for _, place, _ in pieces(load, 0, self._sizes.filters):
            unit = unit_of(kind, self._sizes)
            row = {Kind.TAPS: self._sizes.reach, Kind.RECORDS: 8}.get(kind, unit)
            units = placed(place, bytes(load.length), unit)[0] * unit // row
            found = max(found, int(read[units % len(read)].max()))
        return found

    def activations(self, at: NDArray[Any]) -> NDArray[Any]:
        for byte in range(-4, 8):
            self.read["activations"][(at + byte) % self._sizes.activations] = self.run
        return super().activations(at)

    def filters(self, words: NDArray[Any]) -> NDArray[Any]:
        self.read["filters"][words % self._sizes.words] = self.run
        return super().filters(words)

    def tables(self) -> NDArray[Any]:
        self.read["filters"][:256] = self.run
        return super().tables()

    def records(self, channels: NDArray[Any]) -> Any:
        self.read["records"][channels % self._sizes.records] = self.run
        return super().records(channels)


@dataclass
class Author:
    """Write programs one after another into `memory`, and the commands that start them.

    Parameters
    ----------
    rng
        Source of all choices.
    memory
        As `random_memory` makes it.
    configuration
        The engine's.

    Members
    -------
    commands : list of Command
        For the CFU.
    layers : int
        The number of layers so far.
    """

    rng: random.Random
    memory: PortMemory
    configuration: Configuration = A35T
    commands: list[Command] = field(default_factory=list)
    layers: int = 0

    def __post_init__(self) -> None:
        self._free, self._programs = 0, 0
        self._stores = Watched(self.configuration)
        lean = self.configuration.lean
        self._engine = (LeanReference if lean else EngineReference)(self.configuration)
        self._engine.stores = self._stores
        self._starts: list[tuple[int, int, list[int]]] = []
        self._bases = [0] * 4
        self._last = [0] * 3  # position, weights and record of the last run
        self._scratch = PortMemory()

    def full(self) -> bool:
        """Whether there is no room for one more program."""
        return self._free + 0x800 > OUTPUTS

    def add(self, layers: int, fill: bool = False) -> None:
        """Write a program of `layers` layers; with `fill`, it fills the stores before."""
        rng = self.rng
        self._outputs = OUTPUTS + HALF * (self._programs % 2)
        self._output = self._outputs + rng.randrange(16)
        self._runs, self._text = 0, bytearray()
        self._lean = Encoder(self._free)
        self._stores.run = 0
        self._stores.forget()
        for k in range(4):
            if rng.random() < 0.5 or not self._programs:
                self._bases[k] = rng.getrandbits(32)
                self.commands.append(call("base", k, self._bases[k]))
        if fill:
            self._fill()
        for _ in range(layers):
            self._layer()
        program = self._free
        if self.configuration.lean:
            self._lean.end()
            self._text = self._lean.text
        else:
            self._text += END
        assert program + len(self._text) <= OUTPUTS
        self.memory.write(program, bytes(self._text))
        beats = len(self._text) // 8
        self._starts.append((program, beats, list(self._bases)))
        self.commands += [call("start", 0, program, beats), call("wait")]
        self._free += len(self._text) + 8 * rng.randrange(3)
        self._programs += 1
        self.layers += layers

    def expected(self) -> PortMemory:
        """Return what the memory holds when all is done."""
        after = PortMemory()
        engine = (LeanReference if self.configuration.lean else EngineReference)(self.configuration)
        after.data[:] = self.memory.data
        for program, beats, bases in self._starts:
            engine.execute(after, bases, program, beats)
        return after

    def _put(self, layout: Any, **fields: int) -> None:
        text = encoded(layout, **fields)
        command = unpacked(layout, int.from_bytes(text, "little"))
        if self.configuration.lean:
            put = {Operation.LOAD: "load", Operation.RUN: "run", Operation.SET: "set"}
            getattr(self._lean, put[_KINDS[id(layout)]])(command)
        else:
            self._text += text
        if layout is Run:
            self._runs += 1
            self._stores.run = self._runs
        if layout is not Load:  # what is loaded does not matter here
            self._engine.carry_out(command, [0] * 4, self._scratch)

    def _fill(self) -> None:
        fill = filling(self.configuration)
        for kind, source in (
            (Kind.ACTIVATIONS, REST),
            (Kind.FILTERS, WEIGHTS),
            (Kind.RECORDS, RECORDS),
        ):
            self._put(Load, **fill[kind], source=source + self.rng.randrange(64) * (source == REST))

    def _layer(self) -> None:
        for _ in range(self.rng.choice([0, 0, 1, 1, 2, 3])):
            self._load()
        self._settings()
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            for _ in range(self.rng.choice([0, 0, 1, 2])):
                self._load()
            self._some_runs()

    def _load(self) -> None:
        rng = self.rng
        kind = rng.choice([Kind.ACTIVATIONS, Kind.FILTERS, Kind.TAPS, Kind.TABLE, Kind.RECORDS])
        load: dict[str, int] = {}
        while not load or not self._may_read(load):
            load = {
                "kind": kind,
                "banks": rng.getrandbits(8),
                "length": rng.choice([rng.randint(1, 9), rng.randint(1, 40)]),
                "count": rng.choice([1, 1, rng.randint(1, 5)]),
                "rows": rng.choice([1, 1, rng.randint(1, 5), 20 * (kind == Kind.FILTERS) + 1]),
                "place": self._place(kind),
                "place_step": rng.choice([rng.randrange(64), rng.getrandbits(16)]),
                "row_place": rng.choice([rng.randrange(256), rng.getrandbits(16)]),
                "step": rng.randint(-40, 40) & 0xFFFF_FFFF,
                "row_step": rng.randint(-200, 200) & 0xFFFF_FFFF,
            }
            if self.configuration.lean and kind != Kind.ACTIVATIONS:
                for name in ("place", "place_step", "row_place"):
                    load[name] &= -4
            if kind == Kind.RECORDS and (self.configuration.lean or rng.random() < 0.8):
                load |= {"length": 8 * rng.randint(1, 5), "place": load["place"] & -8}
            elif rng.random() < 0.4:
                load["place"] &= -8
            lowest, highest = {
                Kind.ACTIVATIONS: (0, 0x10000),
                Kind.RECORDS: (RECORDS, REST),
            }.get(kind, (WEIGHTS, RECORDS))
            load["source"] = rng.randrange(lowest, highest)
            if self.configuration.lean and kind == Kind.RECORDS:
                load["source"] &= -4
                load["step"] &= 0xFFFF_FFFC
                load["row_step"] &= 0xFFFF_FFFC
        base = rng.randrange(4)
        if base:
            load["source"] = (load["source"] - self._bases[base]) & 0xFFFF_FFFF
        needed = self._stores.needed(unpacked(Load, int(Load.const(load).as_bits())))
        after = rng.choice([needed, needed, rng.randint(needed, self._runs)])
        self._put(Load, **{**load, "base": base, "after": after})

    def _place(self, kind: Kind) -> int:
        """Return any place, or one that the last run reads."""
        rng, size = self.rng, max(4, unit_of(kind, self.configuration))
        record = 8 * self.configuration.requantisers * self._last[2]
        recent = {Kind.ACTIVATIONS: self._last[0], Kind.RECORDS: record}
        place = recent.get(kind, size * self._last[1]) + rng.randrange(96)
        return rng.choice([place & 0xFFFF, rng.getrandbits(16)])

    def _may_read(self, load: dict[str, int]) -> bool:
        """Whether weights come from where none is -128, and nothing from the own outputs."""
        kind, length = load["kind"], load["length"]
        command = unpacked(Load, int(Load.const(load).as_bits()))
        for at, _, _ in pieces(command, 0, self.configuration.filters):
            begin, end = at % PortMemory.SIZE, at % PortMemory.SIZE + length
            if kind == Kind.ACTIVATIONS or kind == Kind.RECORDS:
                own = (self._outputs - 8, self._outputs + HALF + 8)
                if end > PortMemory.SIZE or (begin < own[1] and end > own[0]):
                    return False
            elif begin < WEIGHTS or end > RECORDS:
                return False
        return True

    def _settings(self) -> None:
        rng = self.rng

        def some(most: int) -> int:
            return rng.getrandbits(16) if rng.random() < 0.05 else rng.randint(0, most)

        self._mode = rng.choice(["dense", "dense", "channelwise", "elementwise"])
        low, high = sorted(rng.choice([-128, 127, rng.randint(-128, 127)]) for _ in range(2))
        if rng.random() < 0.5:
            low, high = -128, 127
        self._steps = [rng.randint(1, 3), rng.randint(1, 3)]
        if self._mode == "elementwise":
            self._steps = [1, 1 if self.configuration.lean else rng.choice([1, 1, 2])]
        self._pitch = rng.choice([rng.randint(1, 24), 8, 16])
        self._put(
            Settings,
            channelwise=self._mode == "channelwise",
            elementwise=self._mode == "elementwise",
            single=rng.getrandbits(1),
            maximum=not self.configuration.lean and rng.random() < 0.25,
            constant=not self.configuration.lean
            and self._mode != "elementwise"
            and rng.random() < 0.25,
            wide=rng.random() < 0.2,
            padding=rng.randint(-128, 127),
            weight=rng.randint(-127, 127),
            low=low,
            high=high,
            offset=rng.choice([rng.randint(-128, 127), rng.randint(-256, 255)]),
            rows=self._steps[0],
            columns=self._steps[1],
            row_step=some(300),
            column_step=some(40),
            row_reach=some(3),
            width=rng.choice([rng.randint(1, 6), rng.randint(1, 100)]),
            line_rows=some(3),
            pixel_step=some(60),
            line_step=some(400),
            left=rng.randint(-50, 50),
            row_bytes=some(200),
            height=some(8),
            pitch=self._pitch,
            weight_step=some(3),
            group_weights=some(60),
            group_place=rng.choice([0, 8, some(16)]),
        )

    def _some_runs(self) -> None:
        """Put a run, or several whose sums are one."""
        rng, elementwise = self.rng, self._mode == "elementwise"
        parts = 1 if elementwise or rng.random() < 0.85 else rng.randint(2, 3)
        c = self.configuration
        pixels = 2 if elementwise else rng.randint(1, 14 if parts == 1 else c.pixels)
        channels = rng.randint(1, c.elements if elementwise else c.filters if parts > 1 else 20)
        channels = min(channels, self._pitch) if pixels > 1 and not elementwise else channels
        words = rng.randint(1, 5)
        size = (pixels - 1) * self._pitch + channels
        if elementwise:
            size = c.elements * self._steps[0] * self._steps[1] * words
        if self._output + size > self._outputs + HALF:
            return
        output = (self._output - self._bases[0]) & 0xFFFF_FFFF
        self._output += size + rng.choice([0, 0, rng.randrange(20)])
        for part in range(parts):
            self._last = position, weights, record = [rng.getrandbits(16) for _ in range(3)]
            self._put(
                Run,
                first=part == 0,
                last=part == parts - 1,
                pixels=pixels,
                position=position,
                top=rng.randint(-4, 8),
                output=output,
                weights=weights,
                record=record,
                channels=channels,
                words=words if elementwise else rng.randint(1, 5),
            )
