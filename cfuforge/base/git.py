"""The commit of the user's working folder."""

from __future__ import annotations

import re
from subprocess import TimeoutExpired

from typing_extensions import TypedDict

from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.base.tools import run_tool

__all__ = ["Commit", "commit"]

_SECONDS = 2.0
_STATUS = (  # write nothing, and start no file monitor that the repository configures
    *("git", "--no-optional-locks", "-c", "core.fsmonitor=false", "status", "--porcelain=v2"),
    *("--branch", "--untracked-files=no"),
)


class Commit(TypedDict):
    """A commit of a git repository, and whether the files differ from it."""

    commit: str
    """Hash of the commit, in hexadecimal."""
    changed: bool
    """Whether a tracked file differs from the commit; untracked files do not count."""


def commit() -> Commit | None:
    """Return the commit of the working folder; None if there is none, or git takes too long."""
    try:
        done = run_tool(_STATUS, seconds=_SECONDS)
    except (EnvironmentLacksError, TimeoutExpired):
        return None
    found = re.search(r"^# branch\.oid ([0-9a-f]+)$", done.out, re.MULTILINE)
    if done.code or not found:
        return None
    changed = any(not line.startswith("#") for line in done.out.splitlines())
    return {"commit": found[1], "changed": changed}
