"""The types of the document of `cfuforge ladder`."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from cfuforge.base.document import Count
from cfuforge.base.head import Head
from cfuforge.cfu.design import DesignFacts
from cfuforge.comparisons.verdict import OracleName
from cfuforge.sw.tflite_model import ModelFacts

__all__ = ["Area", "LadderDocument", "LadderRow"]


class Area(TypedDict):
    """The part of a Xilinx 7-series FPGA that a CFU takes, as yosys synthesises it."""

    lut: float
    """LUTs of up to 6 inputs."""
    ff: float
    """Flip-flops."""
    bram: float
    """Block RAMs of 36 kbit."""
    dsp: float
    """DSP48E1."""


class LadderRow(TypedDict):
    """A design on board `sim`."""

    design: DesignFacts
    """The design."""
    step: str
    """Its advance over the one before."""
    cycles: Count
    """Clock cycles of one inference."""
    macs_per_cycle: float
    """Multiply-accumulates of the model divided by the cycles."""
    utilisation: float | None
    """The same divided by what the design can do in a cycle; null without a multiplier."""
    area: Area | None
    """Its area; null if it has none or was not measured."""


class LadderDocument(Head):
    """One model with designs of growing size: written by ``cfuforge ladder``."""

    schema: Literal["ladder"]
    """The type of this document."""
    model: ModelFacts
    """The model."""
    oracle: OracleName
    """The oracle."""
    compared: Count
    """Number of layer values compared with the oracle's, per run."""
    wrong: str
    """A sentence on what differs; empty if all is right."""
    rows: list[LadderRow]
    """The designs, from the slowest on."""
