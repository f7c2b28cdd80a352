"""The types of an inspection's document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from typing_extensions import TypedDict

from cfuforge.base.document import Count
from cfuforge.base.head import Head
from cfuforge.inspection.arena import Arena
from cfuforge.inspection.measured import Measured
from cfuforge.sw.memory_plan import Buffer
from cfuforge.sw.tflite_model import ModelFacts

__all__ = ["InspectionDocument", "OperatorFacts", "TensorFacts"]


class TensorFacts(TypedDict):
    """A tensor."""

    name: str
    """Its name."""
    shape: list[int]
    """Its shape, NHWC."""
    dtype: str
    """Its type, such as ``int8``."""
    constant: bool
    """Whether the model has its values."""


class OperatorFacts(TypedDict):
    """An operator."""

    index: Count
    """Position in the model."""
    operator: str
    """TFLite's name, such as ``CONV_2D``."""
    options: dict[str, bool | int | float]
    """Its options that are numbers, by their names in TFLite's schema."""
    inputs: list[TensorFacts | None]
    """Its tensors; null for an input that is left out."""
    outputs: list[TensorFacts]
    """Its tensors; null for an input that is left out."""
    macs: Count
    """Multiply-accumulates."""
    weight_bytes: Count
    """Bytes of its constants."""
    supported: bool
    """Whether it runs."""
    reason: str
    """Why it does not, in a sentence; else empty."""


class InspectionDocument(Head):
    """What a model is made of and needs: what ``cfuforge model inspect`` writes."""

    schema: Literal["inspect"]
    """What this is."""
    model: ModelFacts
    """The model."""
    subgraphs: Count
    """How many it has."""
    supported: bool
    """Whether it runs."""
    refused: str
    """Why the runtime refuses it, in a sentence; empty when it takes it."""
    macs: Count
    """Multiply-accumulates of one inference."""
    weight_bytes: Count
    """Bytes of all constants."""
    inputs: list[TensorFacts]
    """The model's tensors."""
    outputs: list[TensorFacts]
    """The model's tensors."""
    operators: list[OperatorFacts]
    """In the order of execution."""
    plan: Sequence[Buffer]
    """Where activations lie in the tensor arena and how long, with the first design's scratch."""
    arenas: Sequence[Arena]
    """The tensor arena with each design."""
    runs: Sequence[Measured]
    """The latest runs in the cache."""
