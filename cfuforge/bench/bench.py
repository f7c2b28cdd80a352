"""Run models in plain C, with `simd_mac` and with `engine`, and find the floors."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from pathlib import Path

from cfuforge.base.errors import InputError
from cfuforge.base.progress import SILENT, Progress
from cfuforge.bench.shape import BenchRow, Floors
from cfuforge.comparisons.compare import simulate
from cfuforge.comparisons.known_models import known
from cfuforge.sw import models
from cfuforge.sw.tflite_model import Model

__all__ = ["bench", "floors", "models_in"]

DESIGNS = ("simd_mac", "engine")
MACS, OUTPUTS, BYTES = 128, 4, 8  # of `engine`, in a cycle


def bench(files: Sequence[Path] = (), progress: Progress = SILENT) -> list[BenchRow]:
    """Run the project's own model and others on board `sim` with each design.

    Parameters
    ----------
    files
        ``.tflite`` files to run after the project's own model, each on one random input.
    progress
        Receives the progress, and a note with the result of each model.
    """
    rows = []
    for number, file in enumerate([None, *files], 1):
        progress.phase(f"model {number} of {len(files) + 1}")
        row = _row(file, progress)
        rows.append(row)
        judged = row["wrong"] or "exact"
        progress.note(f"{row['model']['name']}: {row['engine']:,} cycles with engine, {judged}")
    return rows


def models_in(folder: Path) -> list[Path]:
    """Return the ``.tflite`` files in `folder`, by name.

    Raises
    ------
    InputError
        When there is none.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder: name one with .tflite files")
    found = sorted(folder.glob("*.tflite"))
    if not found:
        raise InputError(f"{folder} has no .tflite file: name a folder that has some")
    return found


def floors(model: Model) -> Floors:
    """Return the cycles below which `engine` cannot get."""
    written = sum(prod(tensor.shape) for each in model.operators for tensor in each.outputs)
    moved = sum(
        tensor.nbytes
        for each in model.operators
        for tensor in (*each.inputs, *each.outputs)
        if tensor
    )
    return {
        "macs": -(-model.macs // MACS),
        "outputs": -(-written // OUTPUTS),
        "bytes": -(-moved // BYTES),
    }


def _row(file: Path | None, progress: Progress) -> BenchRow:
    found = simulate(file, cfu=DESIGNS, progress=progress)
    model = Model.read(file or models.KWS_MODEL)
    about = known(model.macs, len(model.operators))
    plain, simd_mac, engine = (run.cycles or 0 for run in found.runs)
    outputs_differ = "" if found.exact else f"The outputs of {model.name} differ from TFLM's."
    return {
        "model": model.facts,
        "title": about.title if about else "",
        "tflm": about.tflm if about else None,
        "plain": plain,
        "simd_mac": simd_mac,
        "engine": engine,
        "floors": floors(model),
        "compared": found.compared,
        "wrong": found.wrong_layer or outputs_differ,
    }
