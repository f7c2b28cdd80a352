"""Install the host tools that PyPI cannot bring."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

from cfuforge.cfu.errors import EnvironmentLacksError
from cfuforge.sim.verilate import missing_fst_libraries, missing_tools, require_tools

__all__ = ["install", "setup"]


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
        if packages and _may_install():
            install(packages)
            installed += packages
        require_tools()
    return installed


def install(packages: Sequence[str]) -> None:
    """Install Debian packages, when run as root.

    Raises
    ------
    EnvironmentLacksError
        When that cannot be done from here, or fails; the message is the command.
    """
    if not _may_install():
        raise EnvironmentLacksError(
            f"missing; install with: sudo apt-get install -y {' '.join(packages)}"
        )
    _apt_get("update")
    _apt_get("install", "-y", "--no-install-recommends", *packages)


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _apt_get(*arguments: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-q", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()
        raise EnvironmentLacksError(f"apt-get {' '.join(arguments)} failed: {lines[-1]}")
