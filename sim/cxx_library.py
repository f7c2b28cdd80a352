"""The C++ standard library for models: what they need of zig's libc++, compiled in seconds.

zig would first compile all of libc++, for over a minute.
"""

from __future__ import annotations

from pathlib import Path

from cfuforge.base.cache import build_once, code, digest
from cfuforge.base.tools import each
from cfuforge.sim.cxx import FLAGS, compile_together, compiler_identity
from cfuforge.sw.toolchain import host_compiler

__all__ = ["cxx_library"]

_LEGACY = ("ERROR_CATEGORY", "SHARED_PTR")
# Sources that can be compiled as one. Left out: file systems, time zones, regular expressions.
_PIECES = {
    "abi": (
        *("abort_message", "cxa_aux_runtime", "cxa_default_handlers", "cxa_demangle"),
        *("cxa_exception", "cxa_exception_storage", "cxa_guard", "cxa_handlers"),
        *("cxa_personality", "cxa_thread_atexit", "cxa_vector", "cxa_virtual"),
        *("fallback_malloc", "private_typeinfo", "stdlib_exception", "stdlib_new_delete"),
        *("stdlib_stdexcept", "stdlib_typeinfo"),
    ),
    "locale": ("locale",),
    "most": (
        *("algorithm", "call_once", "chrono", "condition_variable", "exception", "fstream"),
        *("functional", "hash", "ios", "new", "new_handler", "new_helpers", "random"),
        *("stdexcept", "string", "system_error", "thread", "typeinfo", "vector"),
        *("verbose_abort", "ios.instantiations", "future"),
    ),
    "legacy": ("error_category", "memory"),
    "mutex": ("mutex",),
    "destructors": ("condition_variable_destructor", "mutex_destructor"),
}
_OFTEN = ("mutex",)  # Verilator's runtime tries its locks in every evaluation
_OPTIONS = (
    *("-std=c++26", "-w", "-D_LIBCPP_BUILDING_LIBRARY"),
    *("-DLIBCXX_BUILDING_LIBCXXABI", "-D_LIBCXXABI_BUILDING_LIBRARY"),
    "-DHAVE___CXA_THREAD_ATEXIT_IMPL",
)


def cxx_library() -> list[Path]:
    """Return the objects of the C++ standard library, building them unless they are cached.

    Raises
    ------
    ForgeError
        When it does not compile.
    """
    key = digest(compiler_identity(), FLAGS, code(Path(__file__)))
    folder = build_once("libcxx", key, _build)
    return [folder / f"{piece}.o" for piece in _PIECES]


def _build(work: Path) -> None:
    zig = Path(host_compiler().command[0]).parent / "lib"
    folders = ("libcxx/src", "libcxx/libc", "libcxxabi/src", "libcxxabi/include")
    options = [*_OPTIONS, *(f"-I{zig / folder}" for folder in folders)]

    def compile_piece(piece: str) -> None:
        more = [] if piece in _OFTEN else ["-Xclang", "-O0"]  # takes half the time
        if piece == "legacy":
            more += [f"-D_LIBCPP_{name}_DEFINE_LEGACY_INLINE_FUNCTIONS" for name in _LEGACY]
        sources = [f"{source}.cpp" for source in _PIECES[piece]]
        compile_together("the C++ library", work, piece, sources, [*options, *more])
        (work / f"all_{piece}.cpp").unlink()

    each(compile_piece, _PIECES)
