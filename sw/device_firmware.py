"""The firmware that speaks MLPerf Tiny's device API over a serial line."""

from __future__ import annotations

import json
import re

from cfuforge.base.shown import shown
from cfuforge.cfu.design import Design
from cfuforge.sw.elf import Firmware
from cfuforge.sw.kernels import KernelSet
from cfuforge.sw.model_firmware import operators, slim_sources
from cfuforge.sw.objects import FIRMWARE
from cfuforge.sw.program import Machine, Program, build
from cfuforge.sw.tflite_model import Model
from cfuforge.sw.toolchain import NoRoomError, Source

__all__ = ["DEVICE", "build_device_firmware", "c_text", "device_sources"]

DEVICE = FIRMWARE / "device"
_MACHINE = ("serial.cc", "memory.cc", "start.cc")  # for the SoC only
_SHARED = ("crt0.S", "libc.c", "platform.cc", "dram.cc", "flash.cc")  # with the general firmware
_TEXTS = ("message.cc", "micro_log.cc")  # for the slim firmware, whose texts are not in memory


def device_sources() -> list[Source]:
    """Return the device's sources that compile for any machine, without the runtime."""
    paths = [path for path in sorted(DEVICE.glob("*.cc")) if path.name not in _MACHINE]
    paths.append(FIRMWARE / "application" / "format_double.cc")
    return [Source(path) for path in paths]


def build_device_firmware(machine: Machine, design: Design, model: Model | None = None) -> Firmware:
    """Build the device's firmware for a SoC and a design, or take it from the cache.

    Parameters
    ----------
    machine
        The SoC. Besides what every firmware needs, its header declares the UART's ``rxempty`` and
        ``ev_pending``; on a board with several memories also ``SOC_MODEL_ADDR``, ``SOC_ARENA_ADDR``
        and ``SOC_STORED_MODEL_ADDR``, each with ``_BYTES``, and ``SOC_DB_BYTES``
        (``firmware/device/memory.cc``).
    design
        The CFU and its kernels; the command ``info`` prints its spec.
    model
        Build a small firmware with the operators of this model alone; None for all operators.

    Returns
    -------
    Firmware
        It picks up a model that is in memory behind an image header; its symbol
        ``device_model_room`` is two words, the begin and end of the memory for the model.

    Raises
    ------
    InputError
        When a kernel does not compile or link, or the firmware does not fit.
    EnvironmentLacksError
        When there is no compiler.
    """
    named = [re.sub(r"\W+", "_", model.name, flags=re.ASCII)[:60]] if model else []
    paths = [*(FIRMWARE / file for file in _SHARED), *(DEVICE / file for file in _MACHINE)]
    if model is not None:
        paths += [path for path in slim_sources(model) if path.name not in _TEXTS]
    program = Program(
        "device",
        "-".join([machine.name, design.name, *named, "device"]),
        [*map(Source, paths), *device_sources()],
        [DEVICE, FIRMWARE],
        {
            "operators.inc": operators(model),
            "design.h": f"#define DESIGN_SPEC {json.dumps(design.spec)}\n"
            f"#define FIRMWARE_MODEL {c_text(model.name if model else '')}\n",
        },
        slim=model is not None,
    )
    try:
        return Firmware(build(program, machine, KernelSet.of(design)))
    except NoRoomError as error:
        if model is not None:
            raise
        raise NoRoomError(
            f"the device firmware with all operators and CFU {design.name} does not fit into the "
            "board's memory for code: name the one model that it is for (model=)"
        ) from error


def c_text(name: str) -> str:
    """Return a name as a C string literal of printable ASCII characters."""
    return json.dumps(shown(name, 40).encode("ascii", "replace").decode())
