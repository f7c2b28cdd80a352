"""The report of a build: the bitstream's resources and speed, and the time of each step."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cfuforge.base.document import as_json
from cfuforge.base.head import head_now
from cfuforge.cfu.design import DesignFacts
from cfuforge.gateware.shape import BuildDocument, Step
from cfuforge.gateware.timing import Clock, proven_hz
from cfuforge.soc.board import Board
from cfuforge.sw.tflite_model import ModelFacts

__all__ = ["BuildReport"]


@dataclass
class BuildReport:
    """The report of a build, up to the step that it reached.

    Parameters
    ----------
    board
        The board.
    design, model, versions
        The design and model that were built, and the versions of the tools; no model if there is a
        `program`.
    steps
        The runs of tools, in order.
    counted
        The resources that are counted so far; logic cells of an iCE40 are counted once packed.
    used_by_part
        Resources by part of the SoC, as synthesised, the largest part first.
    packed
        Used and available cells as counted by place and route, under its names.
    clocks
        The speed of each clock; empty before place and route.
    bitstream
        The bitstream's file, when there is one.
    dfu
        The file for the board's bootloader, when the board has one.
    failure
        Why there is no bitstream.
    cycles
        Clock cycles of one inference of the model with the design, as simulated on the board; None
        when unknown.
    program
        Name of the program that the board starts, if it is not the device firmware.
    """

    board: Board
    design: DesignFacts
    model: ModelFacts | None
    versions: dict[str, str]
    steps: list[Step] = field(default_factory=list)
    counted: set[str] = field(default_factory=set)
    used_by_part: dict[str, dict[str, float]] = field(default_factory=dict)
    packed: dict[str, tuple[int, int]] = field(default_factory=dict)
    clocks: tuple[Clock, ...] = ()
    bitstream: Path | None = None
    dfu: Path | None = None
    failure: str = ""
    cycles: int | None = None
    program: str | None = None

    @property
    def milliseconds(self) -> float | None:
        """The time of an inference at the board's clock, in milliseconds."""
        return 1e3 * self.cycles / self.board.clock_hz if self.cycles else None

    @property
    def per_second(self) -> float | None:
        """The number of inferences per second."""
        return self.board.clock_hz / self.cycles if self.cycles else None

    @property
    def proven_hz(self) -> int | None:
        """The fastest clock of the board that the timing of this build allows, if it is known."""
        return proven_hz(self.clocks, self.board) if self.clocks else None

    @property
    def part(self) -> str:
        """The FPGA's name."""
        return self.board.require_fpga().part

    @property
    def limits(self) -> dict[str, int]:
        """The FPGA's amount of each counted resource."""
        limits = self.board.require_fpga().limits
        return {name: limit for name, limit in limits.items() if name in self.counted}

    @property
    def used(self) -> dict[str, float]:
        """The design's amount of each counted resource."""
        totals: Counter[str] = Counter()
        for part in self.used_by_part.values():
            totals.update(part)
        return {name: totals[name] for name in self.limits}

    @property
    def left(self) -> dict[str, float]:
        """The amount of each resource that is left for a larger CFU."""
        used = self.used
        return {name: limit - used[name] for name, limit in self.limits.items()}

    def to_json(self) -> dict[str, Any]:
        """Return the report as a value for ``json.dumps``."""
        document: BuildDocument = {
            "schema": "bitstream",
            **head_now(self.versions),
            "board": self.board.name,
            "part": self.part,
            "design": self.design,
            "model": self.model,
            "program": self.program,
            "resources": {
                "limits": self.limits,
                "used": self.used,
                "left": self.left,
                "by_part": self.used_by_part,
                "packed": {n: {"used": u, "limit": e} for n, (u, e) in self.packed.items()},
            },
            "inference": {
                "cycles": self.cycles,
                "clock_hz": self.board.clock_hz,
                "milliseconds": self.milliseconds,
                "per_second": self.per_second,
            },
            "clocks": [
                {
                    "net": clock.net,
                    "wanted_hz": clock.wanted_hz,
                    "reached_hz": clock.reached_hz,
                    "path": clock.path,
                    "routed_hz": clock.routed_hz,
                    "met": clock.is_met,
                }
                for clock in self.clocks
            ],
            "steps": self.steps,
            "bitstream": str(self.bitstream) if self.bitstream else None,
            "dfu": str(self.dfu) if self.dfu else None,
            "failure": self.failure,
        }
        return as_json(document)
