"""The main job: one model and input on the simulated SoC, plain and with a CFU."""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.cfu.component import Cfu
from cfuforge.cfu.design import Design
from cfuforge.inputs import load_input, random_input
from cfuforge.sim.run import Comparison
from cfuforge.sim.simulator import Progress
from cfuforge.sim.target import SimTarget, Trace
from cfuforge.soc.board import board as board_named
from cfuforge.sw import models
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model

__all__ = ["Report", "simulate"]


class Report:
    """Where `simulate` tells how far it is; this one says nothing."""

    def phase(self, name: str) -> None:
        """Tell that the phase `name` begins."""

    def progress(self, state: Progress, done: float) -> None:
        """Tell how far the simulation is: `done` of 1."""


def simulate(
    model: Path | str | None = None,
    input: Path | str | NDArray[Any] | None = None,
    cfu: str | type[Cfu] | Design = "simd_mac",
    board: str = "sim",
    *,
    trace: Trace | None = None,
    max_cycles: int | None = None,
    cfu_timeout: int = 100_000,
    report: Report | None = None,
) -> Comparison:
    """Run one inference plain and on a CFU, and compare both with TensorFlow Lite Micro.

    Parameters
    ----------
    model
        A ``.tflite`` file; by default the project's own keyword-spotting model.
    input
        A ``.npy`` or ``.wav`` file, or an array; by default a sample of the default model, and
        seeded random numbers for any other.
    cfu
        ``NAME``, ``NAME:key=value``, ``package.module:Class``, a `Cfu` class or a `Design`.
    board
        The board whose SoC is simulated.
    trace
        A waveform to write of the run with the CFU.
    max_cycles
        Give up a run after so many cycles.
    cfu_timeout
        Give up after so many cycles without an answer of the CFU.
    report
        Told about phases and progress.

    Returns
    -------
    Comparison
        Both runs and the oracle's outputs; `Comparison.exact` tells whether all outputs are equal.
    """
    report = report or Report()
    design = _design(cfu)
    chosen = board_named(board)
    loaded = Model.read(model or models.KWS_MODEL)
    array, input_name = _input(input, loaded, default_model=model is None)
    runs = []
    for each in [Design.load("none")] + ([] if design.name == "none" else [design]):
        target = SimTarget(each, chosen, say=report.phase)
        runs.append(
            target.run(
                loaded,
                [array],
                max_cycles=max_cycles,
                patience=cfu_timeout,
                trace=trace if each.name == design.name else None,
                progress=report.progress,
            )
        )
    # After our runtime has accepted the model: TFLM trusts what a damaged file says.
    outputs = Oracle(loaded)(array)
    return Comparison(
        model={"name": loaded.name, "sha256": loaded.sha256, "macs": loaded.macs},
        input={
            "name": input_name,
            "sha256": hashlib.sha256(array.tobytes()).hexdigest(),
            "shape": list(array.shape),
        },
        oracle={
            "name": "tflite-micro",
            "version": version("tflite-micro"),
            "outputs": [output.ravel().tolist() for output in outputs],
        },
        plain=runs[0],
        cfu=runs[1] if len(runs) > 1 else None,
        labels=models.KWS_LABELS if model is None else (),
    )


def _design(cfu: str | type[Cfu] | Design) -> Design:
    if isinstance(cfu, Design):
        return cfu
    return Design.load(cfu) if isinstance(cfu, str) else Design(cfu)


def _input(
    given: Path | str | NDArray[Any] | None, model: Model, default_model: bool
) -> tuple[NDArray[Any], str]:
    if isinstance(given, np.ndarray):
        return given, "array"
    if given is not None:
        return load_input(Path(given), model), Path(given).name
    if default_model:
        sample = models.kws_inputs()[models.KWS_LABELS.index("yes")]
        return load_input(sample, model), sample.name
    return random_input(model), "random (seed 0)"
