"""The types of the document that describes a build."""

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
    """A run of a tool.

    Parameters
    ----------
    name
        The tool, or what it does.
    seconds
        How long it took, now or in the earlier build, in seconds.
    cached
        Whether the result is from an earlier build.
    """

    name: str
    seconds: float
    cached: bool


class Packed(TypedDict):
    """The count of a kind of cell by place and route."""

    used: Count
    """The number in use."""
    limit: Count
    """The number that the FPGA has."""


class Resources(TypedDict):
    """The FPGA's resources: ``LUT``, ``FF``, ``BRAM``, ``DSP`` and others of its family."""

    limits: dict[str, Count]
    """The number of each that the FPGA has."""
    used: dict[str, float]
    """The number that the design takes."""
    left: dict[str, float]
    """The number that is left for a larger CFU."""
    by_part: dict[str, dict[str, float]]
    """The number that each part of the SoC takes, as synthesised, the largest part first."""
    packed: dict[str, Packed]
    """The cells counted by place and route, under its names; empty before it."""


class Inference(TypedDict):
    """The time of an inference, as simulated on the board; null when unknown."""

    cycles: Count | None
    """Clock cycles."""
    clock_hz: Count
    """The board's clock, in Hz."""
    milliseconds: float | None
    """The time in milliseconds."""
    per_second: float | None
    """The number of inferences per second."""


class ClockFacts(TypedDict):
    """The required and estimated frequency of a clock."""

    net: str
    """Its net in the top module."""
    wanted_hz: float
    """The frequency that the SoC needs, in Hz."""
    reached_hz: float
    """The maximum frequency that the slowest path allows, in Hz."""
    path: Path | None
    """The slowest path, which limits it; null when unknown."""
    routed_hz: float | None
    """The maximum by place and route's own report, if that ignores the slowest path; or null."""
    met: bool
    """Whether the clock is fast enough."""


class BuildDocument(Head):
    """The report of a bitstream's build, as ``cfuforge bitstream`` writes it."""

    schema: Literal["bitstream"]
    """The kind of document."""
    board: str
    """The board's name."""
    part: str
    """The FPGA's part name."""
    design: DesignFacts
    """The CFU design."""
    model: ModelFacts | None
    """The model, whose operators the device firmware has; null for a program of the user's own."""
    program: str | None
    """The program that the board starts; null for the device firmware."""
    resources: Resources
    """The resources that the design takes."""
    inference: Inference
    """The time of an inference."""
    clocks: list[ClockFacts]
    """The speed of each clock; empty before place and route."""
    steps: Sequence[Step]
    """The runs of tools, in order."""
    bitstream: str | None
    """The bitstream's file; null when there is none."""
    dfu: str | None
    """The file for the board's bootloader; null when there is none."""
    failure: str
    """Why there is no bitstream; empty when there is one."""
