"""Say in one line why a tool failed: its first error, a full disk, too little memory."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cfuforge.base.cache import cache_dir
from cfuforge.base.disk import disk_full
from cfuforge.base.errors import EnvironmentLacksError, ForgeError, InputError
from cfuforge.base.tools import Done

__all__ = ["tool_failure", "unwritten"]

KEPT_LOGS = 100
_ERROR = re.compile(
    r"%Error|\berror:|undefined (reference|symbol)|cannot find|^ERROR|\[ERROR\]|: \*\*\* ",
    re.IGNORECASE,
)
_REFERRED = ">>> referenced by "  # LLVM's linker: the line with the undefined reference
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_FULL = re.compile(r"No space left on device|Disk quota exceeded|NoSpaceLeft|os error 28", re.I)
_MEMORY = re.compile(
    r"out of memory|cannot allocate memory|OutOfMemory|MemoryError|bad_alloc|memory exhausted"
    r"|memory allocation of \d+|failed to (re)?serve|Killed signal terminated|insufficient memory",
    re.IGNORECASE,
)
_LITTLE = 1 << 16  # bytes: a disk with less free space is full
_NOT_ENOUGH = 1 << 24  # bytes: likewise, if a tool ends without a reason


def tool_failure(
    what: str,
    done: Done,
    *,
    folder: Path | None = None,
    error: type[ForgeError] = InputError,
    memory: str = "",
) -> ForgeError:
    """Return the error that says why a tool failed, and where its whole output is.

    Parameters
    ----------
    what
        What failed, such as ``"conv_s8.c does not compile"``.
    done
        Its exit code and output.
    folder
        The folder it wrote to.
    error
        The type of error if neither disk nor memory ran out.
    memory
        How much memory it needs, for the message if that ran out: ``"1.5 GB"``.
    """
    lines = [line for line in _COLOURS.sub("", done.err + "\n" + done.out).splitlines() if line]
    log = _keep(done, lines)
    if full := _full(done, folder):
        return disk_full(full, what)
    if done.code in (-9, 137) or _MEMORY.search(done.said):
        needs = f"it needs about {memory}" if memory else "more is needed"
        return EnvironmentLacksError(
            f"{what}: out of memory; {needs}: close other programs or add swap{log}"
        )
    lines = lines or [f"no message, {_ended(done.code)}"]
    at = next((at for at, line in enumerate(lines) if _ERROR.search(line)), 0)
    more = lines[at + 1] if at + 1 < len(lines) else ""
    where = f", {more[4:].partition(' (')[0]}" if more.startswith(_REFERRED) else ""
    return error(f"{what}: {lines[at].strip()[:500]}{where}{log}")


def unwritten(path: Path) -> ForgeError:
    """Remove a file that a tool could not write to its end, and return the error that says so."""
    full = shutil.disk_usage(path.parent).free < _LITTLE
    if path.is_file():
        os.truncate(path, 0)  # frees its space even if the tool has not closed it
        path.unlink()
    return disk_full(path) if full else InputError(f"{path} cannot be written; name another file")


def _full(done: Done, folder: Path | None) -> Path | None:
    """Return the folder whose disk is full; the first if only the tool says so."""
    folders = [folder or cache_dir(), cache_dir(), Path(tempfile.gettempdir())]
    for each in folders:
        with suppress(OSError):
            if shutil.disk_usage(each).free < (_LITTLE if done.said.strip() else _NOT_ENOUGH):
                return _known(each)
    return _known(folders[0]) if _FULL.search(done.said) else None


def _known(folder: Path) -> Path:
    """Return the cache for a folder inside it, which will be gone when the user looks."""
    return cache_dir() if folder.is_relative_to(cache_dir()) else folder


def _keep(done: Done, lines: Iterable[str]) -> str:
    """Write a tool's output to a file, and return its path; empty if that fails."""
    name = Path(done.command[0]).name
    number = hashlib.sha256("\0".join([*done.command, *lines]).encode("utf-8", "replace"))
    log = cache_dir() / "logs" / f"{name}-{number.hexdigest()[:12]}.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        old = sorted(log.parent.glob("*.log"), key=lambda path: path.stat().st_mtime)
        for path in old[:-KEPT_LOGS]:
            path.unlink(missing_ok=True)
        log.write_text(
            "\n".join([" ".join(done.command), *lines, ""]), errors="replace", encoding="utf-8"
        )
    except OSError:
        return ""
    return f" (all of it: {log})"


def _ended(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
