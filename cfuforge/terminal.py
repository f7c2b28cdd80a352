"""Where the command line prints."""

from __future__ import annotations

import sys

from rich.console import Console

__all__ = ["err", "out", "restore"]

out = Console(width=None if sys.stdout.isatty() else 200)
err = Console(stderr=True)


def restore() -> None:
    """Show the cursor again, which a progress bar hides."""
    if err.is_terminal:
        err.show_cursor(True)
