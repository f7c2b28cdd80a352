"""Install the host tools that PyPI cannot bring."""

from __future__ import annotations

import os
import shutil
import subprocess

from cfuforge.cfu.errors import EnvironmentLacksError
from cfuforge.sim.verilate import missing_packages, require_tools

__all__ = ["setup"]


def setup() -> list[str]:
    """Install missing Debian packages when run as root, and return their names.

    Raises
    ------
    EnvironmentLacksError
        When something is missing and cannot be installed from here; the message is the command.
    """
    packages = missing_packages()
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            done = subprocess.run(
                ["apt-get", "-q", *command],
                capture_output=True,
                text=True,
                env=environment,
                check=False,
            )
            if done.returncode:
                reason = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1]
                raise EnvironmentLacksError(f"apt-get {' '.join(command)} failed: {reason}")
    require_tools()
    return packages
