"""The error of a full disk."""

from __future__ import annotations

import errno
from pathlib import Path

from cfuforge.base.errors import EnvironmentLacksError

__all__ = ["DISK_FULL", "disk_full"]

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


def disk_full(path: Path | str, what: str = "") -> EnvironmentLacksError:
    """Return the error for the full disk that holds `path`; `what` says what failed."""
    where = f"{what}: " if what else ""
    return EnvironmentLacksError(
        f"{where}the disk is full: {path}; make room there, or name a place on another disk "
        "(CFUFORGE_CACHE for the cache)"
    )
