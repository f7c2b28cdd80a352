"""Compile C++ for this machine, with zig's clang, and link it to a library that Python loads."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from cfuforge.base.errors import EnvironmentLacksError, ForgeError
from cfuforge.base.processor import host_cpu
from cfuforge.sw.toolchain import host_compiler, loaded_libraries, run_compiler

__all__ = ["FLAGS", "compile_headers", "compile_together", "compiler_identity", "link_library"]

# zig's own headers: the system's may be missing. It takes -O3 for LLVM's -O2.
_TARGET = ("-target", "x86_64-linux-gnu", "-march=native")
FLAGS = (
    *(*_TARGET, "-O3", "-g0", "-fPIC", "-fno-sanitize=all"),
    *("-ffunction-sections", "-fdata-sections"),  # what nothing needs is not linked
)
_LOADED = ("libc.so.6", "libm.so.6", "libgcc_s.so.1")
_LOADER = "ld-linux-x86-64.so.2"
# Models in one process share no C++ symbols: only C functions can be called from outside.
_EXPORTS = "{ global: *; local: _*; sv*; };\n"


def compiler_identity() -> list[str]:
    """Return what a compiled library depends on, besides its sources: compiler, C library, CPU."""
    return [host_compiler().version, os.confstr("CS_GNU_LIBC_VERSION") or "", host_cpu()]


def compile_together(
    what: str, folder: Path, name: str, sources: Iterable[str], options: Sequence[str]
) -> Path:
    """Compile `sources` as one: what they include is read once.

    Parameters
    ----------
    what
        What has failed if it does not compile, for the message.
    folder
        Where to run the compiler.
    name
        The object's name, without ``.o``.
    sources
        C++ files, as for ``#include``, and other lines that begin with ``#``.
    options
        Compiler options besides `FLAGS`.

    Raises
    ------
    ForgeError
        When it does not compile.
    """
    text = "".join(
        f"{source}\n" if source.startswith("#") else f'#include "{source}"\n' for source in sources
    )
    (folder / f"all_{name}.cpp").write_text(text, encoding="utf-8")
    made = folder / f"{name}.o"
    command = [
        *host_compiler().cxx_command,
        *FLAGS,
        *options,
        "-c",
        f"all_{name}.cpp",
        "-o",
        made.name,
    ]
    _run(f"{what} does not compile", command, made)
    return made


def compile_headers(what: str, folder: Path, header: Path, options: Sequence[str]) -> None:
    """Compile a header to ``headers.pch``, for the option ``-include-pch``.

    Parameters
    ----------
    what, folder, options
        As for `compile_together`; the same options are needed to use it.
    header
        The header, which has to stay where it is, as do the files that it includes.
    """
    command = [*host_compiler().cxx_command, *FLAGS, *options, "-Xclang", "-fno-pch-timestamp"]
    command += ["-x", "c++-header", str(header), "-o", "headers.pch"]
    _run(f"{what} do not compile", command, folder / "headers.pch")


def link_library(
    what: str, objects: Iterable[Path], library: Path, options: Sequence[str] = ()
) -> None:
    """Link `objects` to a shared library, with the C library that this process has loaded.

    Parameters
    ----------
    what
        What has failed if it does not link, for the message.
    objects
        All that it needs but the C library.
    library
        The ``.so`` to write.
    options
        Linker options.

    Raises
    ------
    ForgeError
        When it does not link.
    EnvironmentLacksError
        When a library of the system is missing.
    """
    exports = library.with_suffix(".map")
    exports.write_text(_EXPORTS, encoding="utf-8")
    command = [
        *(*host_compiler().command, *_TARGET, "-O3", "-shared", "-nostdlib"),
        *(f"-Wl,{option}" for option in ("--gc-sections", "-Bsymbolic")),
        *(f"-Wl,--version-script={exports.name}", "-o", library.name),
        *(*map(str, objects), *options, *_loaded()),
    ]
    _run(f"{what} does not link", command, library)
    exports.unlink()


@lru_cache
def _loaded() -> tuple[str, ...]:
    """Return the options to link with the system's libraries, which this process has loaded."""
    for name in _LOADED:
        try:
            ctypes.CDLL(name)
        except OSError as error:
            raise EnvironmentLacksError(
                f"{name} not found; install with: apt-get install libc6 libgcc-s1"
            ) from error
    return loaded_libraries(*_LOADED, _LOADER)


def _run(what: str, command: Sequence[str], product: Path) -> None:
    """Run the compiler in the folder of its product, which must be there at the end."""
    run_compiler(what, command, product.parent, error=ForgeError, memory="1 GB")
    if not product.is_file():
        raise ForgeError(f"{what}: the compiler made no {product.name}, and does not say why")
