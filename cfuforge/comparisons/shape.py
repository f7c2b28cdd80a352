"""The types of a comparison's document."""

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
    """The right outputs, and who says so."""

    outputs: list[list[Value]]
    """Values of each output tensor, flat."""


class JudgedOracle(OracleFacts):
    """The right outputs, and whether they are those of all runs."""

    outputs_match: bool
    """Whether every run equals the oracle, on every input, in all that was compared."""


@dataclass(frozen=True)
class InputResult:
    """One input of several: plain and on a CFU, beside the oracle.

    Parameters
    ----------
    name, sha256
        Of the input.
    cycles
        Clock cycles of each run; None where the target has no such clock.
    outputs, expected
        The last run's outputs and the oracle's, flat.
    exact
        Whether every run equals the oracle, in every layer that was compared.
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
        """Return the result of `runs` on one input, of which `expected` are the right outputs."""
        flat = [output.ravel().tolist() for output in expected]
        outputs = [[list(output) for output in run.outputs] for run in runs]
        exact = layers_match and all(each == flat for each in outputs)
        return cls(name, sha256, [run.cycles for run in runs], outputs[-1], flat, exact)


class ComparisonDocument(Head):
    """The same inference plain and with CFUs: what ``cfuforge sim`` and ``cfuforge run`` write."""

    schema: Literal["sim"]
    """What this is."""
    model: ModelFacts
    """The model."""
    input: InputFacts
    """The first input, which everything but `others` is about."""
    design: DesignFacts
    """The first CFU's design, or else the plain run's."""
    soc: SocFacts
    """The SoC of that run."""
    outputs: tuple[tuple[Value, ...], ...]
    """Values of each output tensor of that run, flat."""
    oracle: JudgedOracle
    """What is right."""
    plain: Run
    """The run without a CFU; on a board the only one, with the design that the board has."""
    cfu: Run | None
    """The run with the first CFU; null where there is none."""
    further: tuple[Run, ...]
    """The runs with further CFUs, in the order in which these were named."""
    spreads: tuple[Spread, ...]
    """Of each run the cycles in other link orders of its firmware, if they were asked for."""
    speed_up: float
    """Cycles of the plain run over those with the first CFU; 1 where either has none."""
    speed_ups: tuple[float, ...]
    """The same of every CFU."""
    labels: tuple[str, ...]
    """The names of the classes, or none."""
    others: tuple[InputResult, ...]
    """What further inputs gave."""
    compared: Count
    """How many values of layers were compared, of each run and input; 0 where only the outputs
    were, because the target does not tell more.
    """
    wrong_layer: str
    """Which layer is the first wrong one, in a sentence; empty when all is right."""
