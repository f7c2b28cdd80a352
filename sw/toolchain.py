"""Compile C and C++ for the SoC (bare-metal RV32) and for the host (a shared library).

The compiler is zig, from the PyPI package ``ziglang``. GCC can be used for the SoC instead:
``CFUFORGE_CC=riscv64-unknown-elf-gcc`` (the same driver also compiles C++ and links).
"""

from __future__ import annotations

import functools
import importlib.util
import os
import platform
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from cfuforge.base.cache import build_once, cache_dir, digest, scratch
from cfuforge.base.cache_users import use
from cfuforge.base.errors import EnvironmentLacksError, ForgeError, InputError
from cfuforge.base.failure import tool_failure
from cfuforge.base.tools import each, run_tool

__all__ = [
    "RV32IM",
    "Compiler",
    "NoRoomError",
    "Source",
    "compile_host_library",
    "compile_host_program",
    "compile_rv32_program",
    "host_compiler",
    "host_program_compiler",
    "loaded_libraries",
    "run_compiler",
    "rv32_compiler",
    "rv32_hosted_flags",
    "sanitizing_compiler",
]

RV32IM = "rv32im_zicsr"
_HERE = Path(__file__).parent
_NO_ROOM = "will not fit in region"  # said by LLVM's and GNU's linkers
_C_FLAGS = ("-std=c11",)
_CXX_FLAGS = ("-std=c++17", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics")
_COMMON = ("-g", "-Wall", "-Wextra", "-ffunction-sections", "-fdata-sections")
# Functions start on cache lines, so that a change in one does not move the cycles of others.
_RV32 = (*_COMMON, "-O3", "-ffreestanding", "-falign-functions=32", "-fomit-frame-pointer")
_RV32_ZIG = ("-target", "riscv32-freestanding-none", "-fno-sanitize=all")
# With the headers of musl and libc++, for code that expects a C library.
_RV32_ZIG_HOSTED = (
    "-target", "riscv32-linux-musl", "-mabi=ilp32", "-fhosted",
    "-fno-pic", "-fno-pie", "-fno-stack-protector",
)  # fmt: skip
_SMALL = ("-Os", "-msave-restore", "-falign-functions=4")
_SMALL_ZIG = (*_SMALL, "-flto")
_SMALLEST_ZIG = (*_SMALL_ZIG, "-Xclang", "-Oz")  # zig treats -Oz as -Os
_COMPILER_RT = (  # as in zig's own build
    "-OReleaseFast", "-fstrip", "-fsingle-threaded", "-ffunction-sections", "-fdata-sections",
    "-fno-omit-frame-pointer", "-fno-stack-check",
)  # fmt: skip
_RV32_GCC_LINK = ("-mabi=ilp32", "-nostdlib", "-nostartfiles")
_C_LIBRARY = ("libc.so.6", "libm.so.6")
# baseline: the library does not depend on the host CPU that built it.
_HOST_ZIG = (*_COMMON, "-O2", "-fPIC", "-mcpu=baseline", "-fno-sanitize=all")
_SANITIZE = ("-fsanitize=address", "-fsanitize-recover=address")
_SANITIZED = (*_COMMON, "-O1", "-fPIC", "-fno-omit-frame-pointer", *_SANITIZE)


class NoRoomError(InputError):
    """A program does not fit the memory of its board."""


@dataclass(frozen=True)
class Source:
    """One source file, with compiler options of its own.

    Parameters
    ----------
    path
        A ``.c``, ``.cc`` or ``.S`` file.
    defines
        Macros, as ``"NAME"`` or ``"NAME=VALUE"``.
    flags
        Further compiler options.
    """

    path: Path
    defines: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Compiler:
    """A compiler with its options for all sources.

    Parameters
    ----------
    command
        The C driver's command line, without options.
    cxx_command
        The C++ driver's.
    version
        The line in which it names its version.
    flags
        Options for compiling.
    link_flags
        Options for linking.
    small, smallest
        Options appended for sources to be small but not slow, or as small as possible.
    """

    command: tuple[str, ...]
    cxx_command: tuple[str, ...]
    version: str
    flags: tuple[str, ...]
    link_flags: tuple[str, ...]
    small: tuple[str, ...] = ()
    smallest: tuple[str, ...] = ()

    def report(self) -> dict[str, object]:
        """Return version and options, for a run's JSON and for cache keys."""
        return {
            "compiler": self.version,
            "flags": [*self.flags],
            "c_flags": [*_C_FLAGS],
            "cxx_flags": [*_CXX_FLAGS],
            "link_flags": [*self.link_flags],
        }

    def compile(
        self, source: Source, include_dirs: Sequence[Path], defines: Sequence[str], output: Path
    ) -> None:
        """Compile one source file to the object `output`.

        Raises
        ------
        InputError
            With the compiler's first error line, and the file with its whole output.
        """
        cxx = source.path.suffix in (".cc", ".cpp", ".cxx")
        language = _CXX_FLAGS if cxx else _C_FLAGS if source.path.suffix == ".c" else ()
        path = source.path.absolute()
        folders = [folder.absolute() for folder in include_dirs]
        run_compiler(
            f"{source.path.name} does not compile",
            [
                *(self.cxx_command if cxx else self.command),
                *self.flags,
                *language,
                *(f"-I{folder}" for folder in folders),
                *(f"-D{define}" for define in (*defines, *source.defines)),
                *source.flags,
                *self._neutral_paths(output.parent.resolve(), path.parent, *folders),
                *("-c", str(path), "-o", output.name),
            ],
            folder=output.parent,
        )

    def _neutral_paths(self, *folders: Path) -> list[str]:
        """Return options that keep `folders` and the installation's paths out of the object.

        So the same sources give the same bytes, wherever they are compiled. If several options
        match a path, compilers take the last, so the innermost folder comes last.
        """
        others = [folder for folder in dict.fromkeys(folders) if not folder.is_relative_to(_HERE)]
        names = {folder: "." for folder in others}
        names |= {Path(self.command[0]).parent: "compiler", _HERE: "sw"}
        innermost_last = sorted(names, key=lambda folder: len(folder.parts))
        return [
            f"-ffile-prefix-map={written}={names[folder]}"
            for folder in innermost_last
            for written in dict.fromkeys([str(folder), _as_preprocessed(folder)])
        ]

    def included(self, sources: Sequence[Source], include_dirs: Sequence[Path]) -> list[Path]:
        """Return `sources` and the files that they include, without missing ones.

        Raises
        ------
        InputError
            When a file does not preprocess.
        """

        def read_by(source: Source) -> list[Path]:
            rule = run_compiler(
                f"{source.path.name} does not compile",
                [
                    *(self.command),
                    *self.flags,
                    *(f"-I{folder}" for folder in include_dirs),
                    *(f"-D{define}" for define in source.defines),
                    *source.flags,
                    *("-MM", "-MG", str(source.path)),
                ],
            )
            names = rule.replace("\\\n", " ").partition(":")[2].split()
            return [path for path in map(Path, names) if path.is_file()]

        return sorted({path.resolve() for paths in each(read_by, sources) for path in paths})

    def compile_all(
        self,
        sources: Iterable[Source],
        include_dirs: Sequence[Path],
        defines: Sequence[str],
        folder: Path,
    ) -> list[Path]:
        """Compile all `sources`, on all cores, and return their objects in the same order."""
        sources = list(sources)
        objects = [folder / f"{index}-{one.path.stem}.o" for index, one in enumerate(sources)]

        def compile_one(index: int) -> None:
            self.compile(sources[index], include_dirs, defines, objects[index])

        each(compile_one, range(len(sources)))
        return objects

    def build(
        self,
        sources: Iterable[Source],
        include_dirs: Sequence[Path],
        defines: Sequence[str],
        link_options: Sequence[str],
        output: Path,
        compiled: Mapping[Source, Path] | None = None,
    ) -> None:
        """Compile the `sources` that are not in `compiled`, and link all objects in order."""
        sources, compiled = list(sources), dict(compiled or {})
        with scratch() as folder:
            new = [source for source in sources if source not in compiled]
            made = self.compile_all(new, include_dirs, defines, folder)
            compiled |= dict(zip(new, made, strict=True))
            run_compiler(
                f"{output.name} does not link",
                [
                    *self.command,
                    *self.link_flags,
                    *(str(compiled[source]) for source in sources),
                    *link_options,
                    *("-o", output.name),
                ],
                folder=output.parent,  # where linker scripts look for includes
            )


@functools.cache
def _zig() -> tuple[str, str]:
    """Return the path of zig, and its version."""
    spec = importlib.util.find_spec("ziglang")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    zig = Path(folders[0]) / "zig" if folders else None
    if zig is None or not zig.exists():
        raise EnvironmentLacksError(
            "the compiler is not installed; install it with: pip install ziglang"
        )

    def ask(work: Path) -> None:
        clang = run_compiler("zig does not start", [str(zig), "cc", "--version"]).splitlines()[0]
        number = run_compiler("zig does not start", [str(zig), "version"]).strip()
        (work / "version").write_text(f"zig {number} ({clang})")

    key = digest(version("ziglang"), zig.stat().st_size)
    return str(zig), (build_once("compiler", key, ask) / "version").read_text()


def host_compiler() -> Compiler:
    """Return the compiler for code that runs in this process."""
    zig, release = _zig()
    # Linking without a C library is fast; memcpy and the like are already in the process.
    link = ("-shared", "-nostdlib", "-Wl,--gc-sections")
    return Compiler((zig, "cc"), (zig, "c++"), release, _HOST_ZIG, link)


def sanitizing_compiler() -> Compiler:
    """Return g++, as the compiler for code that runs in this process with AddressSanitizer.

    Raises
    ------
    EnvironmentLacksError
        When g++ is not installed.
    """
    paths = [shutil.which(name) for name in ("gcc", "g++")]
    if not paths[0] or not paths[1]:
        raise EnvironmentLacksError(
            "AddressSanitizer needs g++; install it with: apt-get install g++"
        )
    release = run_compiler("g++ does not start", [paths[1], "--version"]).splitlines()[0]
    return Compiler((paths[0],), (paths[1],), release, _SANITIZED, ("-shared", _SANITIZE[0]))


def rv32_compiler(isa: str = RV32IM) -> Compiler:
    """Return the compiler for the SoC: ``$CFUFORGE_CC`` if it is set, otherwise zig.

    Parameters
    ----------
    isa
        The CPU's instruction set, as in `cfuforge.soc.cpu.Cpu.isa`, such as ``rv32i_zicsr_zmmul``.
    """
    chosen = os.environ.get("CFUFORGE_CC")
    if chosen:
        return _gcc(chosen, isa)
    zig, release = _zig()
    base, *extensions = isa.split("_")
    features = [*base.removeprefix("rv32i"), *extensions, "relax"]
    features.remove("zicsr")  # always on in zig's assembler
    target = (*_RV32_ZIG, f"-mcpu=generic_rv32+{'+'.join(features)}")
    link = (*target, "-O3", "-g", "-ffreestanding", "-nostdlib", "-Wl,--gc-sections")
    return Compiler(
        (zig, "cc"), (zig, "c++"), release, (*target, *_RV32), link, _SMALL_ZIG, _SMALLEST_ZIG
    )


def _compiler_rt(compiler: Compiler) -> Path:
    """Return zig's compiler-rt, which has soft float, built as zig does but without debug lines.

    Those would contain the paths of zig and its cache, which no option removes.
    """
    zig = Path(compiler.command[0])
    cpu = next(flag for flag in compiler.flags if flag.startswith("-mcpu="))
    options = [*_RV32_ZIG[:2], cpu, *_COMPILER_RT]

    def build(work: Path) -> None:
        source = zig.parent / "lib" / "compiler_rt.zig"
        output = f"-femit-bin={work / 'libcompiler_rt.a'}"
        command = [str(zig), "build-lib", *options, output, str(source)]
        run_compiler("zig's compiler-rt does not compile", command)

    key = digest(compiler.version, options)
    return build_once("compilerrt", key, build) / "libcompiler_rt.a"


def _as_preprocessed(path: Path) -> str:
    """Return a path with the preprocessor's escapes, which the assembler keeps."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"').encode()
    return "".join(chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}" for byte in text)


def rv32_hosted_flags() -> tuple[str, ...]:
    """Return the flags for a source that includes C or C++ library headers.

    The program is not linked with that library: it has only what the headers, compiler-rt and the
    program itself define.
    """
    return ("-fhosted",) if os.environ.get("CFUFORGE_CC") else _RV32_ZIG_HOSTED


def _gcc(chosen: str, isa: str) -> Compiler:
    path = shutil.which(chosen)
    if path is None:
        raise EnvironmentLacksError(
            f"CFUFORGE_CC={chosen} is not on PATH; install it (apt-get install "
            "gcc-riscv64-unknown-elf) or unset CFUFORGE_CC to use zig"
        )
    release = run_compiler(
        f"CFUFORGE_CC={chosen} does not start", [path, "--version"]
    ).splitlines()[0]
    # GCC finds its libgcc for rv32im, but not by the name rv32im_zicsr.
    link = (f"-march={isa.partition('_')[0]}", *_RV32_GCC_LINK, "-Wl,--gc-sections")
    flags = (f"-march={isa}", "-mabi=ilp32", *_RV32)
    return Compiler((path,), (path,), release, flags, link, _SMALL, _SMALL)


def compile_rv32_program(
    sources: Iterable[Source],
    include_dirs: Sequence[Path],
    defines: Sequence[str],
    linker_script: Path,
    output: Path,
    isa: str = RV32IM,
    compiled: Mapping[Source, Path] | None = None,
) -> None:
    """Compile and link a bare-metal program.

    Parameters
    ----------
    sources
        What to compile; the linker script sets the entry point.
    include_dirs
        Header folders.
    defines
        Macros for every source.
    linker_script
        Where the sections go. It may include files in the folder of ``output``.
    output
        The ELF file to write.
    isa
        As in `rv32_compiler`.
    compiled
        Objects of sources that are already compiled.

    Raises
    ------
    InputError
        When a source does not compile or the program does not link.
    NoRoomError
        When it does not fit its memory.
    EnvironmentLacksError
        When there is no compiler.
    """
    compiler = rv32_compiler(isa)
    library = "-lgcc" if os.environ.get("CFUFORGE_CC") else str(_compiler_rt(compiler))
    options = ["-T", str(linker_script.resolve()), library]
    try:
        compiler.build(sources, include_dirs, defines, options, output, compiled)
    except InputError as error:
        if _NO_ROOM not in str(error):
            raise
        raise NoRoomError(
            f"{output.name} does not fit into the board's memory for code: make it smaller, "
            "or use a board with more"
        ) from error


def compile_host_library(
    sources: Iterable[Source],
    include_dirs: Sequence[Path],
    defines: Sequence[str],
    output: Path,
    compiler: Compiler | None = None,
    compiled: Mapping[Source, Path] | None = None,
) -> None:
    """Compile and link a shared library that ``ctypes`` can load into this process.

    Parameters
    ----------
    sources, include_dirs, defines
        As in `compile_rv32_program`.
    output
        The ``.so`` to write. It is linked to the C library that this process already has loaded; an
        undefined symbol is an error here, not when it is called.
    compiler
        `host_compiler` by default.
    compiled
        As in `compile_rv32_program`.

    Raises
    ------
    InputError
        When a source does not compile or the library does not link.
    EnvironmentLacksError
        When there is no compiler.
    """
    compiler = compiler or host_compiler()
    compiler.build(sources, include_dirs, defines, loaded_libraries(*_C_LIBRARY), output, compiled)


@functools.cache
def loaded_libraries(*names: str) -> tuple[str, ...]:
    """Return the options to link with those of the libraries that this process has loaded.

    An undefined symbol is then an error of the linker.
    """
    mapped = Path("/proc/self/maps").read_text().splitlines()
    files = {Path(line.split(maxsplit=5)[-1]) for line in mapped if line.count(" ") > 4}
    found = sorted(str(path) for path in files if path.name in names)
    return ("-Wl,-z,defs", *found) if found else ()


def host_program_compiler() -> Compiler:
    """Return the compiler for stand-alone programs for this machine."""
    # zig's own headers and glibc stubs: the system's may be incomplete or missing.
    target = ("-target", f"{platform.machine()}-linux-gnu")
    compiler = host_compiler()
    return replace(
        compiler,
        flags=(*compiler.flags, *target),
        link_flags=(*target, "-Wl,--gc-sections"),
    )


def compile_host_program(
    sources: Iterable[Source],
    include_dirs: Sequence[Path],
    output: Path,
    compiled: Mapping[Source, Path] | None = None,
) -> None:
    """Compile and link a program for this machine, with its C library and the C++ headers.

    `compiled` are the objects of sources already compiled with `host_program_compiler`.

    Raises
    ------
    InputError
        When a source does not compile or the program does not link.
    EnvironmentLacksError
        When there is no compiler.
    """
    host_program_compiler().build(sources, include_dirs, (), ("-lm",), output, compiled)


def run_compiler(
    what: str,
    command: Sequence[str],
    folder: Path | None = None,
    *,
    error: type[ForgeError] = InputError,
    memory: str = "",
) -> str:
    """Run a compiler in `folder`; return its output, or raise `error` with its first error line.

    `what` and `memory` are as for ``tool_failure``.
    """
    use(cache_dir(), "zig")
    zig_cache = cache_dir() / "zig"
    with scratch() as own:  # our own cache already has its results
        more = {"ZIG_GLOBAL_CACHE_DIR": str(zig_cache), "ZIG_LOCAL_CACHE_DIR": str(own)}
        done = run_tool(command, folder=folder, more={**more, "TMPDIR": str(own)})
        if done.code and str(zig_cache) in done.said:  # its cache is damaged
            shutil.rmtree(zig_cache, ignore_errors=True)
            done = run_tool(command, folder=folder, more={**more, "TMPDIR": str(own)})
    if done.code:
        raise tool_failure(what, done, folder=folder, error=error, memory=memory)
    return done.out
