"""Run YoWASP's tools, which are WebAssembly and see nothing but the folder they start in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from cfuforge.cfu.errors import EnvironmentLacksError

__all__ = ["run_program", "run_yowasp"]


def run_yowasp(
    folder: Path, tool: str, arguments: Sequence[str], function: str | None = None
) -> str:
    """Run a tool in `folder`, all that it sees, and return what it prints.

    Parameters
    ----------
    folder
        Where its files are.
    tool
        ``"yosys"``, ``"nextpnr_ice40"`` and so on: what follows ``yowasp_`` in its package's name.
    arguments
        Of its command line.
    function
        Another tool of the same package, such as ``"ecppack"`` of ``"nextpnr_ecp5"``.

    Raises
    ------
    EnvironmentLacksError
        When it fails, or does not see `folder`.
    """
    if folder.is_relative_to("/tmp"):
        raise EnvironmentLacksError(
            f"the tools do not see {folder}, for it is below /tmp; "
            "set CFUFORGE_CACHE to another folder"
        )
    call = f"tool.run_{function or tool}(sys.argv[1:])"
    run = f"import sys, yowasp_{tool} as tool; sys.exit({call})"
    return run_program(folder, [sys.executable, "-c", run, *arguments], f"yowasp_{tool}")


def run_program(folder: Path, command: Sequence[str], name: str) -> str:
    """Run a program in `folder` and return what it prints.

    Raises
    ------
    EnvironmentLacksError
        When it fails; the message has its first error.
    """
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    if done.returncode:
        errors = [line for line in said.splitlines() if line.startswith("ERROR")]
        last = done.stderr.strip().splitlines()[-1:]
        reason = (errors or last or ["no message"])[0]
        raise EnvironmentLacksError(f"{name} fails: {reason[:300]}")
    return said
