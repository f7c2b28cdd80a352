"""The receiver of progress."""

from __future__ import annotations

__all__ = ["SILENT", "Progress"]


class Progress:
    """The receiver of progress, `progress` of everything that takes time; this one shows nothing.

    A subclass shows what it likes: the command line's is `cfuforge.cli.progress.TerminalProgress`.
    """

    def phase(self, name: str) -> None:
        """Tell that the phase `name` begins."""

    def cycles(self, cycles: int, hertz: float, done: float) -> None:
        """Tell how far a simulation is: `done` of 1, at `hertz` simulated cycles a second."""

    def inputs(self, done: int, total: int, seconds: float) -> None:
        """Tell that `done` of `total` inputs are checked, after `seconds`."""

    def share(self, done: float) -> None:
        """Tell how far something else is: `done` of 1."""

    def note(self, text: str) -> None:
        """Tell what was decided for the user, or what went wrong meanwhile."""


SILENT = Progress()
