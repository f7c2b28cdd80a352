"""Export the kernels as an optimised-kernel directory for TFLM's makefile."""

from __future__ import annotations

import shutil
from pathlib import Path

from cfuforge.base.errors import InputError
from cfuforge.base.output import new_folder
from cfuforge.sw.kernels import NN, KernelSet, design_files, kernel_sources
from cfuforge.sw.toolchain import Source

__all__ = ["export_kernels"]

_WRAPPERS = Path(__file__).parent / "tflm_kernels"
# Where TFLM's makefile looks for included makefiles: below its root, or a folder given with -I.
_INCLUDED = Path("tensorflow/lite/micro/tools/make/ext_libs/cfuforge.inc")


def export_kernels(folder: Path, kernels: KernelSet) -> None:
    """Write an optimised-kernel directory ``cfuforge``, its makefile and README into `folder`.

    Parameters
    ----------
    folder
        Where to write; it must be empty or absent.
    kernels
        A design's kernels, or the plain ones.

    Raises
    ------
    InputError
        When the folder is in use or cannot be written, or the design's kernels cannot be put into
        one folder.
    EnvironmentLacksError
        When the disk is full.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} already exists; name another folder, or remove it")
    files = {_name(source, kernels): _text(source) for source in kernel_sources(kernels)}
    files |= {path.name: path.read_text(encoding="utf-8") for path in NN.glob("*.h")}
    if kernels.folder:
        headers = _design_headers(kernels.folder)
        files |= {path.name: path.read_text(encoding="utf-8") for path in headers}
        files["cfu.h"] = kernels.header
    target, included = folder / "cfuforge", folder / _INCLUDED
    with new_folder(folder):
        included.parent.mkdir(parents=True)
        (target / "nn").mkdir(parents=True)
        for path in [*_WRAPPERS.glob("*.cc"), *_WRAPPERS.glob("*.h")]:
            shutil.copy(path, target)
        shutil.copy(_WRAPPERS / included.name, included)
        shutil.copy(_WRAPPERS / "README.md", folder)
        for name, text in files.items():
            (target / "nn" / name).write_text(text, encoding="utf-8")


def _design_headers(folder: Path) -> list[Path]:
    """Return the headers that a design's kernels include, except nn's own and ``cfu.h``."""
    own, nn = folder.resolve(), NN.resolve()
    found = [path for path in design_files(folder) if path.suffix != ".c" and path.parent != nn]
    for path in found:
        if path.parent != own or (NN / path.name).exists():
            raise InputError(
                f"{path} must be in {own}, under a name that no header of the nn library has: "
                "all kernels are written into one folder"
            )
    return found


def _name(source: Source, kernels: KernelSet) -> str:
    """Return the file name of a source; ``*_reference.c`` if the design has one of that name."""
    path, folder = source.path, kernels.folder
    replaced = folder and path.parent == NN and (folder / path.name).exists()
    return f"{path.stem}_reference.c" if replaced else path.name


def _text(source: Source) -> str:
    """Return the source's text, preceded by its macro definitions."""
    pairs = (define.partition("=") for define in source.defines)
    defines = "".join(f"#define {name} {value}\n" for name, _, value in pairs)
    return defines + source.path.read_text(encoding="utf-8")
