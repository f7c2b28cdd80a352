"""The firmware that runs models: a general one, and a slim one for a single model."""

from __future__ import annotations

import re
from pathlib import Path

from cfuforge.sw.objects import FIRMWARE, TFLM
from cfuforge.sw.program import Program
from cfuforge.sw.tflite_model import Model
from cfuforge.sw.toolchain import RV32IM, Source, rv32_compiler

__all__ = ["firmware_compiler", "model_firmware", "operator_names", "operators", "slim_sources"]

_OPERATOR = re.compile(r"X\(\w+, (\w+)\)")  # a line of micro_ops.inc
_SLIM = FIRMWARE / "slim"


def model_firmware(name: str, model: Model | None = None, order: int = 0) -> Program:
    """Return the firmware that runs models, as a program to build.

    Its symbol ``mailbox`` is a ``struct mailbox`` (``firmware/mailbox.h``); memory from its symbol
    ``_end`` on is free for the host.

    Parameters
    ----------
    name
        What to call the file.
    model
        Make the slim firmware, which has the operators of this model alone, refuses others by name,
        and is small rather than fast except for the design's kernels; None for the general firmware
        with all operators.
    order
        As in `Program`.
    """
    paths = [*sorted(FIRMWARE.glob("*.S")), *sorted(FIRMWARE.glob("*.c*"))]
    generated: dict[str, str | bytes] = {"operators.inc": operators(model)}
    if model is not None:
        paths += slim_sources(model)
        generated["texts.ld"] = (_SLIM / "texts.ld").read_text(encoding="utf-8")
    return Program(
        "firmware",
        name,
        [Source(path) for path in paths],
        [FIRMWARE],
        generated,
        slim=model is not None,
        order=order,
    )


def firmware_compiler(isa: str = RV32IM) -> str:
    """Return a description of the firmware's compiler and its options."""
    compiler = rv32_compiler(isa)
    return " ".join([f"{compiler.version}:", *compiler.flags])


def operators(model: Model | None) -> str:
    """Return the lines of ``operators.inc``: all operators, or those of one model."""
    lines = (TFLM / "include/tensorflow/lite/micro/kernels/micro_ops.inc").read_text(
        encoding="utf-8"
    )
    if model is None:
        return lines
    used = {operator.name for operator in model.operators}
    return "".join(
        line for line in lines.splitlines(True) if (op := _OPERATOR.match(line)) and op[1] in used
    )


def operator_names() -> set[str]:
    """Return the names of all operators that the runtime has."""
    return {found[1] for line in operators(None).splitlines() if (found := _OPERATOR.match(line))}


def slim_sources(model: Model) -> list[Path]:
    """Return the slim firmware's own sources, including replacements of the runtime's files."""
    paths = [*sorted(_SLIM.glob("*.S")), *sorted(_SLIM.glob("*.c*"))]
    unused = "offline_plan.cc" if model.plans_arena else ""
    return [path for path in paths if path.name != unused]
