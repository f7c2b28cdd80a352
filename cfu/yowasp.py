"""Run YoWASP's tools, which are WebAssembly and see nothing but the folder they start in."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from cfuforge.cfu.cache import cached, digest
from cfuforge.cfu.errors import EnvironmentLacksError
from cfuforge.cfu.failure import tool_failure
from cfuforge.cfu.processor import host_cpu
from cfuforge.cfu.tools import run_tool

__all__ = ["run_yowasp"]

_MEMORY = {"yosys": "1.5 GB"}  # to compile a tool, once; the others take less than 1 GB
_RUN = "import sys, yowasp_{0} as tool; sys.exit(tool.run_{1}(sys.argv[1:]))"


def run_yowasp(
    folder: Path,
    tool: str,
    arguments: Sequence[str],
    function: str | None = None,
    *,
    text: str | None = None,
) -> tuple[str, str]:
    """Run a tool in `folder`, all that it sees, and return what it prints.

    Parameters
    ----------
    folder
        Where its files are; its arguments name them relative to it.
    tool
        ``"yosys"``, ``"nextpnr_ice40"`` and so on: what follows ``yowasp_`` in its package's name.
    arguments
        Of its command line.
    function
        Another tool of the same package, such as ``"ecppack"`` of ``"nextpnr_ecp5"``.
    text
        What it reads from its standard input.

    Returns
    -------
    tuple of str
        Its standard output and its standard error.

    Raises
    ------
    EnvironmentLacksError
        When it fails; the message has its first error.
    """
    compiled = _compiled(tool, function or tool)
    return _run(folder, tool, function or tool, arguments, compiled, text)


def _compiled(tool: str, function: str) -> Path:
    """Return the folder with the tool in this processor's instructions; the user's, if named."""
    if chosen := os.environ.get("YOWASP_CACHE_DIR"):
        return Path(chosen).absolute()

    def build(work: Path) -> None:
        _run(work, tool, function, ["--version"], work, None)

    key = digest(function, version(f"yowasp-{tool.replace('_', '-')}"), version("wasmtime"))
    return cached("yowasp", digest(key, host_cpu()), build)


def _run(
    folder: Path,
    tool: str,
    function: str,
    arguments: Sequence[str],
    compiled: Path,
    text: str | None,
) -> tuple[str, str]:
    command = [sys.executable, "-c", _RUN.format(tool, function), *arguments]
    more = {"YOWASP_CACHE_DIR": str(compiled), "YOWASP_MOUNT": "/=."}
    done = run_tool(command, folder=folder, more=more, text=text)
    if done.code:
        raise tool_failure(
            f"{function} fails",
            done,
            folder=folder,
            error=EnvironmentLacksError,
            memory=_MEMORY.get(function, "1 GB"),
        )
    return done.out, done.err
