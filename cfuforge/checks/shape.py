"""The types of the document of `cfuforge check`."""

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
    """The oracle, and whether all inputs agree with it."""

    outputs_match: bool
    """Whether every output and every layer of every input equals the oracle's."""


class InputAnswer(TypedDict):
    """One input and the design's answer."""

    name: str
    """Name of the file, or a description of the values."""
    sha256: str
    """SHA-256 of all values of all model inputs, in hexadecimal."""
    wrong_values: Count
    """Number of output values that differ from the oracle's."""
    first_wrong_layer: Difference | None
    """The first wrong layer; null if there is none."""
    largest: Count
    """The class of the largest score, from 0."""
    true_class: Count | None
    """The true class; null if not known."""
    outputs: list[list[Value]]
    """Values of each output tensor, flattened."""


class HardwareFacts(TypedDict):
    """Whether the CFU's hardware agrees with its reference."""

    compared_instructions: Count
    """Number of instructions compared, from reset on."""
    disagreement: DisagreementFacts | None
    """The first wrong result among them; null if there is none."""
    reference_failed: str
    """Why the reference failed, in a sentence; empty if it did not."""


class CheckDocument(Head):
    """Many inputs on the host, each compared with the oracle: written by ``cfuforge check``."""

    schema: Literal["check"]
    """The type of this document."""
    model: ModelFacts
    """The model."""
    design: DesignFacts
    """The design that was checked."""
    oracle: CheckOracle
    """The oracle's verdict."""
    cfu_instructions: Count
    """Number of instructions that the CFU executed for all inputs."""
    layers: tuple[LayerRun, ...]
    """A record of each operator's run."""
    inputs: list[InputAnswer]
    """The inputs, in the order in which they were named."""
    mismatches: Count
    """Number of wrong inputs."""
    labels: tuple[str, ...]
    """Names of the classes; empty if the user gave none."""
    hardware_and_reference: HardwareFacts
    """Comparison for the first wrong input, or else for the first."""
    accuracy: AccuracyFacts | None
    """Accuracy on the inputs whose true class is known; null if there are none."""
    inferences: Count
    """Inferences compared per input without a reset: its own, then those of the next inputs."""
    seconds: float
    """Time for all inputs, in seconds."""
    processes: Count
    """Number of parallel processes."""
    inputs_per_second: float
    """Inputs checked per second."""
