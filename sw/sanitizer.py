"""AddressSanitizer in a process that runs kernels, and a fence around what is not an operator's."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterable
from pathlib import Path

from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.base.tools import run_tool
from cfuforge.sw.toolchain import sanitizing_compiler

__all__ = ["Fence", "Finding", "environment", "prepare"]

_ACCESS = re.compile(r"^(READ|WRITE) of size (\d+)", re.M)
_KIND = re.compile(r"ERROR: AddressSanitizer: ([a-z]+-buffer-\w+)")  # not what a Fence reports
_FRAME = re.compile(r"^ +#\d+ 0x\w+ in (.+) (\S+):(\d+)(?::\d+)?$", re.M)
_PRELOAD = "LD_PRELOAD"
# Python frees little at its end, and its libraries are not ours to judge.
_OPTIONS = {
    "halt_on_error": 0,
    "suppress_equal_pcs": 0,
    "detect_leaks": 0,
    "alloc_dealloc_mismatch": 0,
    "allocator_may_return_null": 1,
    "handle_segv": 0,
    "handle_sigbus": 0,
}


def environment() -> dict[str, str]:
    """Return what the environment of a process must have for a sanitized library.

    Raises
    ------
    EnvironmentLacksError
        When g++ or its AddressSanitizer is not installed.
    """
    compiler = sanitizing_compiler()
    library = Path(run_tool([*compiler.command, "-print-file-name=libasan.so"]).out.strip())
    if not library.is_absolute():  # a name alone is what it has not found
        raise EnvironmentLacksError(
            f"AddressSanitizer of {compiler.version} is not installed; install libasan, "
            "which comes with Debian's g++"
        )
    options = ":".join(f"{name}={value}" for name, value in _OPTIONS.items())
    return {_PRELOAD: str(library), "ASAN_OPTIONS": options}


def prepare() -> None:
    """Let the sanitizer print nothing, and be in no process that this one starts."""
    os.environ.pop(_PRELOAD, None)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    ctypes.CDLL(None).__sanitizer_set_report_fd(ctypes.c_void_p(nowhere))


class Finding:
    """An access that AddressSanitizer reports.

    Parameters
    ----------
    text
        Its report; empty where there is none.

    Attributes
    ----------
    text : str
        The report.
    did : str
        ``"read 4 bytes at"``; ``"touched"`` where that is not known.
    read : bool
        Whether it was a read, as far as is known.
    place : str
        What kind of access, its function, file and line, to follow a name; may be empty.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        access = _ACCESS.search(text)
        self.read = access is not None and access[1] == "READ"
        self.did = "touched"
        if access:
            size = int(access[2])
            self.did = f"{'read' if self.read else 'wrote'} {size} byte{'s' * (size > 1)} at"
        frames = [each for each in _FRAME.findall(text) if "libsanitizer" not in each[1]]
        kind = _KIND.search(text)
        self.place = f" ({kind[1]})" if kind else ""
        if frames:
            function, path, line = frames[0]
            self.place += f", in {function} ({Path(path).name}:{line})"


class Fence:
    """Stretches of memory that the sanitizer reports an access to.

    Parameters
    ----------
    whole
        All that may become one.
    """

    def __init__(self, whole: Iterable[range]) -> None:
        process = ctypes.CDLL(None)
        self._close = process["__asan_poison_memory_region"]
        self._open = process["__asan_unpoison_memory_region"]
        for function in (self._close, self._open):
            function.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
        self._whole = list(whole)

    def leave(self, own: Iterable[range]) -> None:
        """Fence everything off but `own`."""
        for each in self._whole:
            self._close(each.start, len(each))
        for each in own:
            self._open(each.start, len(each))

    def open(self) -> None:
        """Fence nothing off."""
        self.leave(self._whole)
