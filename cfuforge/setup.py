"""Find the Debian packages that a target needs, and install them if run as root.

``make`` runs it before there is a virtual environment, so it needs only the standard library.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

__all__ = ["GROUPS", "install", "prepare"]

PYTHON = "{}.{}".format(*sys.version_info)
VENV = {"ensurepip": f"python{PYTHON}-venv"}
GXX = {"g++": "g++", "make": "make"}  # for cocotb's simulations and `check --sanitize`
INCLUDES = [Path("/usr/include"), Path("/usr/include/x86_64-linux-gnu")]
FST = {"lz4.h": "liblz4-dev", "zlib.h": "zlib1g-dev"}
LIBPYTHON = {"libpython": f"libpython{PYTHON}"}  # cocotb's simulator embeds Python
READERS = {
    **{"chromium": "chromium", "fst2vcd": "gtkwave"},
    **{"dfu-suffix": "dfu-util", "pdftoppm": "poppler-utils"},
}

GROUPS = {  # required packages; optional ones, and what is lost without them
    "venv": (VENV, {}, ""),
    "sim": ({}, FST, "waveforms can be written as .vcd, not as .fst"),
    "bitstream": ({}, {}, ""),
    "notebooks": ({}, {}, ""),
    "docs": ({}, {}, ""),
    "test": ({**GXX, **FST, **LIBPYTHON}, READERS, "tests of pages, .fst and .dfu are skipped"),
}


def prepare(*groups: str) -> str:
    """Install missing packages if root; return the remaining problem in one line, or nothing.

    Parameters
    ----------
    groups
        Keys of `GROUPS` to prepare the machine for.
    """
    needed = [name for group in groups for name in _missing(GROUPS[group][0])]
    wanted = [name for group in groups for name in _missing(GROUPS[group][1])]
    if LIBPYTHON["libpython"] in needed and sys.base_prefix != "/usr":
        return f"{sys.executable} has no libpython, which cocotb needs; take a Python that has it"
    if needed and not _may_install():
        return _advice(needed, [*needed, *wanted])
    problem = install(needed) if needed else ""
    if not problem and wanted and install(wanted):
        lost = ", ".join(GROUPS[group][2] for group in groups if GROUPS[group][1])
        print(f"note: {lost}: {_advice(wanted, wanted)}", file=sys.stderr)
    return problem


def install(packages: "list[str]") -> str:
    """Install Debian packages if root; return the problem in one line, or nothing."""
    if not _may_install():
        return _advice(packages, packages)
    print(f"installing {', '.join(packages)}", file=sys.stderr)
    _apt_get("update")  # if it fails, the existing lists may do
    problem = _apt_get("install", "-y", "--no-install-recommends", *packages)
    return f"apt-get install {' '.join(packages)} failed: {problem}" if problem else ""


def _missing(tools: "dict[str, str]") -> "list[str]":
    return [package for tool, package in tools.items() if not _is_there(tool)]


def _is_there(tool: str) -> bool:
    if tool == "ensurepip":
        return find_spec(tool) is not None
    if tool == "libpython":
        folder = Path(sysconfig.get_config_var("LIBDIR") or "/usr/lib")
        return any(folder.glob(f"libpython{PYTHON}*.so*"))
    if tool.endswith(".h"):
        return any((folder / tool).is_file() for folder in INCLUDES)
    return shutil.which(tool) is not None


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _advice(missing: "list[str]", packages: "list[str]") -> str:
    sudo = "sudo " if shutil.which("sudo") else ""
    command = f"{sudo}apt-get install -y {' '.join(packages)}"
    return f"missing on this machine: {', '.join(missing)}; install with: {command}"


def _apt_get(*arguments: str) -> str:
    """Run apt-get; return its first error, or nothing."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    command = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if not done.returncode:
        return ""
    lines = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()
    return next((line for line in lines if line.startswith("E: ")), lines[-1])


if __name__ == "__main__":
    problem = prepare(*sys.argv[1:])
    sys.exit(f"error: {problem}" if problem else 0)
