"""The commands in the flows, as data."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.base.failure import tool_failure
from cfuforge.base.tools import run_tool
from cfuforge.base.yowasp import run_yowasp

__all__ = ["NEXTPNR", "ToolCommand", "release"]

NEXTPNR = "pip brings it, in a checkout make bitstream does"  # the base installation lacks it


def release(distribution: str) -> str:
    """Return the version of a distribution, or an empty text if it is not installed."""
    try:
        return version(distribution) if distribution else ""
    except PackageNotFoundError:
        return ""


@dataclass(frozen=True)
class ToolCommand:
    """A tool with its arguments, which works on files in one folder.

    Parameters
    ----------
    name
        What the command does, for progress and the report.
    tool
        The tool's name, without ``run_`` for one of YoWASP's.
    arguments
        The command line arguments.
    package
        The YoWASP package that contains it, without ``yowasp_``; empty for a program on PATH.
    """

    name: str
    tool: str
    arguments: Sequence[str]
    package: str = ""

    @property
    def identity(self) -> list[str]:
        """The parts on which a result depends, besides the files."""
        return [self.tool, self._release, *self.arguments]

    @property
    def distribution(self) -> str:
        """The distribution's name for pip; empty for a program on PATH."""
        return f"yowasp-{self.package.replace('_', '-')}" if self.package else ""

    @property
    def _release(self) -> str:
        """Return a tool's version or, for a program on PATH, its path and modification time."""
        if self.package:
            return release(self.distribution)
        program = shutil.which(self.tool)
        return f"{program} {Path(program).stat().st_mtime_ns}" if program else ""

    @property
    def log(self) -> str:
        """The file with the tool's output."""
        return f"{self.name.replace(' ', '-')}.log"

    def run(self, folder: Path) -> None:
        """Run the tool in `folder`.

        Raises
        ------
        EnvironmentLacksError
            When it fails.
        """
        if self.package:
            said = "".join(run_yowasp(folder, self.package, self.arguments, self.tool))
        else:
            done = run_tool([self.tool, *self.arguments], folder=folder)
            if done.code:
                fails = f"{self.tool} fails"
                raise tool_failure(fails, done, folder=folder, error=EnvironmentLacksError)
            said = done.said
        (folder / self.log).write_text(said, encoding="utf-8")
