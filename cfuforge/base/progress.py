"""The interface that receives progress."""

from __future__ import annotations

__all__ = ["SILENT", "Progress"]


class Progress:
    """Receives progress, as the argument `progress` of long operations; this class shows nothing.

    Subclasses display it: the command line's is `cfuforge.cli.progress.TerminalProgress`.
    """

    def phase(self, name: str) -> None:
        """Report that the phase `name` begins."""

    def cycles(self, cycles: int, hertz: float, done: float) -> None:
        """Report a simulation's progress: the share `done`, at `hertz` simulated cycles/s."""

    def inputs(self, done: int, total: int, seconds: float) -> None:
        """Report that `done` of `total` inputs are checked, after `seconds`."""

    def share(self, done: float) -> None:
        """Report the progress of something else: the share `done`, from 0 to 1."""

    def note(self, text: str) -> None:
        """Report a decision made for the user, or a problem along the way."""


SILENT = Progress()
