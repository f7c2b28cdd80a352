"""Show phases and progress on the terminal, or as plain lines if there is none."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from cfuforge.base.progress import Progress
from cfuforge.base.shown import counted, sentence
from cfuforge.cli.terminal import with_options

__all__ = ["TerminalProgress"]


class TerminalProgress(Progress):
    """Shows each phase and, while the SoC runs, cycles, MHz and time left.

    Parameters
    ----------
    console
        Where to draw; if it is not a terminal, one line per phase.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Bar(
            SpinnerColumn("dots" if console.encoding.startswith("utf") else "line"),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[detail]}", markup=False),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("start", total=None, detail="")

    def __enter__(self) -> TerminalProgress:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._console.is_terminal:
            self._bar.stop()

    def phase(self, name: str) -> None:
        """Begin the phase `name`."""
        if self._console.is_terminal:
            self._bar.reset(self._task, description=sentence(name), total=None, detail="")
        else:
            self._console.print(name)

    def cycles(self, cycles: int, hertz: float, done: float) -> None:
        """Show the progress of the simulation."""
        left = f", {cycles / hertz * (1 - done) / done:.0f} s left" if done > 0 else ""
        detail = f"{cycles / 1e6:.1f} M cycles, {hertz / 1e6:.2f} MHz{left}"
        self._bar.update(self._task, total=1.0, completed=done, detail=detail)

    def share(self, done: float) -> None:
        """Show the progress of something else: the share `done`, from 0 to 1."""
        self._bar.update(self._task, total=1.0, completed=done)

    def inputs(self, done: int, total: int, seconds: float) -> None:
        """Show how many inputs are checked."""
        left = f", {seconds * (total - done) / done:.0f} s left"
        detail = f"{done} of {counted(total, 'input')}, {60 * done / seconds:,.0f} a minute{left}"
        self._bar.update(self._task, total=total, completed=done, detail=detail)

    def note(self, text: str) -> None:
        """Print a note above the progress display."""
        self._console.print(with_options(text), soft_wrap=True)
