"""The commands of the flows, as data."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from cfuforge.cfu.errors import EnvironmentLacksError
from cfuforge.cfu.failure import tool_failure
from cfuforge.cfu.tools import run_tool
from cfuforge.cfu.yowasp import run_yowasp

__all__ = ["Command"]


@dataclass(frozen=True)
class Command:
    """A tool with its arguments; it works on files of one folder.

    Parameters
    ----------
    name
        What it does, for progress and the report.
    tool
        What it is called, without ``run_`` for one of YoWASP's.
    arguments
        Of its command line.
    package
        YoWASP's package that it is in, without ``yowasp_``; empty for a program on PATH.
    """

    name: str
    tool: str
    arguments: Sequence[str]
    package: str = ""

    @property
    def identity(self) -> list[str]:
        """What a result depends on, beside the files."""
        return [self.tool, self._release, *self.arguments]

    @property
    def _release(self) -> str:
        """Return the version of a tool, or of a program on PATH where it is and since when."""
        if self.package:
            return version(f"yowasp-{self.package.replace('_', '-')}")
        program = shutil.which(self.tool)
        return f"{program} {Path(program).stat().st_mtime_ns}" if program else ""

    @property
    def log(self) -> str:
        """The file that has what it said."""
        return f"{self.name.replace(' ', '-')}.log"

    def run(self, folder: Path) -> None:
        """Run it in `folder`.

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
        (folder / self.log).write_text(said)
