"""The commit of the user's working folder."""

from __future__ import annotations

import re
from subprocess import TimeoutExpired

from typing_extensions import TypedDict

from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.base.tools import run_tool

__all__ = ["Commit", "commit"]

_SECONDS = 2.0
_STATUS = (  # that writes nothing, and starts no monitor that the repository's settings name
    *("git", "--no-optional-locks", "-c", "core.fsmonitor=false", "status", "--porcelain=v2"),
    *("--branch", "--untracked-files=no"),
)


class Commit(TypedDict):
    """A commit of a git repository, and whether the files are as they are in it."""

    commit: str
    """Its hash, in hexadecimal."""
    changed: bool
    """Whether a file that git knows differs from it; files that it does not know do not count."""


def commit() -> Commit | None:
    """Return the commit of the working folder; None where git knows none, or takes long."""
    try:
        done = run_tool(_STATUS, seconds=_SECONDS)
    except (EnvironmentLacksError, TimeoutExpired):
        return None
    found = re.search(r"^# branch\.oid ([0-9a-f]+)$", done.out, re.MULTILINE)
    if done.code or not found:
        return None
    changed = any(not line.startswith("#") for line in done.out.splitlines())
    return {"commit": found[1], "changed": changed}
