"""Run mypy over the package as it is installed: the folders below one ``cfuforge``.

mypy does not follow setuptools' mapping of folders to subpackages, so it sees a tree of links.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Return mypy's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "cfuforge"
        package.mkdir()
        for source in (ROOT / "cfuforge").iterdir():
            (package / source.name).symlink_to(source)
        for name in ("cfu", "soc", "sw", "sim", "gateware"):
            (package / name).symlink_to(ROOT / name)
        command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")]
        environment = {**os.environ, "MYPYPATH": folder}
        return subprocess.run([*command, "-p", "cfuforge"], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
