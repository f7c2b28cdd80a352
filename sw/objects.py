"""Objects that do not depend on a design; each is compiled once for all programs and designs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cfuforge.base.cache import build_once, digest
from cfuforge.base.tools import each
from cfuforge.sw.kernels import NN, kernel_include_dirs
from cfuforge.sw.toolchain import Compiler, Source

__all__ = ["FIRMWARE", "TFLM", "compile_objects", "headers", "runtime_folders", "write_files"]

_HERE = Path(__file__).parent
FIRMWARE, TFLM = _HERE / "firmware", _HERE / "tflm"


def compile_objects(
    compiler: Compiler,
    sources: Sequence[Source],
    work: Path,
    folders: Sequence[Path] = (),
    generated: Mapping[str, str | bytes] | None = None,
) -> dict[Source, Path]:
    """Return the objects of the runtime, the plain kernels and the firmware among `sources`.

    The runtime and the plain kernels see only their own headers; the firmware also sees those in
    `folders` and `generated`, except ``cfu.h``. So an object depends on nothing else.

    Parameters
    ----------
    compiler, sources
        The compiler, and what to compile.
    work
        A folder in which to write the generated headers.
    folders
        Folders of the firmware's headers.
    generated
        Files that it may include: content by file name.

    Raises
    ------
    InputError
        When a source does not compile.
    """
    ours = [*runtime_folders(), *kernel_include_dirs()]
    texts = {
        name: text
        for name, text in (generated or {}).items()
        if isinstance(text, str) and name.endswith((".h", ".inc"))
    }
    texts.pop("cfu.h", None)
    seen = work / "seen"
    seen.mkdir()
    write_files(seen, texts)
    runtime = ours, digest(compiler.report(), *headers(ours))
    firmware = [seen, *folders, *ours], digest(runtime[1], texts, *headers(folders))

    def compile_one(source: Source) -> Path:
        name = f"{source.path.stem}.o"
        where, common = firmware if FIRMWARE in source.path.parents else runtime

        def build(made: Path) -> None:
            compiler.compile(source, where, (), made / name)

        key = digest(common, name, source.defines, source.flags, source.path)
        return build_once("object", key, build) / name

    shared = {FIRMWARE, TFLM, NN}
    same = [source for source in sources if shared & {*source.path.parents}]
    return dict(zip(same, each(compile_one, same), strict=True))


def runtime_folders() -> list[Path]:
    """Return the folders of the runtime's headers."""
    return [TFLM / "include", TFLM / "src"]


def headers(folders: Sequence[Path]) -> list[Path]:
    """Return all headers in and below `folders`."""
    kinds = ("*.h", "*.inc")
    return [path for folder in folders for kind in kinds for path in sorted(folder.rglob(kind))]


def write_files(folder: Path, contents: Mapping[str, str | bytes]) -> None:
    """Write `contents`, given by file name, into `folder`."""
    for name, content in contents.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
