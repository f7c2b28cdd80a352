"""The receiver of progress."""

from __future__ import annotations

from cfuforge.sim.simulator import Progress

__all__ = ["Report"]


class Report:
    """The receiver of the progress of `simulate` and `check`; this one says nothing."""

    def phase(self, name: str) -> None:
        """Tell that the phase `name` begins."""

    def progress(self, state: Progress, done: float) -> None:
        """Tell how far the simulation is: `done` of 1."""

    def inputs(self, done: int, total: int, seconds: float) -> None:
        """Tell that `done` of `total` inputs are checked, after `seconds`."""

    def note(self, text: str) -> None:
        """Tell what was decided for the user."""
