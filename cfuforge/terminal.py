"""Where the command line prints."""

from __future__ import annotations

import sys

from rich.console import Console

__all__ = ["err", "out"]

out = Console(width=None if sys.stdout.isatty() else 200)
err = Console(stderr=True)
