"""Carry out the lean engine's programs in Python."""

from __future__ import annotations

from cfuforge.base.errors import InputError
from cfuforge.cfu.designs.engine.commands import Operation
from cfuforge.cfu.designs.engine.lean.wire import WORDS, decode_load, decode_run
from cfuforge.cfu.designs.engine.reference import EngineReference
from cfuforge.cfu.port_memory import PortMemory

__all__ = ["LeanReference"]


class LeanReference(EngineReference):
    """The lean engine without its timing: its commands, decoded, are those of the large one."""

    def execute(self, memory: PortMemory, bases: list[int], program: int, beats: int) -> None:
        """Carry out the commands from `program` on, in at most `beats` times 8 bytes.

        Raises
        ------
        InputError
            When they do not end with END.
        """
        at, settings, complete = program, [0] * 12, 1
        for _ in range(beats):
            word = int.from_bytes(memory.read(at, 4), "little")
            operation = Operation(word & 3)
            if operation == Operation.END:
                return
            text = memory.read(at, 4 * WORDS[operation])
            words = [int.from_bytes(text[i : i + 4], "little") for i in range(0, len(text), 4)]
            at += len(text)
            if operation == Operation.SET:
                settings = words
                continue
            at = word & ~3
            if operation == Operation.LOAD:
                self.stores.load(decode_load(words), [0, *bases[1:]], memory)
            else:
                run, self._settings = decode_run(settings, words)
                run.first, complete = complete, run.last  # sums begin where others were complete
                self._run(run, bases[0], memory)
        raise InputError(f"the program at {program:#x} must end with END within {beats} beats")
