"""Build programs written for TensorFlow Lite Micro with our runtime, and with files as data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from cfuforge.base.errors import InputError
from cfuforge.base.files import files_below, read_bytes
from cfuforge.sw.elf import Firmware
from cfuforge.sw.kernels import KernelSet, kernel_include_dirs
from cfuforge.sw.memory_use import code_bytes, no_room, vast
from cfuforge.sw.numpy_file import read_npy
from cfuforge.sw.objects import FIRMWARE, runtime_folders
from cfuforge.sw.program import Elsewhere, Machine, Program, build, build_host_program
from cfuforge.sw.toolchain import (
    NoRoomError,
    Source,
    host_compiler,
    rv32_compiler,
    rv32_hosted_flags,
)

__all__ = ["END_OF_INPUT", "Application", "build_application", "build_host_application"]
__all__ += ["build_loaded_application", "memory_image"]

END_OF_INPUT = b"\x04"
"""What ``getchar`` takes for the end of the input."""

_PLATFORM = FIRMWARE / "application"
_SHARED = ("format_double.cc", "no_heap.cc")  # for the SoC and the host
_ON_SOC = ("start.cc", "stdio.cc", "string.c", "time.cc", "timer.cc")
_RUNS_MODELS = ("main.cc", "trap.cc")  # of the general firmware
_STACK, _SMALL_STACK = 64 << 10, 16 << 10  # bytes; the small one if memory is little
_LITTLE = 1 << 20  # bytes
_CHECKED = ("-UNDEBUG",)  # zig defines NDEBUG when it optimises, GCC does not
_LARGEST = 1 << 26  # bytes of a data file; board sim has 16 MB of memory
_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".S")
# LLVM's and GNU's linkers; the second group tells a C++ function by what follows its name.
_MISSING = re.compile(r"undefined (?:symbol: |reference to [`'])([A-Za-z_]\w*)(\(|::)?")
_LOADED = """MEMORY {{
  main_ram (rwx) : ORIGIN = {at:#010x}, LENGTH = {size:#010x}
}}
REGION_ALIAS("code", main_ram)
_stack_size = 0;
_program_stack_top = {top:#x};
"""
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


@dataclass(frozen=True)
class Application:
    """The sources of a program, and its data.

    Parameters
    ----------
    paths
        A folder of sources, subfolders included, or source files; one of them defines ``main``. The
        folders, and those of the files, are on the include path.
    data
        Files to put into memory, by the name of a C array: ``extern const unsigned char NAME[]``,
        16-byte aligned, of ``extern const unsigned int NAME_size`` (or ``NAME_len``) bytes. A
        ``.npy`` file contributes its values without the header.

    Raises
    ------
    InputError
        When there are no sources, or data lack a valid name or a file.
    """

    paths: Sequence[Path]
    data: Mapping[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check that there is something to build, before anything else is built."""
        _ = self.sources, self.contents

    @property
    def name(self) -> str:
        """The name of the folder, or of the first file."""
        return self.paths[0].resolve().name

    @property
    def folders(self) -> list[Path]:
        """The folders on the include path."""
        return list(dict.fromkeys(p if p.is_dir() else p.parent for p in self.paths))

    @cached_property
    def sources(self) -> list[Path]:
        """The source files."""
        found = []
        for path in self.paths:
            found += _sources(path)
        return list(dict.fromkeys(found))

    @cached_property
    def contents(self) -> dict[str, bytes]:
        """The bytes of each array."""
        return _contents(self.data)


def build_application(
    application: Application, machine: Machine, kernels: KernelSet, kind: str = "alone"
) -> Path:
    """Build an application for a SoC and a design, or take it from the cache.

    Parameters
    ----------
    application
        The program.
    machine, kernels
        The SoC, and the design's kernels.
    kind
        How it begins and ends: ``alone`` for a program that the SoC starts with, ``loaded`` for one
        that the device's firmware starts.

    Returns
    -------
    Path
        The ELF file. If it is ``alone``, its symbol ``application_returned`` holds the value that
        main returned.

    Raises
    ------
    InputError
        When something does not compile or link.
    NoRoomError
        When it does not fit its memory; the message has the size of each section.
    EnvironmentLacksError
        When there is no compiler.
    """
    own = _compiled(application, (*rv32_hosted_flags(), *_CHECKED))
    platform = [p for p in sorted(FIRMWARE.glob("*.[cS]*")) if p.name not in _RUNS_MODELS]
    platform += [_PLATFORM / name for name in (*_ON_SOC, f"{kind}.cc", *_SHARED)]
    platform.append(FIRMWARE / "device" / "serial.cc")
    ours = [_PLATFORM, FIRMWARE, *runtime_folders(), *kernel_include_dirs(kernels.folder)]
    included = rv32_compiler().included(own, [*application.folders, *ours])
    stack = _STACK if code_bytes(machine) > _LITTLE else _SMALL_STACK
    program = replace(
        _program(application, [*own, *map(Source, platform)], included),
        folders=[_PLATFORM, FIRMWARE],
        regions=f"_stack_size = {stack};\n" if kind == "alone" else "",
    )
    with _missing_named(application, included):
        try:
            return build(program, machine, kernels)
        except NoRoomError as error:
            elf = build(program, vast(machine), kernels)
            raise no_room(application.name, elf, machine) from error


def build_loaded_application(
    application: Application, machine: Machine, kernels: KernelSet, at: int, room: int
) -> Firmware:
    """Build an application for the memory that a device's firmware has for it.

    Parameters
    ----------
    application, machine, kernels
        As in `build_application`.
    at, room
        Address and size of that memory in bytes, including the program's stack.

    Returns
    -------
    Firmware
        The program; `memory_image` is what to put at `at`.

    Raises
    ------
    InputError, NoRoomError, EnvironmentLacksError
        As `build_application` does.
    """
    stack = _STACK if room > _LITTLE else _SMALL_STACK
    regions = _LOADED.format(at=at, size=max(room - stack, 0), top=(at + room) & -16)
    place = Elsewhere(machine, regions)
    return Firmware(build_application(application, place, kernels, "loaded"))


def memory_image(firmware: Firmware, at: int) -> bytes:
    """Return the bytes of a program's memory from `at` on."""
    image = bytearray()
    for address, data in sorted(firmware.segments):
        image = image.ljust(address - at, b"\0") + data[max(at - address, 0) :]  # ELF's headers
    return bytes(image)


def build_host_application(application: Application) -> Path:
    """Build an application for this machine, with the plain kernels, or take it from the cache.

    Parameters
    ----------
    application
        The program.

    Returns
    -------
    Path
        The program.

    Raises
    ------
    InputError, EnvironmentLacksError
        As `build_application` does.
    """
    own = _compiled(application, _CHECKED)
    platform = [Source(_PLATFORM / name) for name in ("host.cc", *_SHARED)]
    ours = [_PLATFORM, *runtime_folders(), *kernel_include_dirs()]
    included = host_compiler().included(own, [*application.folders, *ours])
    program = _program(application, [*own, *platform], included)
    with _missing_named(application, included):
        return build_host_program(replace(program, folders=[_PLATFORM]))


def _program(
    application: Application, sources: Sequence[Source], included: Sequence[Path]
) -> Program:
    """Return the application as a `Program`, with the files as data."""
    contents = application.contents
    generated: dict[str, str | bytes] = {f"{name}.bin": each for name, each in contents.items()}
    generated |= {f"{name}.S": _DATA.format(name=name) for name in contents}
    last = [f"{name}.S" for name in contents]
    users = application.folders
    return Program(
        "application", "app", sources, (), generated, last=last, read=included, users=users
    )


def _compiled(application: Application, flags: tuple[str, ...]) -> list[Source]:
    return [Source(path, flags=flags) for path in application.sources]


def _sources(path: Path) -> list[Path]:
    if path.is_file() and path.suffix in _SUFFIXES:
        return [path]
    if not path.is_dir():
        raise InputError(
            f"{path} is not a folder of C and C++ sources, nor one of them ({', '.join(_SUFFIXES)})"
        )
    found = files_below(path, _SUFFIXES.__contains__)
    if not found:
        raise InputError(f"{path} has no source files ({', '.join(_SUFFIXES)})")
    return found


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
def _missing_named(application: Application, files: Sequence[Path]) -> Iterator[None]:
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
            advice = f"no source of {application.name} defines the function {name}"
        else:
            name = re.sub("_(size|len)$", "", name)
            advice = f"name a file for the array {name} with data= ({name}=FILE)"
        raise InputError(f"{error}; {advice}") from error
