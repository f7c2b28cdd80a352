"""Build programs written for TensorFlow Lite Micro with our runtime, and with files as data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from cfuforge.base.errors import InputError
from cfuforge.base.files import files_below, read_bytes
from cfuforge.sw.kernels import KernelSet, kernel_include_dirs
from cfuforge.sw.numpy_file import read_npy
from cfuforge.sw.objects import FIRMWARE, runtime_folders
from cfuforge.sw.program import Machine, Program, build, build_host_program
from cfuforge.sw.toolchain import Source, host_compiler, rv32_compiler, rv32_hosted_flags

__all__ = ["build_application", "build_host_application", "check_application"]

_PLATFORM = FIRMWARE / "application"
_SHARED = ("format_double.cc", "no_heap.cc")  # for the SoC and the host
_STACK = "_stack_size = 64K;\n"  # the general firmware has 16K; applications need more
_CHECKED = ("-UNDEBUG",)  # zig defines NDEBUG when it optimises, GCC does not
_LARGEST = 1 << 26  # bytes of a data file; board sim has 16 MB of memory
_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".S")
# LLVM's and GNU's linkers; the second group tells a C++ function by what follows its name.
_MISSING = re.compile(r"undefined (?:symbol: |reference to [`'])([A-Za-z_]\w*)(\(|::)?")
_DATA = """.section .rodata.{name}, "a", %progbits
.balign 16
.globl {name}, {name}_size, {name}_len
{name}:
.incbin "{name}.bin"
1:
.balign 4
{name}_size:
{name}_len:
.long 1b - {name}
"""


def build_application(
    folder: Path, data: Mapping[str, Path], machine: Machine, kernels: KernelSet
) -> Path:
    """Build an application for a SoC and a design, or take it from the cache.

    Parameters
    ----------
    folder
        The folder with its sources, subfolders included; one of them defines ``main``. It is also
        on the include path.
    data
        Files to put into memory, by the name of a C array: ``extern const unsigned char NAME[]``,
        16-byte aligned, of ``extern const unsigned int NAME_size`` (or ``NAME_len``) bytes. A
        ``.npy`` file contributes its values without the header.
    machine, kernels
        The SoC, and the design's kernels.

    Returns
    -------
    Path
        The ELF file. Its symbol ``application_returned`` holds the value that main returned.

    Raises
    ------
    InputError
        When the folder has no sources, or something does not compile or link.
    EnvironmentLacksError
        When there is no compiler.
    """
    own = _sources(folder, (*rv32_hosted_flags(), *_CHECKED))
    platform = [path for path in sorted(FIRMWARE.glob("*.[cS]*")) if path.name != "main.cc"]
    platform += [_PLATFORM / name for name in ("start.cc", "stdio.cc", "string.c", *_SHARED)]
    included = rv32_compiler().included(
        own, [folder, FIRMWARE, *runtime_folders(), *kernel_include_dirs(kernels.folder)]
    )
    program = _program(folder, data, [*own, *map(Source, platform)], included)
    with _missing_named(folder, included):
        return build(replace(program, folders=[FIRMWARE], regions=_STACK), machine, kernels)


def build_host_application(folder: Path, data: Mapping[str, Path]) -> Path:
    """Build an application for this machine, with the plain kernels, or take it from the cache.

    Parameters
    ----------
    folder, data
        As in `build_application`.

    Returns
    -------
    Path
        The program.

    Raises
    ------
    InputError, EnvironmentLacksError
        As `build_application` does.
    """
    own = _sources(folder, _CHECKED)
    platform = [Source(_PLATFORM / name) for name in ("host.cc", *_SHARED)]
    included = host_compiler().included(own, [folder, *runtime_folders(), *kernel_include_dirs()])
    with _missing_named(folder, included):
        return build_host_program(_program(folder, data, [*own, *platform], included))


def _program(
    folder: Path, data: Mapping[str, Path], sources: Sequence[Source], included: Sequence[Path]
) -> Program:
    """Return the application as a `Program`, with the files as data."""
    contents = _contents(data)
    generated: dict[str, str | bytes] = {f"{name}.bin": each for name, each in contents.items()}
    generated |= {f"{name}.S": _DATA.format(name=name) for name in contents}
    last = [f"{name}.S" for name in contents]
    return Program(
        "application", "app", sources, (), generated, last=last, read=included, users=[folder]
    )


def check_application(folder: Path, data: Mapping[str, Path]) -> None:
    """Check that there is something to build, before anything else is built.

    Raises
    ------
    InputError
        When the folder has no sources, or data lack a valid name or a file.
    """
    _sources(folder)
    _contents(data)


def _sources(folder: Path, flags: tuple[str, ...] = ()) -> list[Source]:
    if not folder.is_dir():
        raise InputError(
            f"{folder} is not a folder; an application is a folder of C and C++ sources"
        )
    found = files_below(folder, _SUFFIXES.__contains__)
    if not found:
        raise InputError(f"{folder} has no source files ({', '.join(_SUFFIXES)})")
    return [Source(path, flags=flags) for path in found]


def _contents(data: Mapping[str, Path]) -> dict[str, bytes]:
    contents = {}
    for name, path in data.items():
        if not (name.isascii() and name.isidentifier()):
            raise InputError(f"data must have the name of a C array, not {name!r}")
        if path.suffix == ".npy":
            array = read_npy(path, _LARGEST, f"data {name}:", lambda shape, kind: None)
            contents[name] = array.tobytes()
        else:
            contents[name] = read_bytes(path, _LARGEST, f"data {name}:")
    return contents


@contextmanager
def _missing_named(folder: Path, files: Sequence[Path]) -> Iterator[None]:
    """Add advice to a linker error: name a file for a missing array, a source for a function.

    `files` are the sources and all that they include.
    """
    try:
        yield
    except InputError as error:
        missing = _MISSING.search(str(error))
        if not missing:
            raise
        name, rest = missing[1], missing[2]
        texts = (path.read_text(encoding="utf-8", errors="replace") for path in files)
        if rest or any(re.search(rf"\b{name}\s*\(", text) for text in texts):
            advice = f"no source in {folder} and below defines the function {name}"
        else:
            name = re.sub("_(size|len)$", "", name)
            advice = f"name a file for the array {name} with data= ({name}=FILE)"
        raise InputError(f"{error}; {advice}") from error
