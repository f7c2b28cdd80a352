"""`LeanPredictor`: the time of the lean engine, which does one thing at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cfuforge.cfu.commands import Command
from cfuforge.cfu.designs.engine.commands import Kind, Operation
from cfuforge.cfu.designs.engine.configuration import LANES, Configuration
from cfuforge.cfu.designs.engine.lean.wire import BLOCK, OWN, WORDS, decode_load, decode_run
from cfuforge.cfu.designs.engine.timing.programs import MOVED, programs_of
from cfuforge.cfu.designs.engine.timing.runs import parts_of
from cfuforge.cfu.instruction import Instruction, by_function_id
from cfuforge.cfu.prediction import Predicted

__all__ = ["LeanPredictor"]

JUMP, JUMPED = 1, 1  # states of `lean.control` before a command is fetched
LOAD, RUN = 4, 5  # states before the first piece, and up to the first step
NEXT = 1  # the state between pieces, and the one between groups of banks
STAGES, SCALES = 4, 6  # from a step to its sum in the drain's chain, and from there to its output


class LeanPredictor:
    """Walk over the programs that a kernel starts, as `cfuforge.cfu.prediction.Predictor` does.

    Parameters
    ----------
    configuration
        The engine's.
    instructions
        Its instructions.
    """

    def __init__(self, configuration: Configuration, instructions: Sequence[Instruction]) -> None:
        self._width, self._interval = configuration.width, configuration.interval
        self._instructions = by_function_id(instructions)
        self.macs = configuration.macs

    def __call__(
        self, commands: Sequence[Command], read: Callable[[int, int], bytes], latency: int
    ) -> Predicted | None:
        """Predict what `commands` take; None if they start no program."""
        cycles, starts, busy, moved = 0, 0, Counter[str](), Counter[str]()
        settings = [0] * WORDS[Operation.SET]
        for bases, at, beats in programs_of(commands, self._instructions):
            starts += 1
            cycles += JUMP + JUMPED
            for _ in range(beats):
                operation = Operation(read(at, 1)[0] & 3)
                text = read(at, 4 * WORDS[operation])
                words = [int.from_bytes(text[i : i + 4], "little") for i in range(0, len(text), 4)]
                cycles += len(words) + latency
                moved["commands"] += len(text)
                busy["port"] += len(words)
                if operation == Operation.END:
                    break
                at += len(text)
                if operation == Operation.SET:
                    settings = words
                    continue
                at = words[0] & ~3
                if operation == Operation.LOAD:
                    load = decode_load(words)
                    base = bases[load.base] if load.base else 0
                    cycles += self._load(load, base, latency, busy, moved)
                else:
                    cycles += self._run(*decode_run(settings, words), busy, moved)
        return Predicted(cycles, starts, dict(busy), dict(moved)) if starts else None

    def _load(
        self, load: Any, base: int, latency: int, busy: Counter[str], moved: Counter[str]
    ) -> int:
        """Return the cycles of a load; what does not lie in words of its bank is read twice."""
        row = np.arange(load.rows)
        piece = np.arange(load.count)
        banks = load.kind == Kind.FILTERS
        turns = row // BLOCK if banks else row
        source = base + load.source + (row * load.row_step)[:, None] + piece * load.step
        place = load.place + (turns * load.row_place)[:, None] + piece * load.place_step
        skipped = source % LANES
        reads = (skipped + load.length + LANES - 1) // LANES
        if load.kind == Kind.RECORDS:
            reads = 2 * reads
        elif load.kind != Kind.ACTIVATIONS:
            reads = np.where((place - skipped) % LANES, 2 * reads, reads)
        beats = int(reads.sum())
        pieces: int = reads.size
        busy["port"] += beats
        moved[MOVED[load.kind]] += pieces * load.length
        groups = (len(row) - 1) // BLOCK if banks else 0
        return LOAD + beats + pieces * latency + NEXT * (pieces - 1 + groups) + JUMPED

    def _run(self, run: Any, settings: Any, busy: Counter[str], moved: Counter[str]) -> int:
        """Return the cycles of a run: a block's steps, or those of the outputs before it."""
        if settings.elementwise:  # each value is a block with one output
            steps, blocks = 1 if settings.single else 2, [(run.words, 1)]
        else:
            steps = settings.rows * settings.columns * run.words
            parts = parts_of(run.channels, OWN if settings.channelwise else BLOCK)
            blocks = [(run.pixels * number, channels) for number, channels in parts]
        draining = self._interval * run.last  # cycles of an output
        cycles, outputs = STAGES, 0
        for number, channels in blocks:
            cycles += number * max(steps, draining * channels)
            outputs += number * channels * run.last
            busy["array"] += number * steps
        if outputs:
            cycles += draining * blocks[-1][1] + SCALES
        busy.update(requantisers=draining * outputs, port=outputs)
        moved["outputs"] += outputs
        return RUN - 1 + cycles + JUMP + JUMPED
