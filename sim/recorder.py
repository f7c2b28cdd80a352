"""Record the instructions that kernels give their CFU in an inference, and the answers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.base.apart import Apart, LostError
from cfuforge.base.errors import RunError
from cfuforge.cfu.commands import Command
from cfuforge.cfu.design import Design
from cfuforge.sim.cfu_model import CfuModel
from cfuforge.sim.disagreement import Disagreement
from cfuforge.sim.hardware_test import find_disagreement, first_wrong_answer
from cfuforge.sim.host_target import HostDesign, HostMachine
from cfuforge.sw.host_runtime import build_host_runtime
from cfuforge.sw.tflite_model import Model

__all__ = ["Agreement", "Recorder", "compare_with_reference"]

SECONDS = 15.0  # time limit of the reference


@dataclass(frozen=True)
class Agreement:
    """Whether the hardware answered a design's kernels as its reference would.

    Parameters
    ----------
    compared
        How many instructions, the first after reset, were compared.
    disagreement
        The first wrong answer among them, or None.
    failed
        A sentence about what made the reference fail, or an empty text.
    """

    compared: int
    disagreement: Disagreement | None = None
    failed: str = ""


class Recorder:
    """A design's kernels and CFU, to run in their own process.

    Parameters
    ----------
    design, model
        What `HostDesign.of` returned; the model's file and name.
    most
        How many instructions to keep.
    """

    def __init__(self, design: HostDesign, model: tuple[bytes, str], most: int) -> None:
        self._cfu = CfuModel(design.verilog, record=most)
        self._machine = HostMachine(design, Model(*model), cfu=self._cfu)

    def run(self, inputs: Sequence[NDArray[Any]]) -> NDArray[np.uint32]:
        """Run an inference; return function id, operands and answer of its first instructions."""
        with suppress(RunError):  # the instructions before the error are recorded
            self._machine(inputs)
        return self._cfu.recorded.copy()


def compare_with_reference(
    design: Design,
    parts: HostDesign,
    model: Model,
    inputs: Sequence[NDArray[Any]],
    name: str,
    most: int,
    timeout: float,
) -> Agreement:
    """Compare the answers to the kernels' first instructions with the reference.

    Parameters
    ----------
    design, parts
        The design, and its `HostDesign`.
    model, inputs, name
        The model, its inputs, and the name of the input.
    most
        How many instructions to compare at most.
    timeout
        Time limit of the inference, in seconds.
    """
    if not parts.kernels.folder or not design.instructions or design.memory_width:
        return Agreement(0)  # what a memory port reads cannot be recorded
    parts = replace(parts, sanitize=False)  # instructions and answers are the same without
    build_host_runtime(parts.kernels)
    with Apart(Recorder, parts, (model.data, model.name), most) as apart:
        try:
            words = apart.call("run", list(inputs), timeout=timeout)
        except LostError as error:
            return Agreement(0, failed=f"{parts.kernels.whose} {error}")
    commands = [Command(*row) for row in words[:, :3].tolist()]
    cfu, end = design.cfu(), time.monotonic() + SECONDS
    done: list[Command] = []

    def counted(command: Command) -> bool:
        done.append(command)
        return len(done) % 256 > 0 or time.monotonic() < end

    try:
        index = first_wrong_answer(cfu, takewhile(counted, commands), words[:, 3].tolist())
    except Exception as error:  # whatever the user's function raises
        where = f"instruction {len(done):,} of {name}"
        return Agreement(len(done) - 1, failed=f"{where}: {type(error).__name__}: {error}")
    if index is None:
        return Agreement(len(done))
    found = f"at instruction {index + 1:,} that the kernels gave for {name}"
    program = commands[: index + 1]
    return Agreement(index, find_disagreement(cfu, parts.verilog, program, None, found))
