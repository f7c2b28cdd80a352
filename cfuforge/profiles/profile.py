"""`Profile`: where an inference's cycles went, to read, to keep and to hand on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from typing_extensions import TypedDict

from cfuforge.base.document import as_json, document_text, read_document
from cfuforge.base.errors import InputError
from cfuforge.base.output import write_whole
from cfuforge.comparisons.table import layers_text
from cfuforge.profiles.exports import chrome_trace, speedscope
from cfuforge.profiles.page import profile_page
from cfuforge.profiles.shape import Advice, ProfileDocument, contradiction
from cfuforge.sw.run import Waveform, require_pandas

__all__ = ["Profile"]

REMEDY = "write one with: cfuforge profile --json FILE"


class LayerAdvice(Advice):
    """An advice, and the index of its layer."""

    layer: int


class RuleTotal(TypedDict):
    """The gain of a rule in all its layers together."""

    rule: str
    cost: str
    removable: int
    layers: list[int]


class Profile:
    """One inference with a cause for every cycle, by layer, function, instruction and call.

    Parameters
    ----------
    document
        What ``cfuforge.profiles.document.profile_document`` made; ``cfuforge schema profile`` says
        what is in it.
    """

    def __init__(self, document: ProfileDocument) -> None:
        self.document = document

    @classmethod
    def load(cls, path: str | Path) -> Profile:
        """Return the profile that `save` wrote to `path`.

        Raises
        ------
        InputError
            When there is none, or it is damaged; the message names the field.
        """
        document = read_document(path, ProfileDocument, REMEDY)
        if reason := contradiction(document):
            raise InputError(f"{path} is a damaged profile: {reason}; {REMEDY}")
        return cls(document)

    def __repr__(self) -> str:
        judged = "exact" if self.exact else "wrong"
        return f"<Profile {self.name}: {self.cycles:,} cycles, {judged}>"

    def _repr_html_(self) -> str:
        from cfuforge.profiles.table import profile_html

        return profile_html(self)

    def plot(self) -> Any:
        """Draw why the cycles of each layer passed.

        Returns
        -------
        matplotlib.figure.Figure
            A notebook shows it; ``savefig("x.svg")`` keeps it.

        Raises
        ------
        EnvironmentLacksError
            When matplotlib is not installed.
        """
        from cfuforge.comparisons.charts import profile_chart

        return profile_chart(self)

    def to_json(self) -> dict[str, Any]:
        """Return a value that ``json.dumps`` takes."""
        value: dict[str, Any] = as_json(self.document)
        return value

    def save(self, path: str | Path) -> None:
        """Write it to `path` as JSON."""
        write_whole(path, document_text(self.to_json()))

    @property
    def name(self) -> str:
        """Design and board."""
        run = self.document["run"]
        return f"{run.design['spec']} on board {run.soc['name']}"

    @property
    def cycles(self) -> int:
        """Clock cycles of the inference."""
        return self.document["run"].cycles or 0

    @property
    def waveform(self) -> Waveform | None:
        """The waveform, if one was written."""
        return self.document["run"].waveform

    @property
    def exact(self) -> bool:
        """Whether every value of every layer is the oracle's."""
        return not self.document["oracle"]["wrong_layer"]

    @property
    def exactness(self) -> str:
        """Whether it is exact, in a sentence."""
        oracle, layers = self.document["oracle"], len(self.document["layers"]) - 1
        name = f"{oracle['name']} {oracle['version']}"
        if self.exact:
            return (
                f"All {oracle['compared']:,} values of {layers_text(layers)} equal {name}'s, bit "
                "for bit."
            )
        return f"This run is wrong: layers differ from {name}'s. {oracle['wrong_layer']}"

    @property
    def advice(self) -> list[LayerAdvice]:
        """The advice, most to win first: ``layer``, ``rule``, ``text``, ``removable`` cycles."""
        found: list[LayerAdvice] = [
            {"layer": layer["index"], **each}
            for layer in self.document["layers"]
            for each in layer["advice"]
        ]
        return sorted(found, key=lambda each: -each["removable"])

    @property
    def totals(self) -> list[RuleTotal]:
        """The gain of each rule in all layers together, the most first.

        ``rule``, ``cost``, ``removable`` cycles, and the ``layers`` in which it speaks.
        """
        found: dict[str, RuleTotal] = {}
        for each in self.advice:
            start: RuleTotal = {
                "rule": each["rule"],
                "cost": each["cost"],
                "removable": 0,
                "layers": [],
            }
            total = found.setdefault(each["rule"], start)
            total["removable"] += each["removable"]
            total["layers"].append(each["layer"])
        return sorted(found.values(), key=lambda each: -each["removable"])

    def to_frame(self, by: str = "layers") -> Any:
        """Return a pandas DataFrame: a row for each of them, a column for each cause.

        Parameters
        ----------
        by
            ``"layers"``, ``"functions"`` or ``"instructions"``.

        Raises
        ------
        InputError
            When `by` is something else.
        EnvironmentLacksError
            When pandas is not installed.
        """
        if by not in ("layers", "functions", "instructions"):
            raise InputError(f"by must be layers, functions or instructions, not {by!r}")
        document = self.to_json()
        causes = [cause["name"] for cause in document["causes"]]
        rows = [
            {
                **{
                    name: value for name, value in row.items() if not isinstance(value, list | dict)
                },
                **dict(zip(causes, row["causes"], strict=True)),
            }
            for row in document[by]
        ]
        index = {"layers": "index", "functions": "name", "instructions": "address"}[by]
        return require_pandas().DataFrame(rows).set_index(index)

    def save_page(self, path: str | Path, against: Sequence[Profile] = ()) -> None:
        """Write a page of it to `path`; with others, a comparison, of which they are the first."""
        write_whole(path, profile_page([each.document for each in (*against, self)]))

    def save_speedscope(self, path: str | Path) -> None:
        """Write the tree of calls to `path` for speedscope, a viewer of flame graphs."""
        write_whole(path, document_text(speedscope(self.document)))

    def save_chrome_trace(self, path: str | Path) -> None:
        """Write layers and calls to `path` for Chrome's tracing page and Perfetto."""
        write_whole(path, document_text(chrome_trace(self.document)))
