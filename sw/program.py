"""Build any program from a `Program`, its parts, and a `Machine`, the SoC it is built for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from cfuforge.base.cache import build_once, digest
from cfuforge.sw.kernels import (
    CFU_HOST,
    PLAIN,
    KernelSet,
    design_files,
    kernel_include_dirs,
    kernel_sources,
)
from cfuforge.sw.link_order import CACHE, GAP, SMALL_GAP, gap_text, in_order
from cfuforge.sw.objects import (
    FIRMWARE,
    TFLM,
    compile_objects,
    headers,
    runtime_folders,
    write_files,
)
from cfuforge.sw.toolchain import (
    Compiler,
    Source,
    compile_host_library,
    compile_host_program,
    compile_rv32_program,
    host_compiler,
    host_program_compiler,
    rv32_compiler,
    sanitizing_compiler,
)

__all__ = ["Elsewhere", "Machine", "Program", "build", "build_host_library"]
__all__ += ["build_host_program"]
__all__ += ["runtime_sources", "source_key"]

_SCRIPT = FIRMWARE / "link.ld"


class Machine(Protocol):
    """A SoC, as its programs see it."""

    @property
    def name(self) -> str:
        """The board's name."""

    @property
    def header(self) -> str:
        """The text of ``soc.h``."""

    @property
    def regions(self) -> str:
        """The text of ``regions.ld``, the linker's MEMORY command.

        Everything goes to the region ``code``, except what may go to ``cold`` where that exists.
        """

    @property
    def isa(self) -> str:
        """The CPU's instruction set, as in `cfuforge.sw.toolchain.rv32_compiler`."""

    @property
    def small_kernels(self) -> bool:
        """Whether a slim program gets the small versions of the plain kernels."""


@dataclass(frozen=True)
class Elsewhere:
    """A SoC whose programs go to other memories.

    Parameters
    ----------
    machine
        The SoC.
    regions
        As in `Machine`, in place of its own.
    """

    machine: Machine
    regions: str

    @property
    def name(self) -> str:
        """The board's name."""
        return self.machine.name

    @property
    def header(self) -> str:
        """The text of ``soc.h``."""
        return self.machine.header

    @property
    def isa(self) -> str:
        """The CPU's instruction set."""
        return self.machine.isa

    @property
    def small_kernels(self) -> bool:
        """Whether a slim program gets the small versions of the plain kernels."""
        return self.machine.small_kernels


@dataclass(frozen=True)
class Program:
    """A program around the runtime and the kernels.

    Parameters
    ----------
    kind, name
        Its name as a kind of cache entry, and the name of its file.
    sources
        Its own sources. A firmware source replaces the runtime's file of the same name.
    folders
        Folders of its own headers.
    generated
        Generated files that it includes: content by file name.
    first, last
        The generated files that are sources, linked before and after all others.
    read
        Files that its sources read besides the headers in `folders`.
    users
        A user's header folders, searched before the generated headers.
    regions
        Text of its linker script after the machine's memories.
    slim
        Whether to make all but a design's kernels small rather than fast.
    order
        The order in which its parts are linked: 0 for the usual one; each other number stands for
        another order, which places the same code and constants elsewhere in the caches.
    """

    kind: str
    name: str
    sources: Sequence[Source]
    folders: Sequence[Path] = ()
    generated: Mapping[str, str | bytes] = field(default_factory=dict)
    first: Sequence[str] = ()
    last: Sequence[str] = ()
    read: Sequence[Path] = ()
    users: Sequence[Path] = ()
    regions: str = ""
    slim: bool = False
    order: int = 0


def build(program: Program, machine: Machine, kernels: KernelSet) -> Path:
    """Build a program for a SoC, or take it from the cache, and return its ELF.

    Raises
    ------
    InputError
        When a source does not compile, or the program does not link.
    NoRoomError
        When it does not fit its memory.
    EnvironmentLacksError
        When there is no compiler.
    """
    generated: dict[str, str | bytes] = {
        "soc.h": machine.header,
        "regions.ld": machine.regions + program.regions,
        "texts.ld": "",
        "cold.ld": _cold_script(machine.regions),
        **program.generated,
    }
    if program.order:
        generated[GAP] = gap_text(program.order, SMALL_GAP if program.slim else CACHE)
    program = replace(
        program,
        generated=generated,
        first=[GAP] if program.order else [],
        read=[*program.read, _SCRIPT],
    )

    def link(
        sources: Sequence[Source], folders: Sequence[Path], elf: Path, made: Mapping[Source, Path]
    ) -> None:
        compile_rv32_program(sources, folders, (), _SCRIPT, elf, machine.isa, made)

    compiler = rv32_compiler(machine.isa)
    return _build(program, kernels, compiler, link, ".elf", machine.small_kernels)


def build_host_library(program: Program, kernels: KernelSet, sanitize: bool = False) -> Path:
    """Build a program as a shared library for this machine, or take it from the cache.

    In it, a design's instructions call ``cfu_host_op``.

    Parameters
    ----------
    sanitize
        Use AddressSanitizer, for a process started with ``cfuforge.sw.sanitizer.environment``.

    Raises
    ------
    InputError, EnvironmentLacksError
        As `build` does.
    """
    compiler = sanitizing_compiler() if sanitize else host_compiler()
    generated = {**program.generated, "cfu_host.c": CFU_HOST}
    program = replace(program, generated=generated, last=[*program.last, "cfu_host.c"])

    def link(
        sources: Sequence[Source], folders: Sequence[Path], path: Path, made: Mapping[Source, Path]
    ) -> None:
        compile_host_library(sources, folders, (), path, compiler, made)

    return _build(program, kernels, compiler, link, ".so")


def build_host_program(program: Program) -> Path:
    """Build a program for this machine, with the plain kernels, or take it from the cache.

    Raises
    ------
    InputError, EnvironmentLacksError
        As `build` does.
    """
    return _build(program, PLAIN, host_program_compiler(), compile_host_program, "")


def _build(
    program: Program,
    kernels: KernelSet,
    compiler: Compiler,
    link: Callable[[Sequence[Source], Sequence[Path], Path, Mapping[Source, Path]], None],
    suffix: str,
    small_kernels: bool = True,
) -> Path:
    """Compile what is not compiled yet and link everything; the result is cached by content."""
    flags = compiler.smallest if program.slim else ()
    small = compiler.small if program.slim and small_kernels else None
    own = [replace(source, flags=(*source.flags, *flags)) for source in program.sources]
    sources = [*_in_place_of(own, runtime_sources(flags)), *kernel_sources(kernels, small)]
    sources = in_order(sources, program.order)
    folders = [*program.folders, *runtime_folders(), *kernel_include_dirs(kernels.folder)]
    generated = {"cfu.h": kernels.header, **program.generated}
    read = [*program.read, *headers(folders), *design_files(kernels.folder)]
    key = digest(source_key(compiler, sources, read, generated), program.name)

    def make(work: Path) -> None:
        write_files(work, generated)
        made = compile_objects(compiler, sources, work, program.folders, generated)
        first, last = (
            [Source(work / each) for each in ends] for ends in (program.first, program.last)
        )
        within = [*program.users, work, *folders]
        link([*first, *sources, *last], within, work / f"{program.name}{suffix}", made)

    return build_once(program.kind, key, make) / f"{program.name}{suffix}"


def source_key(
    compiler: Compiler,
    sources: Sequence[Source],
    read: Sequence[Path],
    generated: Mapping[str, str | bytes],
) -> str:
    """Return the cache key of a compilation, from its sources and all files that they read."""
    names = [[source.path.name, source.defines, source.flags] for source in sources]
    names += [[path.name] for path in read]
    names += [[name] for name in generated]
    files = [*(source.path for source in sources), *read]
    return digest(compiler.report(), names, *files, *generated.values())


def runtime_sources(flags: tuple[str, ...] = ()) -> list[Source]:
    """Return the sources of the runtime, without the nn library."""
    return [
        Source(path, flags=flags)
        for folder in ("src", "kernels")
        for path in sorted((TFLM / folder).glob("*.cc"))
    ]


def _in_place_of(own: Sequence[Source], others: Sequence[Source]) -> list[Source]:
    """Return `own` and `others`, without those that a firmware file of the same name replaces."""
    taken = {source.path.name for source in own if FIRMWARE in source.path.parents}
    return [*own, *(source for source in others if source.path.name not in taken)]


def _cold_script(regions: str) -> str:
    """Return the text of ``cold.ld``: what goes to the region ``cold``, if it exists."""
    return (
        (FIRMWARE / "boot" / "cold.ld").read_text(encoding="utf-8") if "cold (" in regions else ""
    )
