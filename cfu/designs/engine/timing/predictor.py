"""`EnginePredictor`: the time of a layer from its programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from cfuforge.cfu.commands import Command
from cfuforge.cfu.designs.engine.commands import BEATS, Load, Operation, Run, Settings, unpacked
from cfuforge.cfu.designs.engine.configuration import Configuration
from cfuforge.cfu.designs.engine.timing.programs import programs_of
from cfuforge.cfu.designs.engine.timing.timeline import Timeline
from cfuforge.cfu.instruction import Instruction, by_function_id
from cfuforge.cfu.prediction import Predicted

__all__ = ["EnginePredictor"]

_LAYOUTS = {Operation.LOAD: Load, Operation.RUN: Run, Operation.SET: Settings}
_END = unpacked(Run, 0)


class EnginePredictor:
    """Walk over the programs that a kernel starts, as `cfuforge.cfu.prediction.Predictor` does.

    Parameters
    ----------
    configuration
        The engine's.
    instructions
        Its instructions.
    """

    def __init__(self, configuration: Configuration, instructions: Sequence[Instruction]) -> None:
        self._configuration = configuration
        self._instructions = by_function_id(instructions)
        self.macs = configuration.macs

    def __call__(
        self, commands: Sequence[Command], read: Callable[[int, int], bytes], latency: int
    ) -> Predicted | None:
        """Predict what `commands` take; None if they start no program."""
        cycles, starts, busy, moved = 0, 0, Counter[str](), Counter[str]()
        settings: Any = None
        for bases, address, beats in programs_of(commands, self._instructions):
            program = read(address, 8 * beats)
            timeline = Timeline(self._configuration, len(program), latency, settings)
            for each in _commands(program):
                timeline.carry_out(each, bases)
            settings = timeline.settings
            cycles, starts = cycles + timeline.cycles, starts + 1
            busy.update(timeline.busy)
            moved.update(timeline.moved)
        return Predicted(cycles, starts, dict(busy), dict(moved)) if starts else None


def _commands(program: bytes) -> Iterator[Any]:
    """Take a program apart; the last of its commands is END."""
    at = 0
    while at < len(program) and (kind := Operation(program[at] & 3)) != Operation.END:
        end = at + 8 * BEATS[kind]
        yield unpacked(_LAYOUTS[kind], int.from_bytes(program[at:end], "little"))
        at = end
    yield _END
