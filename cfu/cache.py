"""A cache of built things, addressed by the content of what they were built from."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import platformdirs
from filelock import FileLock

from cfuforge.cfu.errors import EnvironmentLacksError

__all__ = ["cache_dir", "cached", "cached_text", "clear", "digest", "entries", "folders"]

ABANDONED = 24 * 3600  # seconds after which a build that left its folder is not under way any more
OURS = re.compile(r"[a-z]+-[0-9a-f]{32}(\.lock)?|\.building-.*|zig|logs")


def cache_dir() -> Path:
    """Return the cache's folder: ``$CFUFORGE_CACHE``, else the user's cache folder."""
    chosen = os.environ.get("CFUFORGE_CACHE")
    return Path(chosen).absolute() if chosen else platformdirs.user_cache_path("cfuforge")


def digest(*parts: Any) -> str:
    """Hash `parts` (paths by their content, all else by its JSON) to 32 hexadecimal digits."""
    hasher = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else _encode(part)
        hasher.update(len(data).to_bytes(8, "little"))
        hasher.update(data)
    return hasher.hexdigest()[:32]


def _encode(part: Any) -> bytes:
    if isinstance(part, bytes):
        return part
    return json.dumps(part, sort_keys=True).encode()


def cached(kind: str, key: str, build: Callable[[Path], None]) -> Path:
    """Return the folder that `build` fills, building it only when it is not there yet.

    Parameters
    ----------
    kind
        What is built, one word: the first half of the folder's name.
    key
        The `digest` of everything that the result depends on.
    build
        Called with an empty folder to fill. What it raises leaves no trace in the cache.

    Notes
    -----
    Two processes that want the same key build it once: the second waits for the first.
    """
    final = cache_dir() / f"{kind}-{key}"
    if final.is_dir():
        return final
    with _writable(), FileLock(cache_dir() / f"{kind}-{key}.lock"):
        if final.is_dir():
            return final
        _sweep()
        work = Path(tempfile.mkdtemp(prefix=".building-", dir=cache_dir()))
        try:
            build(work)
            work.rename(final)
        except BaseException:
            shutil.rmtree(work, ignore_errors=True)
            raise
    return final


def cached_text(kind: str, name: str, text: str) -> Path:
    """Return a file called `name` with `text` in it, in the cache under `kind`."""

    def write(work: Path) -> None:
        (work / name).write_text(text)

    return cached(kind, digest(text), write) / name


@contextmanager
def _writable() -> Iterator[None]:
    try:
        cache_dir().mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=cache_dir()).close()
    except OSError as error:
        raise EnvironmentLacksError(
            f"the cache {cache_dir()} cannot be written ({error.strerror}); "
            "set CFUFORGE_CACHE to a folder that can"
        ) from error
    yield


def _sweep() -> None:
    """Remove what builds that were killed long ago have left."""
    for left in cache_dir().glob(".building-*"):
        with suppress(FileNotFoundError):  # another process has just finished it
            if time.time() - left.stat().st_mtime > ABANDONED:
                shutil.rmtree(left, ignore_errors=True)


def entries() -> dict[str, int]:
    """Return the size in bytes of every entry, by its folder's name."""
    return {
        entry.name: sum(file.stat().st_size for file in entry.rglob("*") if file.is_file())
        for entry in _ours()
        if entry.is_dir()
    }


def folders(kind: str) -> list[Path]:
    """Return the folders of all entries of a kind, the oldest first."""
    found = [entry for entry in _ours() if entry.is_dir() and entry.name.startswith(f"{kind}-")]
    return sorted(found, key=lambda entry: entry.stat().st_mtime)


def clear() -> None:
    """Remove everything that the cache holds, and nothing else that is in its folder.

    Raises
    ------
    EnvironmentLacksError
        When something cannot be removed.
    """
    try:
        for entry in _ours():
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()
    except OSError as error:
        raise EnvironmentLacksError(
            f"{error.filename} cannot be removed ({error.strerror}); remove it by hand"
        ) from error


def _ours() -> list[Path]:
    """Return what this module and the compiler put into the folder, which may hold other things."""
    if not cache_dir().is_dir():
        return []
    return sorted(entry for entry in cache_dir().iterdir() if OURS.fullmatch(entry.name))
