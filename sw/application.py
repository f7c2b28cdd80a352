"""Build a program written for TensorFlow Lite Micro: its sources, our runtime, files as data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from cfuforge.cfu.cache import cached, digest
from cfuforge.cfu.errors import InputError
from cfuforge.cfu.files import files_below, read_bytes
from cfuforge.sw.build import cold_script, runtime_sources, source_key
from cfuforge.sw.kernels import design_files, kernel_include_dirs, kernel_sources
from cfuforge.sw.numpy_file import read_npy
from cfuforge.sw.objects import FIRMWARE, headers, objects, runtime_folders, write_texts
from cfuforge.sw.toolchain import (
    RV32IM,
    Source,
    compile_host_program,
    compile_rv32_program,
    host_compiler,
    host_program_compiler,
    rv32_compiler,
    rv32_hosted_flags,
)

__all__ = ["build_application", "build_host_application", "check_application"]

_PLATFORM = FIRMWARE / "application"
_SHARED = ("format_double.cc", "no_heap.cc")  # of the SoC and of the host
_STACK = "_stack_size = 64K;\n"  # the general firmware's is 16K; applications use theirs for more
_CHECKED = ("-UNDEBUG",)  # zig defines NDEBUG where it optimises, GCC does not
_LARGEST = 1 << 26  # bytes of a file of data; board sim has 16 MB of memory
_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".S")
# LLVM's linker and GNU's; a function of C++ with what follows its name.
_MISSING = re.compile(r"undefined (?:symbol: |reference to [`'])([A-Za-z_]\w*)(\(|::)?")
_DATA = """.section .rodata.{name}, "a", %progbits
.balign 16
.globl {name}, {name}_size, {name}_len
{name}:
.incbin "{path}"
1:
.balign 4
{name}_size:
{name}_len:
.long 1b - {name}
"""


def build_application(
    folder: Path,
    data: Mapping[str, Path],
    *,
    soc_header: str,
    regions: str,
    cfu_header: str,
    kernels: Path | None,
    origin: str,
    isa: str = RV32IM,
) -> Path:
    """Build an application for a SoC and a design, or take it from the cache.

    Parameters
    ----------
    folder
        Its sources, in this folder and all below; one of them has ``main``. It is also where
        headers are looked for.
    data
        Files to put into memory, by the name of a C array: ``extern const unsigned char NAME[]``,
        16-byte aligned, with ``extern const unsigned int NAME_size`` (or ``NAME_len``) bytes. Of a
        ``.npy`` file, the values.
    soc_header, regions, cfu_header, kernels, origin, isa
        As in `cfuforge.sw.build.build_firmware`.

    Returns
    -------
    Path
        The ELF. Its symbol ``application_returned`` is what main returned.

    Raises
    ------
    InputError
        When the folder has no sources, or something does not compile or link.
    EnvironmentLacksError
        When there is no compiler.
    """
    started = [path for path in sorted(FIRMWARE.glob("*.[cS]*")) if path.name != "main.cc"]
    started += [_PLATFORM / name for name in ("start.cc", "stdio.cc", "string.c", *_SHARED)]
    flags = (*rv32_hosted_flags(), *_CHECKED)
    own = [Source(path, flags=flags) for path in _sources(folder)]
    platform = [*map(Source, started), *runtime_sources(), *kernel_sources(kernels, origin)]
    folders = [FIRMWARE, *runtime_folders(), *kernel_include_dirs(kernels)]
    generated = {"soc.h": soc_header, "regions.ld": regions + _STACK, "cfu.h": cfu_header}
    generated |= {"texts.ld": "", "cold.ld": cold_script(regions)}
    contents = _contents(data)
    script = FIRMWARE / "link.ld"
    included = rv32_compiler().included(own, [folder, *folders])
    read = [*included, *headers(folders), *design_files(kernels), script]
    key = source_key(rv32_compiler(isa), [*own, *platform], read, generated)

    def build(work: Path) -> None:
        write_texts(work, generated)
        sources = [*own, *platform, *_embed(contents, work)]
        elf = work / "app.elf"
        compiled = objects(rv32_compiler(isa), platform, work, [FIRMWARE], generated)
        with _missing_named(folder, included):
            compile_rv32_program(sources, [folder, work, *folders], (), script, elf, isa, compiled)

    return cached("application", digest(key, *_flat(contents)), build) / "app.elf"


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
    own = [Source(path, flags=_CHECKED) for path in _sources(folder)]
    platform = [Source(_PLATFORM / name) for name in ("host.cc", *_SHARED)]
    runtime = [*runtime_sources(), *kernel_sources()]
    sources = [*own, *platform, *runtime]
    folders = [folder, *runtime_folders(), *kernel_include_dirs()]
    contents = _contents(data)
    included = host_compiler().included(own, folders)
    read = [*included, *headers(folders[1:])]
    key = source_key(host_compiler(), sources, read, {})

    def build(work: Path) -> None:
        compiled = objects(host_program_compiler(), [*platform, *runtime], work)
        every = [*sources, *_embed(contents, work)]
        with _missing_named(folder, included):
            compile_host_program(every, folders, work / "app", compiled)

    return cached("application", digest("host", key, *_flat(contents)), build) / "app"


def check_application(folder: Path, data: Mapping[str, Path]) -> None:
    """Look whether there is something to build, before anything else is.

    Raises
    ------
    InputError
        When the folder has no sources, or data have no name or file.
    """
    _sources(folder)
    _contents(data)


def _sources(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder; an application is a folder of C and C++ sources")
    found = files_below(folder, _SUFFIXES.__contains__)
    if not found:
        raise InputError(f"{folder} has no source files ({', '.join(_SUFFIXES)})")
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
def _missing_named(folder: Path, files: Sequence[Path]) -> Iterator[None]:
    """Say of what is missing where it comes from: an array from a file, a function from a source.

    `files` are the sources with what they include.
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
            advice = f"--data {name}=FILE makes a file the array {name}"
        raise InputError(f"{error}; {advice}") from error


def _flat(contents: Mapping[str, bytes]) -> list[object]:
    return [part for item in contents.items() for part in item]


def _embed(contents: Mapping[str, bytes], work: Path) -> list[Source]:
    sources = []
    for name, content in contents.items():
        binary, source = work / f"{name}.bin", work / f"{name}.S"
        binary.write_bytes(content)
        source.write_text(_DATA.format(name=name, path=binary), encoding="utf-8")
        sources.append(Source(source))
    return sources
