"""The types of a build's document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from typing_extensions import TypedDict

from cfuforge.base.document import Count
from cfuforge.base.head import Head
from cfuforge.cfu.design import DesignFacts
from cfuforge.gateware.timing import Path
from cfuforge.sw.tflite_model import ModelFacts

__all__ = ["BuildDocument", "Step"]


@dataclass(frozen=True)
class Step:
    """A tool's run.

    Parameters
    ----------
    name
        The tool, or what it does.
    seconds
        How long it took, or did in an earlier build, in seconds.
    cached
        Whether that was an earlier build.
    """

    name: str
    seconds: float
    cached: bool


class Packed(TypedDict):
    """A kind of cell as place and route counts it."""

    used: Count
    """How many are used."""
    limit: Count
    """How many the FPGA has."""


class Resources(TypedDict):
    """The FPGA's resources: ``LUT``, ``FF``, ``BRAM``, ``DSP`` and its own."""

    limits: dict[str, Count]
    """How many of each the FPGA has."""
    used: dict[str, float]
    """How many the design takes."""
    left: dict[str, float]
    """How many a larger CFU could still have."""
    by_part: dict[str, dict[str, float]]
    """How many each part of the SoC takes, as synthesised, the largest part first."""
    packed: dict[str, Packed]
    """What place and route counts, by its names; empty before it."""


class Inference(TypedDict):
    """How long an inference takes, as simulated on the board; null where that is not known."""

    cycles: Count | None
    """Clock cycles."""
    clock_hz: Count
    """The board's clock, in Hz."""
    milliseconds: float | None
    """The same in milliseconds."""
    per_second: float | None
    """How many there are in a second."""


class ClockFacts(TypedDict):
    """The frequency that a clock may have."""

    net: str
    """Its net in the top module."""
    wanted_hz: float
    """What the SoC needs, in Hz."""
    reached_hz: float
    """What place and route estimates, in Hz."""
    path: Path | None
    """What limits it; null where that is not known."""
    left_out: Path | None
    """A path that takes longer by a rough sum, and does not count in that estimate; or null."""
    met: bool
    """Whether it is fast enough."""


class BuildDocument(Head):
    """A bitstream's build, as far as it came: what ``cfuforge bitstream`` writes."""

    schema: Literal["bitstream"]
    """What this is."""
    board: str
    """The board's name."""
    part: str
    """The FPGA's name, the manufacturer's."""
    design: DesignFacts
    """The CFU design."""
    model: ModelFacts
    """The model, whose operators the firmware has."""
    resources: Resources
    """What it takes of the FPGA."""
    inference: Inference
    """How long an inference takes."""
    clocks: list[ClockFacts]
    """How fast each clock may be; none before place and route."""
    steps: Sequence[Step]
    """The tools' runs, in order."""
    bitstream: str | None
    """The file; null when there is none."""
    dfu: str | None
    """The file for the board's bootloader; null when there is none."""
    failure: str
    """Why there is no bitstream; else empty."""
