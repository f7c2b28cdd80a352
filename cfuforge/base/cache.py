"""A content-addressed cache of build results.

An entry is a folder with the result and a manifest, written last, with the size and hash of each
file; they are verified on use. An entry is built under another name, then renamed.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import platformdirs

from cfuforge.base import manifest
from cfuforge.base.cache_users import guard, in_use, locked, make_work, remove_left, use, used_here
from cfuforge.base.disk import DISK_FULL, disk_full
from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.base.tools import TOKEN

__all__ = [
    "build_once",
    "cache_dir",
    "cache_limit",
    "clear",
    "code",
    "digest",
    "entries",
    "folders",
    "other_bytes",
    "scratch",
    "write_once",
]

LIMIT = 4 << 30
_OURS = re.compile(
    r"[a-z]+-[0-9a-f]{32}(\.lock)?|\.(building|removing|using)-.*|guard|locks|zig|logs"
)
_ENTRY = re.compile(r"[a-z]+-[0-9a-f]{32}")
_BUILT = "built"
_OFTEN = 1 << 28  # bytes that may be added before the limit is checked again
_new_bytes = _OFTEN  # also checked at the first entry
_checked: set[Path] = set()


def cache_dir() -> Path:
    """Return the cache's folder: ``$CFUFORGE_CACHE``, else the user's cache folder.

    Raises
    ------
    EnvironmentLacksError
        When neither that variable nor a home folder exists.
    """
    chosen = os.environ.get("CFUFORGE_CACHE")
    folder = Path(chosen).absolute() if chosen else platformdirs.user_cache_path("cfuforge")
    if not folder.is_absolute():
        raise EnvironmentLacksError(
            "there is no home folder for the cache; set CFUFORGE_CACHE to a writable folder"
        )
    return folder


def cache_limit() -> int:
    """Return the cache's limit in bytes: ``$CFUFORGE_CACHE_GB``, else 4 GiB.

    Raises
    ------
    EnvironmentLacksError
        When the variable is not a positive number.
    """
    chosen = os.environ.get("CFUFORGE_CACHE_GB")
    if not chosen:
        return LIMIT
    try:
        limit = float(chosen)
    except ValueError:
        limit = 0.0
    if not 0 < limit < 1e9:
        raise EnvironmentLacksError(
            f"CFUFORGE_CACHE_GB must be a positive number of gigabytes, not {chosen!r}"
        )
    return int(limit * (1 << 30))


def digest(*parts: Any) -> str:
    """Hash `parts` (paths by content, all else as JSON) to 32 hexadecimal digits."""
    hasher = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else _encode(part)
        hasher.update(len(data).to_bytes(8, "little"))
        hasher.update(data)
    return hasher.hexdigest()[:32]


def code(path: Path) -> str:
    """Return a Python file's syntax tree without docstrings, for `digest`."""
    return _code(path.read_bytes())


@cache
def _code(source: bytes) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(body := getattr(node, "body", None), list):
            node.body = [each for each in body if not _is_text(each)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _encode(part: Any) -> bytes:
    if isinstance(part, bytes):
        return part
    return json.dumps(part, sort_keys=True).encode()


def build_once(kind: str, key: str, build: Callable[[Path], None]) -> Path:
    """Return the folder that `build` fills, from the cache if it is there and intact.

    Parameters
    ----------
    kind
        One word for what is built; it begins the folder's name.
    key
        The `digest` of everything that the result depends on.
    build
        Called with an empty folder to fill. If it raises, nothing stays in the cache.

    Raises
    ------
    EnvironmentLacksError
        When the folder cannot be written, or its disk is full.

    Notes
    -----
    If two processes want the same key, the second waits for the first. An entry that this process
    has used stays until it ends. A damaged entry is rebuilt; an intact one can also be used from a
    read-only folder.
    """
    final = cache_dir() / f"{kind}-{key}"
    if _usable(final):
        return final / _BUILT
    with _writable():
        remove_left(cache_dir())
        with locked(cache_dir(), final.name):
            if not _usable(final):
                _build(final, build)
    return final / _BUILT


def write_once(kind: str, name: str, text: str) -> Path:
    """Return a file in the cache, under `kind`, called `name` and containing `text`."""

    def write(work: Path) -> None:
        (work / name).write_text(text, encoding="utf-8")

    return build_once(kind, digest(text), write) / name


@contextmanager
def scratch() -> Iterator[Path]:
    """Provide a temporary folder: in the cache if possible, else in the system's place."""
    try:
        cache_dir().mkdir(parents=True, exist_ok=True)
        folder = make_work(cache_dir())
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="cfuforge-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _usable(entry: Path) -> bool:
    """Return whether an entry exists and is intact; if so, keep it for this process."""
    if entry in _checked and (entry / _BUILT).is_dir():
        return True
    use(cache_dir(), entry.name)
    if not (entry / _BUILT).is_dir() or not manifest.holds(entry):
        return False
    with suppress(OSError):
        os.utime(entry)  # time of last use
    _checked.add(entry)
    return True


def _build(final: Path, build: Callable[[Path], None]) -> None:
    work = make_work(cache_dir())
    try:
        (work / _BUILT).mkdir()
        build(work / _BUILT)
        size = manifest.write(work)
        if os.path.lexists(final):  # damaged
            _remove(final)
        work.rename(final)
        manifest.sync(cache_dir())
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    _checked.add(final)
    _keep_limit(size)


@contextmanager
def _writable() -> Iterator[None]:
    try:
        cache_dir().mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=cache_dir()).close()
    except OSError as error:
        if error.errno in DISK_FULL:
            raise disk_full(cache_dir()) from error
        raise EnvironmentLacksError(
            f"the cache {cache_dir()} cannot be written ({error.strerror}); "
            "set CFUFORGE_CACHE to a writable folder"
        ) from error
    try:
        yield
    except OSError as error:
        if error.errno in DISK_FULL:
            raise disk_full(error.filename or cache_dir()) from error
        raise


def _keep_limit(size: int) -> None:
    """Remove the least recently used entries if the cache is over its limit."""
    global _new_bytes
    _new_bytes += size
    limit = cache_limit()
    if _new_bytes < min(_OFTEN, limit // 8):
        return
    _new_bytes = 0
    sizes = {**entries(), "zig": _size(cache_dir() / "zig")}
    over = sum(sizes.values()) - limit
    for name in sorted(sizes, key=lambda name: _last_use(cache_dir() / name)):
        if over <= 0:
            break
        if name not in used_here(cache_dir()) and _remove_unused(cache_dir() / name):
            over -= sizes[name]


def entries() -> dict[str, int]:
    """Return the size in bytes of every entry, by folder name."""
    return {entry.name: _size(entry) for entry in _ours() if entry.is_dir() and _is_entry(entry)}


def other_bytes() -> int:
    """Return the bytes in the cache outside its entries: the compiler's own cache, logs."""
    return sum(_size(path) for path in _ours() if not _is_entry(path))


def folders(kind: str) -> list[Path]:
    """Return the folders of all intact entries of a kind, least recently used first."""
    found = [entry for entry in _ours() if _is_entry(entry) and entry.name.startswith(f"{kind}-")]
    return [entry / _BUILT for entry in sorted(found, key=_last_use) if manifest.holds(entry)]


def clear() -> list[str]:
    """Remove the cache's contents, but nothing else in its folder.

    Returns
    -------
    list of str
        The entries that stay because other processes use them.

    Raises
    ------
    EnvironmentLacksError
        When something cannot be removed.
    """
    try:
        remove_left(cache_dir(), every=True)
        for entry in _ours():
            if _is_entry(entry) or entry.name == "zig":
                _remove_unused(entry)
            elif entry.name == "logs" or entry.name.endswith(".lock"):
                _remove(entry)
    except OSError as error:
        raise EnvironmentLacksError(
            f"{error.filename} cannot be removed ({error.strerror}); remove it by hand"
        ) from error
    _checked.clear()
    return sorted(entry.name for entry in _ours() if _is_entry(entry))


def _remove_unused(entry: Path) -> bool:
    """Remove an entry unless a process uses it, and return whether it is gone."""
    with guard(cache_dir(), alone=True):
        if entry.name in in_use(cache_dir()):
            return False
        away = _put_away(entry)
    if away:
        _delete(away)
    return True


def _remove(entry: Path) -> None:
    if away := _put_away(entry):
        _delete(away)


def _put_away(entry: Path) -> Path | None:
    """Rename an entry, so that nobody finds it half deleted; None if another process was first."""
    away = entry.with_name(f".removing-{TOKEN}-{entry.name}")
    try:
        entry.rename(away)
    except FileNotFoundError:
        return None
    _checked.discard(entry)
    return away


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _is_entry(path: Path) -> bool:
    return _ENTRY.fullmatch(path.name) is not None


def _last_use(entry: Path) -> float:
    try:
        return entry.stat().st_mtime
    except OSError:  # another process has just removed it
        return 0.0


def _size(path: Path) -> int:
    """Return the bytes below a path; files that vanish meanwhile do not count."""
    try:
        if not path.is_dir() or path.is_symlink():
            return path.lstat().st_size
        return sum(_size(Path(each.path)) for each in os.scandir(path))
    except OSError:
        return 0


def _ours() -> list[Path]:
    """Return what belongs to the cache in its folder, which may hold other things too."""
    try:
        names = os.listdir(cache_dir())
    except OSError:
        return []
    return sorted(cache_dir() / name for name in names if _OURS.fullmatch(name))
