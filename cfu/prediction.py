"""What a CFU that works by itself is predicted to take for a layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from cfuforge.cfu.commands import Command

__all__ = ["Predicted", "Predictor"]


@dataclass(frozen=True)
class Predicted:
    """A CFU's work on a layer.

    Parameters
    ----------
    cycles
        In which it works, from each start to the end.
    starts
        How often it is started.
    busy
        The cycles that each of its units needs at least, by name.
    moved
        Bytes that it reads and writes, by what they are.
    """

    cycles: int
    starts: int
    busy: Mapping[str, int]
    moved: Mapping[str, int]


class Predictor(Protocol):
    """Predict the time of a layer from the commands that its kernel gives the CFU.

    Members
    -------
    macs
        The most multiply-accumulates in a cycle.
    """

    macs: int

    def __call__(
        self, commands: Sequence[Command], read: Callable[[int, int], bytes], latency: int
    ) -> Predicted | None:
        """Predict what `commands` take; None if the CFU does nothing by itself.

        Parameters
        ----------
        commands
            In their order.
        read
            Returns so many bytes from an address on, as the memory port would find them.
        latency
            Cycles from a request of the port to its response.
        """
