"""Install the host tools that PyPI cannot bring."""

from __future__ import annotations

import os
import shutil
import subprocess

from cfuforge.cfu.errors import EnvironmentLacksError
from cfuforge.sim.verilate import missing_fst_libraries, missing_tools, require_tools

__all__ = ["setup"]


def setup() -> list[str]:
    """Install missing Debian packages when run as root, and return their names.

    Raises
    ------
    EnvironmentLacksError
        When something is missing and cannot be installed from here; the message is the command.
    """
    installed: list[str] = []
    for missing in (missing_tools, missing_fst_libraries):  # the compiler finds the libraries
        packages = missing()
        if packages and os.geteuid() == 0 and shutil.which("apt-get"):
            _apt_get("update")
            _apt_get("install", "-y", "--no-install-recommends", *packages)
            installed += packages
        require_tools()
    return installed


def _apt_get(*arguments: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-q", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()
        raise EnvironmentLacksError(f"apt-get {' '.join(arguments)} failed: {lines[-1]}")
