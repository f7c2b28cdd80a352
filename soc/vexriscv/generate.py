"""Generate VexRiscv from the Scala source in pythondata-cpu-vexriscv, with Maven and SpinalHDL."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from cfuforge.base.cache import build_once, cache_dir, code, digest
from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.base.failure import tool_failure
from cfuforge.base.tools import run_tool
from cfuforge.soc.cpu import Options

__all__ = ["generate_vexriscv", "is_generated", "vexriscv_package"]

HERE = Path(__file__).parent
SOURCES = [HERE / "Generate.scala", HERE / "pom.xml"]
TOOLS = {"java": "default-jre-headless", "mvn": "maven"}  # commands, and their Debian packages


def generate_vexriscv(options: Options) -> Path:
    """Return the file ``VexRiscv.v`` for `options`, generated or from the cache.

    Raises
    ------
    EnvironmentLacksError
        When it has to be generated and Java, Maven or a library from Maven is missing.
    """

    def build(work: Path) -> None:
        compiled = _build_generator()
        arguments = [f"{name}={_text(value)}" for name, value in asdict(options).items()]
        _java(compiled, "cfuforge.Generate", f"folder={work}", *arguments)

    return build_once("cpu", _key(options), build) / "VexRiscv.v"


def is_generated(options: Options) -> bool:
    """Return whether the Verilog for `options` is in the cache."""
    return (cache_dir() / f"cpu-{_key(options)}").is_dir()


def _missing_tools() -> list[str]:
    """Return the Debian packages that are missing."""
    return [package for command, package in TOOLS.items() if shutil.which(command) is None]


def _text(value: object) -> str:
    return str(value).lower()


def _key(options: Options) -> str:
    return digest(asdict(options), _generator_key())


def _generator_key() -> str:
    return digest(version("pythondata-cpu-vexriscv"), code(Path(__file__)), *SOURCES)


def _build_generator() -> Path:
    """Return the folder with the compiled generator: ``classes`` and its libraries."""
    return build_once("generator", _generator_key(), _compile)


def _compile(work: Path) -> None:
    if packages := _missing_tools():
        raise EnvironmentLacksError(
            f"generating VexRiscv needs {' and '.join(packages)}; "
            f"install with: sudo apt-get install -y {' '.join(packages)}"
        )
    _run(
        "generating VexRiscv needs SpinalHDL from Maven Central",
        [
            # Without -U, Maven does not retry a failed download for a day.
            *("mvn", "--batch-mode", "--quiet", "-U", "--file", str(HERE / "pom.xml")),
            *("dependency:copy-dependencies", f"-DoutputDirectory={work}"),
        ],
    )
    (plugin,) = work.glob("spinalhdl-idsl-plugin_*.jar")
    classes = work / "classes"
    classes.mkdir()
    options = ["-usejavacp", "-nowarn", f"-Xplugin:{plugin}", "-Xplugin-require:idsl-plugin"]
    sources = [*_vexriscv_sources(), HERE / "Generate.scala"]
    _java(work, "scala.tools.nsc.Main", *options, "-d", str(classes), *map(str, sources))


def vexriscv_package() -> Path:
    """Return the folder of pythondata-cpu-vexriscv with the Verilog and the sources.

    Raises
    ------
    EnvironmentLacksError
        When the package is not installed.
    """
    spec = importlib.util.find_spec("pythondata_cpu_vexriscv")
    if spec is None or spec.origin is None:
        raise EnvironmentLacksError(
            "VexRiscv is not installed; install it with: pip install pythondata-cpu-vexriscv"
        )
    return Path(spec.origin).parent / "verilog"


def _vexriscv_sources() -> list[Path]:
    """Return the CPU's sources, without its demos, except for the one that the decoder imports."""
    verilog = vexriscv_package()
    root = verilog / "ext/VexRiscv/src/main/scala/vexriscv"
    found = [*root.glob("*.scala"), *root.glob("ip/**/*.scala"), *root.glob("plugin/*.scala")]
    sources = (path for path in found if path.name != "TestsWorkspace.scala")
    default = verilog / "src/main/scala/vexriscv/GenCoreDefault.scala"
    return [*sorted(sources), root / "demo/GenFull.scala", default]


def _java(folder: Path, main: str, *arguments: str) -> None:
    libraries = f"{folder}/classes{os.pathsep}{folder}/*"
    # scalac's recursion is too deep for a JVM's default stack.
    command = ["java", "-Xss32m", "-Xmx2g", "-cp", libraries, main, *arguments]
    _run(f"{main} fails", command)


def _run(what: str, command: Sequence[str]) -> None:
    done = run_tool(command)
    if done.code:
        raise tool_failure(what, done, error=EnvironmentLacksError, memory="2 GB")
