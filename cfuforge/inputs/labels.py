"""The names of a model's classes, the true classes of inputs, and the accuracy."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import TypedDict

from cfuforge.base.document import Count
from cfuforge.base.errors import InputError
from cfuforge.base.files import read_text
from cfuforge.sw import models
from cfuforge.sw.tflite_model import Model

__all__ = [
    "Accuracy",
    "AccuracyFacts",
    "class_count",
    "class_names",
    "largest",
    "read_labels",
    "true_classes",
]

_LARGEST_LABELS = 1 << 22  # bytes
_LARGEST_TRUTH = 1 << 25
_MOST_LINES = 300_000  # more lines than a folder may have files


class AccuracyFacts(TypedDict):
    """The accuracy, in a JSON document."""

    right: Count
    """Number of inputs classified correctly."""
    total: Count
    """Number of inputs with a true class."""
    top_1: float | None
    """`right` divided by `total`; null if there are none."""
    labels: list[str]
    """Names of the classes."""
    confusion: list[list[Count]]
    """Number of inputs by true class (first axis) and class of the largest score (second)."""


@dataclass(frozen=True)
class Accuracy:
    """The share of inputs whose largest score is that of the true class.

    Parameters
    ----------
    confusion
        Number of inputs by true class (first axis) and class of the largest score (second).
    labels
        The classes' names.
    """

    confusion: tuple[tuple[int, ...], ...]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, pairs: Sequence[tuple[int, int]], labels: Sequence[str]) -> Accuracy:
        """Count pairs of true and found class."""
        counts = np.zeros((len(labels), len(labels)), int)
        np.add.at(counts, tuple(np.array(pairs, int).reshape(-1, 2).T), 1)
        return cls(tuple(map(tuple, counts.tolist())), tuple(labels))

    @property
    def right(self) -> int:
        """Number of inputs classified correctly."""
        return sum(row[index] for index, row in enumerate(self.confusion))

    @property
    def total(self) -> int:
        """Number of inputs with a true class."""
        return sum(map(sum, self.confusion))

    @property
    def facts(self) -> AccuracyFacts:
        """The fields of a JSON document."""
        share = self.right / self.total if self.total else None
        return {
            "right": self.right,
            "total": self.total,
            "top_1": share,
            "labels": list(self.labels),
            "confusion": [list(row) for row in self.confusion],
        }


def class_count(model: Model) -> int:
    """Return the number of scores in the model's first output."""
    return int(np.prod(model.outputs[0].shape, dtype=int))


def largest(output: NDArray[Any]) -> int:
    """Return the class of the largest score; the first one on a tie."""
    return int(np.argmax(output))


def class_names(model: Model, labels: Path | str | None, *, default_model: bool) -> tuple[str, ...]:
    """Return the names in the file `labels`, or those of the default model, or none."""
    if labels is not None:
        return read_labels(Path(labels), model)
    return models.KWS_LABELS if default_model else ()


def read_labels(path: Path, model: Model) -> tuple[str, ...]:
    """Return the class names in a text file with one per line.

    Raises
    ------
    InputError
        When there is no such file, or the number of lines is not that of the model's scores.
    """
    text = read_text(path, _LARGEST_LABELS, "")
    lines = [line.strip() for line in text.rstrip().splitlines()]
    if len(lines) != class_count(model):
        raise InputError(
            f"{path} names {len(lines)} classes, but {model.name} has {class_count(model)} scores: "
            "write one name per line"
        )
    if len(set(lines)) != len(lines) or "" in lines:
        raise InputError(f"{path} must name each class once, and leave no line empty")
    return tuple(lines)


def true_classes(
    paths: Sequence[Path],
    given: Sequence[Path],
    truth: Path | None,
    labels: Sequence[str],
) -> dict[Path, int]:
    """Return the true classes of those inputs that have one.

    Parameters
    ----------
    paths
        The inputs' files.
    given
        Files and folders that the user named.
    truth
        A CSV or TSV file of ``file,label`` lines, with paths relative to a given folder or to its
        own. By default ``folder/yes/1.png`` has class ``yes`` if all subfolders of ``folder`` are
        named after classes; other inputs have no class.
    labels
        Names of the classes. A class can also be given by number, from 0.

    Raises
    ------
    InputError
        When a class is unknown, or an input has no line.
    """
    if len(labels) < 2:
        if truth is None:
            return {}
        raise InputError("a class needs a score: a model with one output value has no accuracy")
    if truth is None:
        return _by_folder({path: _folder(path, given) for path in paths}, labels)
    lines = _truth(truth)
    classes = {}
    for path in paths:
        names = [_relative(path, folder) for folder in (*given, truth.parent)] + [path.name]
        label = next((lines[name] for name in names if name in lines), None)
        if label is None:
            raise InputError(f"{truth} has no line for {path}: write {path.name},CLASS")
        index = _index(label, labels)
        if index is None:
            raise InputError(
                f"{truth}: the class of {path.name} must be one of {_few(labels)}, not "
                f"{label!r:.80}"
            )
        classes[path] = index
    return classes


def _by_folder(named: dict[Path, str], labels: Sequence[str]) -> dict[Path, int]:
    """Return the classes named by subfolders; none if no subfolder is named after a class."""
    indices = {path: _index(name, labels) for path, name in named.items()}
    classes = {path: index for path, index in indices.items() if index is not None}
    strangers = sorted({named[path] or "." for path in indices.keys() - classes.keys()})
    if classes and strangers:
        raise InputError(
            f"the sub-folder {strangers[0]!r} is not one of the classes {_few(labels)}, but others "
            "are: rename it, or name the classes with truth="
        )
    return classes


def _truth(path: Path) -> dict[str, str]:
    text = read_text(path, _LARGEST_TRUTH, "")
    if (count := text.count("\n")) > _MOST_LINES:
        raise InputError(f"{path} has {count:,} lines; at most {_MOST_LINES:,} are read")
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    lines = {}
    try:
        for number, row in enumerate(csv.reader(text.splitlines(), delimiter=delimiter), 1):
            if not row or (number == 1 and [cell.strip() for cell in row] == ["file", "label"]):
                continue
            if len(row) != 2:
                raise InputError(f"{path}, line {number}, must be file,label, not {row!s:.100}")
            lines[row[0].strip().removeprefix("./")] = row[1].strip()
    except csv.Error as error:
        raise InputError(f"{path} must have lines of file,label: {error}") from error
    return lines


def _folder(path: Path, given: Sequence[Path]) -> str:
    """Return the subfolder of a given folder that a file is in."""
    for folder in given:
        name = _relative(path, folder)
        if "/" in name:
            return name.partition("/")[0]
    return ""


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else ""


def _index(name: str, labels: Sequence[str]) -> int | None:
    if name in labels:
        return labels.index(name)
    if not name.isdecimal() or len(name) > len(str(len(labels))):
        return None
    return int(name) if int(name) < len(labels) else None


def _few(labels: Sequence[str]) -> str:
    return ", ".join(labels[:8]) + (", ..." if len(labels) > 8 else "")
