"""The types of the document of an inspection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from typing_extensions import TypedDict

from cfuforge.base.document import Count
from cfuforge.base.head import Head
from cfuforge.inspection.arena import Arena
from cfuforge.inspection.measured import Measured
from cfuforge.inspection.predicted import Prediction
from cfuforge.sw.memory_plan import Buffer
from cfuforge.sw.tflite_model import ModelFacts

__all__ = ["InspectionDocument", "OperatorFacts", "TensorFacts"]


class TensorFacts(TypedDict):
    """A tensor."""

    name: str
    """Name of the tensor."""
    shape: list[int]
    """Shape, NHWC."""
    dtype: str
    """Type, such as ``int8``."""
    constant: bool
    """Whether it is a constant, whose values are in the model."""


class OperatorFacts(TypedDict):
    """An operator."""

    index: Count
    """Position in the model."""
    operator: str
    """TFLite's name, such as ``CONV_2D``."""
    options: dict[str, bool | int | float]
    """Numeric options, by their names in TFLite's schema."""
    inputs: list[TensorFacts | None]
    """Its input tensors; null for an input that is left out."""
    outputs: list[TensorFacts]
    """Its output tensors."""
    macs: Count
    """Multiply-accumulates."""
    weight_bytes: Count
    """Bytes of the constants."""
    supported: bool
    """Whether the runtime supports it."""
    reason: str
    """Why it is not supported, in a sentence; otherwise empty."""


class InspectionDocument(Head):
    """The parts of a model and what it needs: written by ``cfuforge model inspect``."""

    schema: Literal["inspect"]
    """The type of this document."""
    model: ModelFacts
    """The model."""
    subgraphs: Count
    """Number of subgraphs."""
    supported: bool
    """Whether the runtime accepts the model."""
    refused: str
    """Why the runtime refuses it, in a sentence; empty if it accepts it."""
    macs: Count
    """Multiply-accumulates of one inference."""
    weight_bytes: Count
    """Bytes of all constants."""
    inputs: list[TensorFacts]
    """The model's input tensors."""
    outputs: list[TensorFacts]
    """The model's output tensors."""
    operators: list[OperatorFacts]
    """The operators, in the order of execution."""
    plan: Sequence[Buffer]
    """Places and lifetimes of activations, and of the first design's scratch, in the arena."""
    arenas: Sequence[Arena]
    """The tensor arena with each design."""
    predictions: Sequence[Prediction]
    """What the layers take with each design that has kernels, predicted."""
    runs: Sequence[Measured]
    """The latest runs in the cache."""
