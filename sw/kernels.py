"""The sources of the nn library, with a design's kernels in place of plain ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from cfuforge.base.errors import InputError
from cfuforge.cfu.design import Design
from cfuforge.sw.toolchain import Source, rv32_compiler

__all__ = ["CFU_HOST", "NN", "PLAIN", "SMALL", "KernelSet", "design_files"]
__all__ += ["kernel_include_dirs", "kernel_sources"]

NN = Path(__file__).parent / "nn"
SMALL = NN / "small"
# What cfu.h calls for each instruction when it is compiled for the host.
CFU_HOST = """#include <stdint.h>
static uint32_t answer_0(uint32_t, uint32_t, uint32_t);
uint32_t (*cfu_host_op)(uint32_t function_id, uint32_t rs1, uint32_t rs2) = answer_0;
static uint32_t answer_0(uint32_t function_id, uint32_t rs1, uint32_t rs2) {
  (void)function_id, (void)rs1, (void)rs2;
  return 0; /* for preparing a model without a CFU */
}
"""


@dataclass(frozen=True)
class KernelSet:
    """The kernels of a program: plain ones, some of them replaced by a design's.

    Unlike a `Design`, it can be pickled.

    Parameters
    ----------
    name
        Whose kernels they are, as shown in the profile.
    folder
        The design's folder of C kernels: its ``conv_s8.c`` takes the place of ``sw/nn/conv_s8.c``,
        which then defines ``nn_conv_s8_reference``. If no file of the folder defines ``nn_conv_s8``
        or ``nn_conv_s8_scratch_size``, the plain one is used. None for the plain kernels alone.
    header
        The text of the design's ``cfu.h``.
    few_cycles
        Whether the CFU works by itself, with a memory port, while the kernels' code hardly matters:
        where plain kernels have to be small, the design's are compiled to be small, too.
    """

    name: str
    folder: Path | None = None
    header: str = ""
    few_cycles: bool = False

    @classmethod
    def of(cls, design: Design) -> KernelSet:
        """Return a design's kernels."""
        name = design.name if design.kernels else PLAIN.name
        return cls(name, design.kernels, design.header(), design.memory_width > 0)

    @property
    def whose(self) -> str:
        """Whose kernels they are, in words."""
        return f"the kernels of {self.name}" if self.folder else "the plain kernels"


PLAIN = KernelSet("reference")


def kernel_sources(
    kernels: KernelSet = PLAIN, small: tuple[str, ...] | None = None
) -> list[Source]:
    """Return the sources of the nn library.

    Parameters
    ----------
    kernels
        The kernels to use.
    small
        Use the small version of each plain kernel that has one, and compile all plain ones with
        these options, and the design's if `KernelSet.few_cycles`; None for the fast versions.

    Raises
    ------
    InputError
        When the design's folder has a source file that replaces no kernel.
    """
    plain = {path.name: path for path in sorted(NN.glob("*.c"))}
    designs = _design_sources(kernels.folder)
    for path in designs:
        if path.name not in plain:
            raise InputError(
                f"{path} replaces no kernel: its name must be one of {', '.join(plain)}"
            )
    replaced = {path.stem for path in designs}
    texts = _texts(kernels.folder)
    if small is not None:
        plain |= {path.name: path for path in sorted(SMALL.glob("*.c"))}
    sources = []
    for path in plain.values():
        kernel = f"nn_{path.stem}"
        own = _own_names(kernel, texts) if path.stem in replaced else []
        renamed = tuple(f"{name}={name.replace(kernel, f'{kernel}_reference')}" for name in own)
        sources.append(Source(path, renamed, small or ()))
    origin = f'NN_ORIGIN="{kernels.name}"'
    flags = small if small and kernels.few_cycles else ()
    return sources + [Source(path, (origin,), flags) for path in designs]


def _own_names(kernel: str, texts: str) -> list[str]:
    """Return the functions of a kernel that a design's files define."""
    names = (kernel, f"{kernel}_scratch_size")
    return [name for name in names if re.search(rf"\b{name}\s*\(", texts)]


def _texts(folder: Path | None) -> str:
    """Return the text of all files in a design's folder."""
    files = sorted(path for path in folder.iterdir() if path.is_file()) if folder else []
    return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files)


def _design_sources(folder: Path | None) -> list[Path]:
    """Return the design's sources in any language, ordered by name."""
    kinds = (".c", ".cc", ".cpp", ".cxx", ".s", ".S")
    found = sorted(folder.iterdir()) if folder else []
    return [path for path in found if path.suffix in kinds and path.is_file()]


def design_files(design_kernels: Path | None) -> list[Path]:
    """Return the design's sources and all files that they include, except ``cfu.h``.

    Raises
    ------
    InputError
        When a source does not preprocess.
    """
    sources = [Source(path) for path in _design_sources(design_kernels)]
    return rv32_compiler().included(sources, kernel_include_dirs(design_kernels))


def kernel_include_dirs(design_kernels: Path | None = None) -> list[Path]:
    """Return the include folders for `kernel_sources`, without that of ``cfu.h``."""
    return [design_kernels, NN] if design_kernels else [NN]
