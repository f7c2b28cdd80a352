"""Objects of what sees nothing of a design: each is compiled once, for all programs and designs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cfuforge.base.cache import cached, digest
from cfuforge.base.tools import each
from cfuforge.sw.kernels import NN, kernel_include_dirs
from cfuforge.sw.toolchain import Compiler, Source

__all__ = ["FIRMWARE", "TFLM", "headers", "objects", "runtime_folders", "write_files"]

_HERE = Path(__file__).parent
FIRMWARE, TFLM = _HERE / "firmware", _HERE / "tflm"


def objects(
    compiler: Compiler,
    sources: Sequence[Source],
    work: Path,
    folders: Sequence[Path] = (),
    generated: Mapping[str, str | bytes] | None = None,
) -> dict[Source, Path]:
    """Return the objects of the runtime, the plain kernels and the firmware among `sources`.

    Runtime and plain kernels are compiled where they see their own headers alone, and the firmware
    where it sees `folders` and the texts of `generated` as well, but for ``cfu.h``. So an object
    depends on nothing else.

    Parameters
    ----------
    compiler, sources
        What to compile with, and what.
    work
        A folder for the texts, which is made in it.
    folders
        Folders of the firmware's headers.
    generated
        Texts that it may include, by file name.

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

    def compiled(source: Source) -> Path:
        name = f"{source.path.stem}.o"
        where, common = firmware if FIRMWARE in source.path.parents else runtime

        def build(made: Path) -> None:
            compiler.compile(source, where, (), made / name)

        key = digest(common, name, source.defines, source.flags, source.path)
        return cached("object", key, build) / name

    places = {FIRMWARE, TFLM, NN}
    same = [source for source in sources if places & {*source.path.parents}]
    return dict(zip(same, each(compiled, same), strict=True))


def runtime_folders() -> list[Path]:
    """Return the folders of the runtime's headers."""
    return [TFLM / "include", TFLM / "src"]


def headers(folders: Sequence[Path]) -> list[Path]:
    """Return all headers in and under `folders`."""
    kinds = ("*.h", "*.inc")
    return [path for folder in folders for kind in kinds for path in sorted(folder.rglob(kind))]


def write_files(folder: Path, contents: Mapping[str, str | bytes]) -> None:
    """Write each of `contents`, by file name, into `folder`."""
    for name, content in contents.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
