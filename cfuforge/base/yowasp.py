"""Run YoWASP's tools, which are WebAssembly and see only the folder they start in."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from cfuforge.base.cache import build_once, digest
from cfuforge.base.cache_users import locked
from cfuforge.base.errors import EnvironmentLacksError, ForgeError, InputError
from cfuforge.base.failure import tool_failure
from cfuforge.base.processor import host_cpu
from cfuforge.base.tools import Done, run_tool

__all__ = ["run_yowasp"]

_MEMORY = {"yosys": "1.5 GB"}  # to compile a tool once; running one takes less than 1 GB
_REFUSED = re.compile(r"^ERROR: ", re.MULTILINE)  # so it ran, and rejects its input
_RUN = "import sys, yowasp_{0} as tool; sys.exit(tool.run_{1}(sys.argv[1:]))"


def run_yowasp(
    folder: Path,
    tool: str,
    arguments: Sequence[str],
    function: str | None = None,
    *,
    text: str | None = None,
) -> tuple[str, str]:
    """Run a tool in `folder`, the only one that it sees, and return what it prints.

    Parameters
    ----------
    folder
        The folder with its files; arguments name them relative to it.
    tool
        ``"yosys"``, ``"nextpnr_ice40"`` and so on: what follows ``yowasp_`` in its package's name.
    arguments
        Its command-line arguments.
    function
        Another tool in the same package, such as ``"ecppack"`` of ``"nextpnr_ecp5"``.
    text
        Its standard input.

    Returns
    -------
    tuple of str
        Its standard output and its standard error.

    Raises
    ------
    InputError
        When it rejects its input; the message has its first error.
    EnvironmentLacksError
        When it does not run.
    """
    name = function or tool
    done = _start(folder, tool, name, arguments, _compile_native(tool, name), text)
    if done.code:
        raise _failed(name, done, folder)
    return done.out, done.err


def _compile_native(tool: str, function: str) -> Path:
    """Return the folder with the tool compiled to native code; the user's own if set."""
    package = f"yowasp-{tool.replace('_', '-')}"
    key = digest(function, version(package), version("wasmtime"), host_cpu())

    def compile_in(work: Path) -> None:
        done = _start(work, tool, function, ["--version"], work, None)
        if not any(work.glob("yowasp_*/*/*")):  # ignore the exit code: not all tools know --version
            raise _failed(function, done, work)

    chosen = os.environ.get("YOWASP_CACHE_DIR")
    if not chosen:
        return build_once("yowasp", key, compile_in)
    folder = Path(chosen).absolute()
    made = folder / f"{function}-{key}"
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder, made.name):
        if not made.exists():
            compile_in(folder)
            made.touch()
    return folder


def _start(
    folder: Path,
    tool: str,
    function: str,
    arguments: Sequence[str],
    compiled: Path,
    text: str | None,
) -> Done:
    command = [sys.executable, "-c", _RUN.format(tool, function), *arguments]
    more = {"YOWASP_CACHE_DIR": str(compiled), "YOWASP_MOUNT": "/=."}
    return run_tool(command, folder=folder, more=more, text=text)


def _failed(function: str, done: Done, folder: Path) -> ForgeError:
    refused = _REFUSED.search(done.said)
    return tool_failure(
        f"{function} fails",
        done,
        folder=folder,
        error=InputError if refused else EnvironmentLacksError,
        memory=_MEMORY.get(function, "1 GB"),
    )
