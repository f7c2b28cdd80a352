"""The types of the documents of `cfuforge bench`."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from cfuforge.base.document import Count
from cfuforge.base.head import Head
from cfuforge.comparisons.verdict import OracleName
from cfuforge.sw.tflite_model import ModelFacts

__all__ = ["BenchDocument", "BenchRow", "BoardRow", "BoardsBenchDocument", "Floors"]


class Floors(TypedDict):
    """The cycles below which `engine` cannot get, for one reason each."""

    macs: Count
    """Multiply-accumulates of the model divided by 128, which is what it does in a cycle."""
    outputs: Count
    """Values that the layers write divided by 4, which it requantises in a cycle."""
    bytes: Count
    """Bytes that the layers read and write, each once, divided by 8, which its port moves in a
    cycle."""


class BenchRow(TypedDict):
    """A model with each design on board `sim`."""

    model: ModelFacts
    """The model."""
    title: str
    """Its usual name; empty if it has none."""
    tflm: Count | None
    """Clock cycles with TFLM's reference kernels, measured once, to three digits; null if they
    were not."""
    plain: Count
    """Clock cycles with the plain C kernels."""
    simd_mac: Count
    """Clock cycles with `simd_mac`."""
    engine: Count
    """Clock cycles with `engine`."""
    floors: Floors
    """The bounds for `engine`."""
    compared: Count
    """Number of layer values compared with the oracle's, per run."""
    wrong: str
    """A sentence on what differs; empty if all is right."""


class BenchDocument(Head):
    """Several models with each design, beside the floors: written by ``cfuforge bench``."""

    schema: Literal["bench"]
    """The type of this document."""
    oracle: OracleName
    """The oracle."""
    rows: list[BenchRow]
    """The models."""


class BoardRow(TypedDict):
    """A model on a board."""

    board: str
    """The board's name."""
    clock_hz: Count
    """The board's clock, in Hz."""
    design: str
    """The spec of the design."""
    model: ModelFacts
    """The model."""
    title: str
    """Its usual name, or that of its file."""
    cycles: Count | None
    """Clock cycles of an inference; null if it does not run there."""
    milliseconds: float | None
    """The time of an inference in milliseconds."""
    per_second: float | None
    """The number of inferences per second."""
    arena: str
    """The memory that holds the tensor arena; empty if it does not run there."""
    refused: str
    """Why it does not run; empty if it does."""
    wrong: str
    """A sentence on what differs from the oracle; empty if all is right."""


class BoardsBenchDocument(Head):
    """Several models on several boards: written by ``cfuforge bench --board``."""

    schema: Literal["bench-boards"]
    """The type of this document."""
    oracle: OracleName
    """The oracle."""
    rows: list[BoardRow]
    """The models on the boards."""
