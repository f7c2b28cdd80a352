"""Build the firmware that speaks MLPerf Tiny's device API over a serial line."""

from __future__ import annotations

import json
from pathlib import Path

from cfuforge.cfu.cache import cached, digest
from cfuforge.cfu.shown import shown
from cfuforge.sw.build import (
    cold_script,
    in_place_of,
    operators,
    runtime_sources,
    slim_sources,
    source_key,
)
from cfuforge.sw.kernels import design_files, kernel_include_dirs, kernel_sources
from cfuforge.sw.objects import FIRMWARE, headers, objects, runtime_folders, write_texts
from cfuforge.sw.tflite_model import Model
from cfuforge.sw.toolchain import (
    RV32IM,
    NoRoomError,
    Source,
    compile_rv32_program,
    rv32_compiler,
)

__all__ = ["DEVICE", "build_device_firmware", "c_text", "device_sources"]

DEVICE = FIRMWARE / "device"
_MACHINE = ("serial.cc", "memory.cc", "start.cc")  # what only the SoC has
_SHARED = ("crt0.S", "libc.c", "platform.cc", "dram.cc", "flash.cc")  # with the general firmware
_TEXTS = ("message.cc", "micro_log.cc")  # of the slim firmware, whose texts are not in memory


def device_sources(flags: tuple[str, ...] = ()) -> list[Source]:
    """Return what to compile of the device's program for any machine, its runtime included."""
    paths = [path for path in sorted(DEVICE.glob("*.cc")) if path.name not in _MACHINE]
    paths.append(FIRMWARE / "application" / "format_double.cc")
    return [Source(path, flags=flags) for path in paths] + runtime_sources(flags)


def build_device_firmware(
    soc_header: str,
    regions: str,
    cfu_header: str,
    kernels: Path | None,
    origin: str,
    spec: str,
    name: str,
    model: Model | None = None,
    small_kernels: bool = True,
    isa: str = RV32IM,
) -> Path:
    """Build the device's firmware for a SoC and a design, or take it from the cache.

    Parameters
    ----------
    soc_header
        The text of ``soc.h``. Beside what every firmware needs: the UART's ``rxempty`` and
        ``ev_pending``; where a board has several memories, ``SOC_MODEL_ADDR``, ``SOC_ARENA_ADDR``
        and ``SOC_STORED_MODEL_ADDR``, each with ``_BYTES``, and ``SOC_DB_BYTES``
        (``firmware/device/memory.cc``).
    regions, cfu_header, kernels, origin, name
        As in `cfuforge.sw.build.build_firmware`.
    spec
        The design as the user names it, for ``info``.
    model
        Make it small, with the operators of this model alone; None for all operators.
    small_kernels
        Then: take plain kernels that are small; otherwise those of a firmware with all operators.
    isa
        The CPU's instruction set, as in `cfuforge.sw.toolchain.rv32_compiler`.

    Returns
    -------
    Path
        The ELF. It takes up a model that lies in memory with an image header before it; its symbol
        ``device_model_room`` is two words, begin and end of the memory for it.

    Raises
    ------
    InputError
        When a kernel does not compile or link, or the firmware has no room.
    EnvironmentLacksError
        When there is no compiler.
    """
    compiler = rv32_compiler(isa)
    flags = compiler.smallest if model is not None else ()
    paths = [*(FIRMWARE / file for file in _SHARED), *(DEVICE / file for file in _MACHINE)]
    if model is not None:
        paths += [path for path in slim_sources(model) if path.name not in _TEXTS]
    own = [Source(path, flags=flags) for path in paths]
    sources = in_place_of(own, device_sources(flags))
    small = compiler.small if model is not None and small_kernels else None
    sources += kernel_sources(kernels, origin, small)
    folders = [DEVICE, FIRMWARE, *runtime_folders(), *kernel_include_dirs(kernels)]
    generated = {
        "soc.h": soc_header,
        "regions.ld": regions,
        "cfu.h": cfu_header,
        "operators.inc": operators(model),
        "design.h": f"#define DESIGN_SPEC {json.dumps(spec)}\n"
        f"#define FIRMWARE_MODEL {c_text(model.name if model else '')}\n",
        "texts.ld": "",
        "cold.ld": cold_script(regions),
    }
    script = FIRMWARE / "link.ld"
    key = source_key(
        compiler, sources, [*headers(folders), *design_files(kernels), script], generated
    )

    def build(work: Path) -> None:
        write_texts(work, generated)
        elf = work / f"{name}.elf"
        compiled = objects(compiler, sources, work, [DEVICE, FIRMWARE], generated)
        try:
            compile_rv32_program(sources, [work, *folders], (), script, elf, isa, compiled)
        except NoRoomError as error:
            if model is not None:
                raise
            raise NoRoomError(
                f"the device firmware with all operators and CFU {origin} does not fit into the "
                "board's memory for code: name the one model that it is for (--model)"
            ) from error

    return cached("device", digest(key, name), build) / f"{name}.elf"


def c_text(name: str) -> str:
    """Return a name as a C string of printable ASCII characters."""
    return json.dumps(shown(name, 40).encode("ascii", "replace").decode())
