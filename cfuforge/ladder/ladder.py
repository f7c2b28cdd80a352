"""Run a model on each rung: plain C, `simd_mac`, and `engine` as it grows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cfuforge.base.progress import SILENT, Progress
from cfuforge.cfu.design import Design
from cfuforge.cfu.designs.engine import Engine
from cfuforge.comparisons.compare import simulate
from cfuforge.comparisons.comparison import Comparison
from cfuforge.defaults import ModelChoice
from cfuforge.gateware.area import area
from cfuforge.ladder.shape import Area, LadderRow

__all__ = ["RUNGS", "Rung", "climb", "rows_of"]

FAMILY = "xc7"
SIMD_MAC_MACS = 4


class Rung(NamedTuple):
    """A design, and its advance over the one before."""

    spec: str
    step: str


RUNGS = (
    Rung("none", "plain C"),
    Rung("simd_mac", "4 MACs, fed by the CPU"),
    Rung("engine:target=up5k", "12 MACs, own port of 4 bytes, 1 output in 2 cycles"),
    Rung("engine:width=4,filters=4,requantisers=1,packing=1", "64 MACs, 1 output a cycle"),
    Rung("engine:filters=4,requantisers=1,packing=1", "port of 8 bytes"),
    Rung("engine:filters=4,packing=1", "4 outputs a cycle"),
    Rung("engine", "128 MACs, two in a multiplier"),
)


def climb(
    model: ModelChoice = None,
    rungs: Sequence[Rung] = RUNGS,
    *,
    areas: bool = True,
    progress: Progress = SILENT,
) -> tuple[Comparison, list[LadderRow]]:
    """Run a model with each rung's design on board `sim`, and measure the designs' areas.

    Parameters
    ----------
    model
        A ``.tflite`` file, run on a random input; by default the project's own model and its input.
    rungs
        The designs, the first of which is ``none``.
    areas
        Whether to synthesise the designs.
    progress
        Receives the progress.

    Returns
    -------
    tuple
        The comparison of all runs, and a row for each rung.
    """
    found = simulate(model, cfu=[rung.spec for rung in rungs[1:]], progress=progress)
    return found, rows_of(found, rungs, areas=areas, progress=progress)


def rows_of(
    found: Comparison, rungs: Sequence[Rung], *, areas: bool, progress: Progress = SILENT
) -> list[LadderRow]:
    """Return a row for each rung of a comparison whose designs they are."""
    rows: list[LadderRow] = []
    for rung, run in zip(rungs, found.runs, strict=True):
        design = Design.load(rung.spec)
        macs, most, cycles = found.model["macs"], _macs_of(design), run.cycles or 0
        rows.append(
            {
                "design": design.identity,
                "step": rung.step,
                "cycles": cycles,
                "macs_per_cycle": macs / cycles,
                "utilisation": macs / cycles / most if most else None,
                "area": _area(design, progress) if areas else None,
            }
        )
    return rows


def _macs_of(design: Design) -> int:
    """Return the multiply-accumulates that a design does in a cycle; 0 if it has no multiplier."""
    cfu = design.cfu()
    if isinstance(cfu, Engine):
        return cfu.configuration.macs
    return SIMD_MAC_MACS if design.name == "simd_mac" else 0


def _area(design: Design, progress: Progress) -> Area | None:
    if design.name == "none":
        return None
    progress.phase(f"area of {design.spec}")
    used = area(design, FAMILY)
    return {"lut": used["LUT"], "ff": used["FF"], "bram": used["BRAM"], "dsp": used["DSP"]}
