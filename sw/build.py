"""Build what runs a model: firmware for the SoC, and its runtime as a library for this machine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from cfuforge.cfu.cache import cached, digest
from cfuforge.sw.kernels import CFU_HOST, design_files, kernel_include_dirs, kernel_sources
from cfuforge.sw.link_order import CACHE, GAP, SMALL_GAP, gap_text, in_order
from cfuforge.sw.objects import FIRMWARE, TFLM, headers, objects, runtime_folders, write_texts
from cfuforge.sw.tflite_model import Model
from cfuforge.sw.toolchain import (
    RV32IM,
    Compiler,
    Source,
    compile_host_library,
    compile_rv32_program,
    host_compiler,
    rv32_compiler,
    sanitizing_compiler,
)

__all__ = [
    "build_firmware",
    "build_host_runtime",
    "cold_script",
    "firmware_compiler",
    "in_place_of",
    "operator_names",
    "operators",
    "runtime_sources",
    "slim_sources",
    "source_key",
]

_OPERATOR = re.compile(r"X\(\w+, (\w+)\)")  # a line of micro_ops.inc
_SLIM = FIRMWARE / "slim"


def build_firmware(
    soc_header: str,
    regions: str,
    cfu_header: str,
    kernels: Path | None,
    origin: str,
    name: str,
    model: Model | None = None,
    small_kernels: bool = True,
    isa: str = RV32IM,
    order: int = 0,
) -> Path:
    """Build firmware for a SoC and a design, or take it from the cache.

    Parameters
    ----------
    soc_header
        The text of ``soc.h``.
    regions
        The text of ``regions.ld``, the linker's MEMORY command; ``code`` there holds everything
        but what may go to ``cold``, if that is there.
    cfu_header
        The text of the design's ``cfu.h``.
    kernels
        The design's folder of C kernels, or None.
    origin
        The design's name, as the profile shows it for its kernels.
    name
        What to call the file.
    model
        Make the slim firmware, which has the operators of this model alone, refuses others by name
        and is small rather than fast, but for the design's kernels; None for the general one, which
        has all operators.
    small_kernels
        In the slim firmware: take plain kernels that are small; otherwise the general one's.
    isa
        The CPU's instruction set, as in `cfuforge.sw.toolchain.rv32_compiler`.
    order
        The order in which its parts are linked: 0 for the usual one; any other number has one of
        its own, so that the same code and constants lie elsewhere in the caches.

    Returns
    -------
    Path
        The ELF. Its symbol ``mailbox`` is a ``struct mailbox`` (``firmware/mailbox.h``), its symbol
        ``_end`` the first address that it leaves to the host.

    Raises
    ------
    InputError
        When a kernel does not compile or link.
    EnvironmentLacksError
        When there is no compiler.
    """
    firmware = [*sorted(FIRMWARE.glob("*.S")), *sorted(FIRMWARE.glob("*.c*"))]
    flags: tuple[str, ...] = ()
    kernel_flags: tuple[str, ...] | None = None
    if model is not None:
        compiler = rv32_compiler(isa)
        flags, kernel_flags = compiler.smallest, compiler.small if small_kernels else None
        firmware += slim_sources(model)
    own = [Source(path, flags=flags) for path in firmware]
    sources = in_place_of(own, runtime_sources(flags))
    sources += kernel_sources(kernels, origin, kernel_flags)
    sources = in_order(sources, order)
    gap = gap_text(order, SMALL_GAP if model is not None else CACHE) if order else ""
    folders = [FIRMWARE, *runtime_folders(), *kernel_include_dirs(kernels)]
    generated = {"soc.h": soc_header, "regions.ld": regions, "cfu.h": cfu_header}
    generated["operators.inc"] = operators(model)
    generated["texts.ld"] = (
        (_SLIM / "texts.ld").read_text(encoding="utf-8") if model is not None else ""
    )
    generated["cold.ld"] = cold_script(regions)
    script = FIRMWARE / "link.ld"
    read = [*headers(folders), *design_files(kernels), script]
    key = source_key(
        rv32_compiler(isa), sources, read, {**generated, **({GAP: gap} if gap else {})}
    )

    def build(work: Path) -> None:
        write_texts(work, generated)
        elf = work / f"{name}.elf"
        compiled = objects(rv32_compiler(isa), sources, work, [FIRMWARE], generated)
        first: list[Source] = []
        if gap:
            write_texts(work, {GAP: gap})
            first = [Source(work / GAP)]
        every = [*first, *sources]
        compile_rv32_program(every, [work, *folders], (), script, elf, isa, compiled)

    return _only(cached("firmware", digest(key, name), build), "*.elf")


def build_host_runtime(
    kernels: Path | None = None,
    origin: str = "reference",
    cfu_header: str = "",
    sanitize: bool = False,
    small_kernels: bool = False,
) -> Path:
    """Build the runtime as a shared library for this machine, or take it from the cache.

    Parameters
    ----------
    kernels, origin, cfu_header
        As in `build_firmware`.
    sanitize
        With AddressSanitizer: for a process that `cfuforge.sw.sanitizer.environment` is for.
    small_kernels
        Take plain kernels that are small, as the slim firmware has them.

    Returns
    -------
    Path
        The library; `cfuforge.sw.host_runtime.HostRuntime` loads it.

    Raises
    ------
    InputError
        When a kernel does not compile or link.
    EnvironmentLacksError
        When there is no compiler.
    """
    host = [Source(TFLM / "host_api.cc")]
    sources = [*host, *runtime_sources()]
    sources += kernel_sources(kernels, origin, () if small_kernels else None)
    folders = [*runtime_folders(), *kernel_include_dirs(kernels)]
    generated = {"cfu.h": cfu_header, "cfu_host.c": CFU_HOST}
    read = [*headers(folders), *design_files(kernels)]
    compiler = sanitizing_compiler() if sanitize else host_compiler()
    key = source_key(compiler, sources, read, generated)

    def build(work: Path) -> None:
        write_texts(work, generated)
        compiled = objects(compiler, sources, work)
        with_cfu = [*sources, Source(work / "cfu_host.c")]
        library = work / "runtime.so"
        compile_host_library(with_cfu, [work, *folders], (), library, compiler, compiled)

    return cached("runtime", key, build) / "runtime.so"


def firmware_compiler(isa: str = RV32IM) -> str:
    """Return the firmware's compiler and its options, for a report."""
    compiler = rv32_compiler(isa)
    return " ".join([f"{compiler.version}:", *compiler.flags])


def cold_script(regions: str) -> str:
    """Return the text of ``cold.ld``: what goes to the region ``cold``, if there is one."""
    return (
        (FIRMWARE / "boot" / "cold.ld").read_text(encoding="utf-8") if "cold (" in regions else ""
    )


def operators(model: Model | None) -> str:
    """Return the lines of ``operators.inc``: all operators, or those of one model."""
    lines = (TFLM / "include/tensorflow/lite/micro/kernels/micro_ops.inc").read_text(
        encoding="utf-8"
    )
    if model is None:
        return lines
    used = {operator.name for operator in model.operators}
    return "".join(
        line for line in lines.splitlines(True) if (op := _OPERATOR.match(line)) and op[1] in used
    )


def operator_names() -> set[str]:
    """Return the names of all operators that the runtime has."""
    return {found[1] for line in operators(None).splitlines() if (found := _OPERATOR.match(line))}


def slim_sources(model: Model) -> list[Path]:
    """Return what the firmware of one model alone has, also in the place of the runtime's files."""
    paths = [*sorted(_SLIM.glob("*.S")), *sorted(_SLIM.glob("*.c*"))]
    unused = "offline_plan.cc" if model.plans_arena else ""
    return [path for path in paths if path.name != unused]


def in_place_of(own: Sequence[Source], others: Sequence[Source]) -> list[Source]:
    """Return `own`, and those of `others` whose place none of them takes by its name."""
    taken = {source.path.name for source in own}
    return [*own, *(source for source in others if source.path.name not in taken)]


def runtime_sources(flags: tuple[str, ...] = ()) -> list[Source]:
    """Return the sources of the runtime, without those of the kernels."""
    return [
        Source(path, flags=flags)
        for folder in ("src", "kernels")
        for path in sorted((TFLM / folder).glob("*.cc"))
    ]


def source_key(
    compiler: Compiler,
    sources: Sequence[Source],
    headers: Sequence[Path],
    generated: dict[str, str],
) -> str:
    """Return the cache key of what a compiler makes of sources, what they read, generated texts."""
    names = [[source.path.name, source.defines, source.flags] for source in sources]
    names += [[path.name] for path in headers]
    return digest(
        compiler.report(), generated, names, *(source.path for source in sources), *headers
    )


def _only(folder: Path, pattern: str) -> Path:
    (path,) = folder.glob(pattern)
    return path
