"""The types of the document of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from cfuforge.base.document import Count
from cfuforge.base.head import Head
from cfuforge.cfu.design import DesignFacts
from cfuforge.comparisons.spread import Spread
from cfuforge.comparisons.verdict import OracleName
from cfuforge.inputs.files import InputFacts
from cfuforge.sw.run import Run, SocFacts, Value
from cfuforge.sw.tflite_model import ModelFacts

__all__ = ["ComparisonDocument", "InputResult", "OracleFacts"]


class OracleFacts(OracleName):
    """The oracle and its outputs."""

    outputs: list[list[Value]]
    """Values of each output tensor, flattened."""


class JudgedOracle(OracleFacts):
    """The oracle's outputs, and whether all runs match them."""

    outputs_match: bool
    """Whether every run equals the oracle, on every input, in everything compared."""


@dataclass(frozen=True)
class InputResult:
    """One of several inputs: plain and on a CFU, compared with the oracle.

    Parameters
    ----------
    name, sha256
        Name and SHA-256 of the input.
    cycles
        Clock cycles of each run; None if the target has no such clock.
    outputs, expected
        The outputs of the last run and of the oracle, flattened.
    exact
        Whether every run equals the oracle in every layer compared.
    """

    name: str
    sha256: str
    cycles: list[Count | None]
    outputs: list[list[Value]]
    expected: list[list[Value]]
    exact: bool

    @classmethod
    def of(
        cls,
        name: str,
        sha256: str,
        runs: Sequence[Run],
        expected: Sequence[NDArray[Any]],
        layers_match: bool,
    ) -> InputResult:
        """Return the result of `runs` on one input, whose right outputs are `expected`."""
        flat = [output.ravel().tolist() for output in expected]
        outputs = [[list(output) for output in run.outputs] for run in runs]
        exact = layers_match and all(each == flat for each in outputs)
        return cls(name, sha256, [run.cycles for run in runs], outputs[-1], flat, exact)


class ComparisonDocument(Head):
    """The same inference plain and with CFUs: written by ``cfuforge sim`` and ``cfuforge run``."""

    schema: Literal["sim"]
    """The type of this document."""
    model: ModelFacts
    """The model."""
    input: InputFacts
    """The first input; everything but `others` is about it."""
    design: DesignFacts
    """Design of the first CFU, or else of the plain run."""
    soc: SocFacts
    """The SoC of that run."""
    outputs: tuple[tuple[Value, ...], ...]
    """Values of each output tensor of that run, flattened."""
    oracle: JudgedOracle
    """The oracle's verdict."""
    plain: Run
    """The run without a CFU; on a board the only run, with whatever design the board has."""
    cfu: Run | None
    """The run with the first CFU; null if there is none."""
    further: tuple[Run, ...]
    """Runs with further CFUs, in the order in which these were named."""
    spreads: tuple[Spread, ...]
    """For each run, its cycles in other link orders of the firmware, if requested."""
    speed_up: float
    """Cycles of the plain run divided by those with the first CFU; 1 if either has none."""
    speed_ups: tuple[float, ...]
    """The same for every CFU."""
    labels: tuple[str, ...]
    """Names of the classes, if known."""
    others: tuple[InputResult, ...]
    """Results of further inputs."""
    compared: Count
    """Number of layer values compared, per run and input; 0 if only outputs were compared,
    because the target reports no more."""
    wrong_layer: str
    """The first wrong layer, in a sentence; empty if all are right."""
