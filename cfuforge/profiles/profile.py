"""`Profile`: where an inference's cycles went, to view, save and export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    """A piece of advice, and the index of its layer."""

    layer: int


class RuleTotal(TypedDict):
    """The total gain of a rule over all its layers."""

    rule: str
    cost: str
    removable: int
    layers: list[int]


class Profile:
    """One inference with a cause for every cycle, by layer, function, instruction and call.

    Parameters
    ----------
    document
        From ``cfuforge.profiles.document.profile_document``; ``cfuforge schema profile`` describes
        it.
    """

    def __init__(self, document: ProfileDocument) -> None:
        self.document = document

    @classmethod
    def load(cls, path: str | Path) -> Profile:
        """Return the profile that `save` wrote to `path`.

        Raises
        ------
        InputError
            When there is no such file, or it is damaged; the message names the field.
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
        """Draw the cycles of each layer by cause.

        Returns
        -------
        matplotlib.figure.Figure
            A notebook shows it; ``savefig("x.svg")`` saves it.

        Raises
        ------
        EnvironmentLacksError
            When matplotlib is not installed.
        """
        from cfuforge.comparisons.charts import profile_chart

        return profile_chart(self)

    def to_json(self) -> dict[str, Any]:
        """Return a value that ``json.dumps`` takes."""
        return as_json(self.document)

    def save(self, path: str | Path) -> None:
        """Write the profile to `path` as JSON."""
        write_whole(path, document_text(self.to_json()))

    @property
    def name(self) -> str:
        """The design and board."""
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
        """A sentence that says whether it is exact."""
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
        """The advice, largest gain first: ``layer``, ``rule``, ``text``, ``removable`` cycles."""
        found: list[LayerAdvice] = [
            {"layer": layer["index"], **each}
            for layer in self.document["layers"]
            for each in layer["advice"]
        ]
        return sorted(found, key=lambda each: -each["removable"])

    @property
    def totals(self) -> list[RuleTotal]:
        """The total gain of each rule over all layers, largest first.

        Each has ``rule``, ``cost``, ``removable`` cycles, and the ``layers`` that it applies to.
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
        """Return a pandas DataFrame with one row per item and one column per cause.

        Parameters
        ----------
        by
            What the rows are: ``"layers"``, ``"functions"`` or ``"instructions"``.

        Raises
        ------
        InputError
            When `by` is something else.
        EnvironmentLacksError
            When pandas is not installed.
        """
        index = {"layers": "index", "functions": "name", "instructions": "address"}
        if by not in index:
            raise InputError(f"by must be layers, functions or instructions, not {by!r}")
        document: Mapping[str, Any] = self.document
        causes = [cause["name"] for cause in document["causes"]]
        rows = [
            {
                **{
                    name: value
                    for name, value in row.items()
                    if not isinstance(value, list | tuple | dict)
                },
                **dict(zip(causes, row["causes"], strict=True)),
            }
            for row in document[by]
        ]
        return require_pandas().DataFrame(rows).set_index(index[by])

    def save_page(self, path: str | Path, against: Sequence[Profile] = ()) -> None:
        """Write an HTML page to `path`, which compares the profile with those in `against`."""
        write_whole(path, profile_page([each.document for each in (*against, self)]))

    def save_speedscope(self, path: str | Path) -> None:
        """Write the call tree to `path` for speedscope, a flame graph viewer."""
        write_whole(path, document_text(speedscope(self.document)))

    def save_chrome_trace(self, path: str | Path) -> None:
        """Write layers and calls to `path` for Chrome's tracing page and Perfetto."""
        write_whole(path, document_text(chrome_trace(self.document)))
