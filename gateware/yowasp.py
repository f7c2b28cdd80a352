"""Run YoWASP's tools, which are WebAssembly and see nothing but the folder they start in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from cfuforge.cfu.errors import EnvironmentLacksError

__all__ = ["run_yowasp"]


def run_yowasp(folder: Path, tool: str, arguments: Sequence[str]) -> str:
    """Run a tool in `folder`, all that it sees, and return what it prints.

    Parameters
    ----------
    folder
        Where its files are.
    tool
        ``"yosys"``, ``"nextpnr_ice40"`` and so on: what follows ``yowasp_`` in its package's name.
    arguments
        Of its command line.

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
    run = f"import sys, yowasp_{tool} as tool; sys.exit(tool.run_{tool}(sys.argv[1:]))"
    command = [sys.executable, "-c", run, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise EnvironmentLacksError(f"yowasp_{tool} fails: {last}")
    return done.stdout + done.stderr
