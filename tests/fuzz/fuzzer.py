"""Build the fuzzer: clang's libFuzzer around the runtime, with sanitizers or with coverage."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from cfuforge.base.cache import build_once
from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.setup import install
from cfuforge.sw.kernels import kernel_include_dirs, kernel_sources
from cfuforge.sw.objects import headers, runtime_folders
from cfuforge.sw.program import runtime_sources, source_key
from cfuforge.sw.toolchain import Compiler, Source

__all__ = ["Clang", "build_fuzzer", "find_clang"]

HERE = Path(__file__).parent
SLOW_TO_OPTIMISE = {"conv_s8", "depthwise_conv_s8", "fully_connected_s8"}  # a minute with checks
SANITIZERS = ("-fsanitize=address,undefined,float-cast-overflow", "-fno-sanitize=vptr")
CHECKED = (
    *(*SANITIZERS, "-fno-sanitize-recover=all"),
    "-fsanitize-coverage=inline-8bit-counters,pc-table",
)
COVERED = ("-fprofile-instr-generate", "-fcoverage-mapping")


@dataclass(frozen=True)
class Clang:
    """A clang with its sanitizers' libraries and its coverage tools.

    Parameters
    ----------
    version
        Of the Debian packages, ``"14"``.
    """

    version: str

    def tool(self, name: str) -> str:
        """Return the command `name` of this version."""
        return f"{name}-{self.version}"

    @property
    def packages(self) -> list[str]:
        """The Debian packages that it consists of."""
        number = self.version
        return [f"clang-{number}", f"libclang-rt-{number}-dev", f"llvm-{number}"]

    def is_there(self) -> bool:
        """Whether all of it is installed."""
        if not all(map(shutil.which, map(self.tool, ("clang++", "llvm-cov", "llvm-profdata")))):
            return False
        command = [self.tool("clang"), "-print-file-name=libclang_rt.fuzzer-x86_64.a"]
        found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return Path(found.strip()).is_file()


def find_clang() -> Clang:
    """Return Debian's clang, which is installed when run as root.

    Raises
    ------
    EnvironmentLacksError
        When it is not there and cannot be installed from here; the message is the command.
    """
    command = ["apt-cache", "depends", "clang"]
    shown = ""
    if shutil.which(command[0]):
        shown = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    found = re.search(r"Depends: clang-(\d+)", shown)
    if not found:
        raise EnvironmentLacksError(
            "the fuzzer needs Debian's or Ubuntu's clang; install it with: apt-get install clang"
        )
    clang = Clang(found[1])
    if not clang.is_there() and (problem := install(clang.packages)):
        raise EnvironmentLacksError(problem)
    return clang


def build_fuzzer(clang: Clang, *, coverage: bool = False) -> Path:
    """Build the fuzzer, or take it from the cache.

    Parameters
    ----------
    coverage
        Count lines instead of looking for mistakes.
    """
    flags = ("-g", "-O1", "-Wall", "-Wextra", *(COVERED if coverage else CHECKED))
    checks = COVERED if coverage else (*SANITIZERS, "-fsanitize-link-c++-runtime")
    link = ("-fsanitize=fuzzer", *checks, "-lstdc++", "-lm")
    driver, driver_cxx = clang.tool("clang"), clang.tool("clang++")
    compiler = Compiler((driver,), (driver_cxx,), clang.version, flags, link)
    sources = [*runtime_sources(), *map(_quickly, kernel_sources())]
    sources += [Source(path) for path in sorted(HERE.glob("*.cc"))]
    folders = [*runtime_folders(), *kernel_include_dirs(), HERE]
    key = source_key(compiler, sources, headers(folders), {})

    def build(work: Path) -> None:
        compiler.build(sources, folders, (), (), work / "fuzzer")

    return build_once("fuzzer", key, build) / "fuzzer"


def _quickly(source: Source) -> Source:
    slow = source.path.stem in SLOW_TO_OPTIMISE
    return replace(source, flags=(*source.flags, "-O0")) if slow else source
