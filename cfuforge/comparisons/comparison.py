"""The comparison of a plain inference with inferences on CFUs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from cfuforge.base.document import as_json, document_text, read_document
from cfuforge.base.errors import InputError
from cfuforge.base.git import Commit
from cfuforge.base.head import head
from cfuforge.base.output import write_whole
from cfuforge.cfu.design import DesignFacts
from cfuforge.comparisons.shape import ComparisonDocument, InputResult, OracleFacts
from cfuforge.comparisons.spread import Spread
from cfuforge.inputs.files import InputFacts
from cfuforge.sw.run import Run, require_pandas
from cfuforge.sw.tflite_model import ModelFacts

__all__ = ["Comparison", "short_names"]

REMEDY = "write one with: cfuforge sim --json FILE"


@dataclass(frozen=True, repr=False)
class Comparison:
    """The same inference plain and on one or more CFUs, compared with the oracle.

    Parameters
    ----------
    model, input
        Their identities.
    oracle
        The oracle's name, version and outputs.
    plain, cfu
        The two runs; `cfu` is None if there was only one. On a board, `plain` is that one, with
        whatever design the board has.
    further
        Runs with further designs, in the order in which these were named.
    spreads
        For each of `runs`, its cycles in other link orders of the firmware, if requested.
    labels
        Names of the classes, if known.
    others
        Results of further inputs.
    compared
        Number of layer values compared, per run and input; 0 if only outputs were compared, because
        the target reports no more.
    wrong_layer
        The first wrong layer, in a sentence; empty if all are right.
    git
        The commit of the working folder at the time, if any.
    """

    model: ModelFacts
    input: InputFacts
    oracle: OracleFacts
    plain: Run
    cfu: Run | None
    labels: tuple[str, ...] = ()
    others: tuple[InputResult, ...] = ()
    compared: int = 0
    wrong_layer: str = ""
    further: tuple[Run, ...] = ()
    spreads: tuple[Spread, ...] = ()
    git: Commit | None = None

    @property
    def runs(self) -> tuple[Run, ...]:
        """All runs, plain first."""
        return (self.plain, *self.cfus)

    @property
    def cfus(self) -> tuple[Run, ...]:
        """All runs with a CFU."""
        return () if self.cfu is None else (self.cfu, *self.further)

    @property
    def names(self) -> tuple[str, ...]:
        """The shortest distinct names of `cfus`."""
        return short_names([run.design for run in self.cfus])

    @property
    def cycles(self) -> tuple[int | None, ...]:
        """Cycles of each of `runs`; medians if there are `spreads`."""
        if self.spreads:
            return tuple(each.median for each in self.spreads)
        return tuple(run.cycles for run in self.runs)

    @property
    def speed_up(self) -> float:
        """Cycles of the plain run divided by those of the first CFU's; 1 if either has none."""
        return self.speed_ups[0] if self.cfu else 1.0

    @property
    def speed_ups(self) -> tuple[float, ...]:
        """`speed_up` of each of `cfus`."""
        plain, *others = self.cycles
        return tuple(plain / each if plain and each else 1.0 for each in others)

    def matches(self, run: Run) -> bool:
        """Return whether every output value of `run` equals the oracle's."""
        return [list(output) for output in run.outputs] == self.oracle["outputs"]

    @property
    def exact(self) -> bool:
        """Whether every run equals the oracle, on every input, in everything compared."""
        results = [*map(self.matches, self.runs), *(other.exact for other in self.others)]
        return all(results) and not self.wrong_layer

    def __repr__(self) -> str:
        names = ("plain C", *self.names) if self.cfu else (self.plain.design["spec"],)
        counts = ("unknown" if each is None else f"{each:,}" for each in self.cycles)
        pairs = ", ".join(f"{name} {count}" for name, count in zip(names, counts, strict=True))
        judged = "exact" if self.exact else "wrong"
        return f"<Comparison {self.model['name']}, {judged}, cycles: {pairs}>"

    def _repr_html_(self) -> str:
        from cfuforge.comparisons.table import comparison_html

        return comparison_html(self)

    def plot(self) -> Any:
        """Draw the cycles of each layer, plain and with each CFU.

        Returns
        -------
        matplotlib.figure.Figure
            A notebook shows it; ``savefig("x.svg")`` saves it.

        Raises
        ------
        EnvironmentLacksError
            When matplotlib is not installed.
        """
        from cfuforge.comparisons.charts import comparison_chart

        return comparison_chart(self)

    def to_frame(self) -> Any:
        """Return the layers of all runs as a pandas DataFrame, as `cfuforge sim` shows them.

        One design has the columns ``cfu`` and ``by``; several have columns named after each.

        Raises
        ------
        EnvironmentLacksError
            When pandas is not installed.
        """
        rows = []
        for plain in self.plain.layers:
            row = {
                "operator": plain.operator,
                "filter": "x".join(map(str, plain.filter_shape[1:3])) if plain.macs else "",
                "output": "x".join(map(str, plain.output_shape[1:] or plain.output_shape)),
                "macs": plain.macs,
                "plain": plain.cycles,
            }
            layers = [run.layers[plain.index] for run in self.cfus]
            if len(layers) < 2:
                layer = layers[0] if layers else replace(plain, cycles=None)
                row |= {"cfu": layer.cycles, "by": layer.kernel}
            for name, layer in zip(self.names, layers if len(layers) > 1 else (), strict=False):
                row |= {name: layer.cycles, f"by {name}": layer.kernel}
            rows.append(row)
        return require_pandas().DataFrame(rows)

    def to_json(self) -> dict[str, Any]:
        """Return a value that ``json.dumps`` takes: the fields and values derived from them."""
        last = self.cfu or self.plain
        document: ComparisonDocument = {
            "schema": "sim",
            **head(last.tools, self.git),
            "model": self.model,
            "input": self.input,
            "design": last.design,
            "soc": last.soc,
            "outputs": last.outputs,
            "oracle": {**self.oracle, "outputs_match": self.exact},
            "plain": self.plain,
            "cfu": self.cfu,
            "further": self.further,
            "spreads": self.spreads,
            "speed_up": self.speed_up,
            "speed_ups": self.speed_ups,
            "labels": self.labels,
            "others": self.others,
            "compared": self.compared,
            "wrong_layer": self.wrong_layer,
        }
        return as_json(document)

    def save(self, path: str | Path) -> None:
        """Write the comparison to `path` as JSON."""
        write_whole(path, document_text(self.to_json(), indent=1) + "\n")

    @classmethod
    def load(cls, path: str | Path) -> Comparison:
        """Return the comparison that `save` wrote to `path`.

        Raises
        ------
        InputError
            When the file is not a comparison, or contradicts itself; the message names the field.
        """
        saved = read_document(path, ComparisonDocument, REMEDY)
        del saved["oracle"]["outputs_match"]
        found = cls(**{each.name: saved[each.name] for each in fields(cls)})
        if reason := _contradiction(found):
            raise InputError(f"{path}: {reason}; {REMEDY}")
        return found


def short_names(designs: Sequence[DesignFacts]) -> tuple[str, ...]:
    """Return short distinct names of designs, with only the parameters in which they differ.

    Parameters
    ----------
    designs
        `cfuforge.cfu.design.Design.identity` of each.
    """
    names = []
    for design in designs:
        alike = [each["parameters"] for each in designs if each["name"] == design["name"]]
        differ = [
            f"{key}={int(value) if isinstance(value, bool) else value}"
            for key, value in design["parameters"].items()
            if any(other.get(key, value) != value for other in alike)
        ]
        names.append(design["name"] + (f":{','.join(differ)}" if differ else ""))
    return tuple(
        f"{name} #{names[:index].count(name) + 1}" if names.count(name) > 1 else name
        for index, name in enumerate(names)
    )


def _contradiction(found: Comparison) -> str:
    """Return a description of any inconsistency in a comparison; empty if there is none."""
    sizes = [len(output) for output in found.oracle["outputs"]]
    operators = [each.operator for each in found.plain.layers]
    if found.further and not found.cfu:
        return "it has further, and cfu is null"
    names = ["plain", "cfu", *(f"further[{index}]" for index in range(len(found.further)))]
    for name, run in zip(names, found.runs, strict=False):
        if [len(output) for output in run.outputs] != sizes:
            return f"{name}.outputs have other sizes than oracle.outputs"
        if [each.operator for each in run.layers] != operators:
            return f"plain.layers have other operators than {name}.layers"
    if found.spreads and len(found.spreads) != len(found.runs):
        return f"spreads must be {len(found.runs)}, one of each run"
    for index, spread in enumerate(found.spreads):
        if spread.contradicts or len(spread.layers) != len(operators):
            return f"spreads[{index}] contradicts itself or the layers"
    for index, other in enumerate(found.others):
        if [[len(each) for each in some] for some in (other.outputs, other.expected)] != [
            sizes
        ] * 2:
            return f"others[{index}] has outputs of other sizes than oracle.outputs"
        if len(other.cycles) != len(found.runs):
            return f"others[{index}].cycles must have {len(found.runs)} of them"
    if found.labels and [len(found.labels)] != sizes[:1]:
        return (
            f"labels has {len(found.labels)} names, and oracle.outputs[0] another number of scores"
        )
    return ""
