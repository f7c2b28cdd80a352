"""AddressSanitizer in a process that runs kernels, with memory fenced off from an operator."""

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
_KIND = re.compile(r"ERROR: AddressSanitizer: ([a-z]+-buffer-\w+)")  # not for a Fence
_FRAME = re.compile(r"^ +#\d+ 0x\w+ in (.+) (\S+):(\d+)(?::\d+)?$", re.M)
_PRELOAD = "LD_PRELOAD"
# Python frees little when it exits, and its own libraries are none of our business.
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
    """Return the environment variables that a process needs to load a sanitized library.

    Raises
    ------
    EnvironmentLacksError
        When g++ or its AddressSanitizer is not installed.
    """
    compiler = sanitizing_compiler()
    library = Path(run_tool([*compiler.command, "-print-file-name=libasan.so"]).out.strip())
    if not library.is_absolute():  # a bare name means not found
        raise EnvironmentLacksError(
            f"AddressSanitizer of {compiler.version} is not installed; install libasan, "
            "which comes with Debian's g++"
        )
    options = ":".join(f"{name}={value}" for name, value in _OPTIONS.items())
    return {_PRELOAD: str(library), "ASAN_OPTIONS": options}


def prepare() -> None:
    """Silence the sanitizer, and keep it out of child processes."""
    os.environ.pop(_PRELOAD, None)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    ctypes.CDLL(None).__sanitizer_set_report_fd(ctypes.c_void_p(nowhere))


class Finding:
    """An access that AddressSanitizer reports.

    Parameters
    ----------
    text
        The report; empty if there is none.

    Attributes
    ----------
    text : str
        The report.
    did : str
        ``"read 4 bytes at"``; ``"touched"`` if not known.
    read : bool
        Whether it was a read, as far as is known.
    place : str
        Kind of error, function, file and line, to be appended to a message; may be empty.
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
    """Memory ranges to which the sanitizer reports any access.

    Parameters
    ----------
    whole
        All ranges that may be fenced off.
    """

    def __init__(self, whole: Iterable[range]) -> None:
        process = ctypes.CDLL(None)
        self._close = process["__asan_poison_memory_region"]
        self._open = process["__asan_unpoison_memory_region"]
        for function in (self._close, self._open):
            function.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
        self._whole = list(whole)

    def leave(self, own: Iterable[range]) -> None:
        """Fence off everything but `own`."""
        for each in self._whole:
            self._close(each.start, len(each))
        for each in own:
            self._open(each.start, len(each))

    def open(self) -> None:
        """Remove the fence."""
        self.leave(self._whole)
