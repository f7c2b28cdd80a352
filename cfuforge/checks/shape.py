"""The types of a check's document."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from cfuforge.base.document import Count
from cfuforge.base.head import Head
from cfuforge.cfu.design import DesignFacts
from cfuforge.comparisons.first_wrong import Difference
from cfuforge.comparisons.verdict import OracleName
from cfuforge.inputs.labels import AccuracyFacts
from cfuforge.sim.disagreement import DisagreementFacts
from cfuforge.sw.run import LayerRun, Value
from cfuforge.sw.tflite_model import ModelFacts

__all__ = ["CheckDocument", "InputAnswer"]


class CheckOracle(OracleName):
    """Who says what is right, and whether all inputs are."""

    outputs_match: bool
    """Whether every output and every layer of every input equals the oracle's."""


class InputAnswer(TypedDict):
    """One input and what the design made of it."""

    name: str
    """The file's name, or what the values are."""
    sha256: str
    """The hash of all values, of all of the model's inputs, in hexadecimal."""
    wrong_values: Count
    """How many values of the outputs differ from the oracle's."""
    first_wrong_layer: Difference | None
    """The first wrong layer; null when there is none."""
    largest: Count
    """The class of the largest score, from 0."""
    true_class: Count | None
    """The true one; null where it is not known."""
    outputs: list[list[Value]]
    """Values of each output tensor, flat."""


class HardwareFacts(TypedDict):
    """Whether the CFU's hardware answers as its reference does."""

    compared_instructions: Count
    """How many of the first instructions after reset."""
    disagreement: DisagreementFacts | None
    """The first wrong answer among them; null when there is none."""
    reference_failed: str
    """What the reference could not take, in a sentence, or nothing."""


class CheckDocument(Head):
    """Many inputs on the host, each compared with the oracle: what ``cfuforge check`` writes."""

    schema: Literal["check"]
    """What this is."""
    model: ModelFacts
    """The model."""
    design: DesignFacts
    """The design that was checked."""
    oracle: CheckOracle
    """Whether it is right."""
    cfu_instructions: Count
    """How many instructions the CFU has executed for all inputs."""
    layers: tuple[LayerRun, ...]
    """What ran each operator."""
    inputs: list[InputAnswer]
    """In the order in which they were named."""
    mismatches: Count
    """How many of them are wrong."""
    labels: tuple[str, ...]
    """The names of the classes; empty when the user gave none."""
    hardware_and_reference: HardwareFacts
    """For the first wrong input, or the first."""
    accuracy: AccuracyFacts | None
    """Of the inputs whose true class is known; null where there are none."""
    inferences: Count
    """How many were compared from each input on, without a reset: those of the inputs after it."""
    seconds: float
    """How long the inputs took, in seconds."""
    processes: Count
    """How many were checked side by side."""
    inputs_per_second: float
    """How many were checked in a second."""
