"""The inputs of a command: files, folders, random values, corners."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from cfuforge.base.progress import SILENT, Progress
from cfuforge.inputs.files import InputReader, Sample, find_inputs, require_options
from cfuforge.inputs.made_up import corner_samples, random_sample
from cfuforge.sw.tflite_model import Model

__all__ = ["InputSource"]

Given = Path | str | NDArray[Any]


@dataclass(frozen=True)
class InputSource:
    """The inputs that a user names; `open` looks for them.

    Parameters
    ----------
    given
        Files, folders, and arrays for a model with one input.
    count, seed
        So many random inputs after them, from this seed on.
    corners
        Inputs of nothing but the least value, the largest, the zero point.
    dtype, resize, scale_to
        How files are read: `cfuforge.inputs.files.InputReader`.

    Raises
    ------
    InputError
        When one of the latter has no such value.
    """

    given: Sequence[Given] = ()
    count: int = 0
    seed: int = 0
    corners: bool = False
    dtype: str | None = None
    resize: bool = False
    scale_to: str | None = None

    def __post_init__(self) -> None:
        require_options(self.dtype, self.scale_to)

    @property
    def empty(self) -> bool:
        """Whether the user named no input at all."""
        return not (self.given or self.count or self.corners)

    @property
    def places(self) -> list[Path]:
        """The files and folders."""
        return [Path(each) for each in self.given if isinstance(each, str | Path)]

    def files(self) -> list[Path]:
        """Return the files, those of folders among them.

        Raises
        ------
        InputError
            When something does not exist, or a folder holds no input.
        """
        return find_inputs(self.places)

    def total(self) -> int:
        """Return how many inputs `samples` gives."""
        arrays = len(self.given) - len(self.places)
        return len(self.files()) + arrays + (3 if self.corners else 0) + self.count

    def check(self, model: Model) -> None:
        """Read the first input, before anything is made for it.

        Raises
        ------
        InputError
            When it cannot be read, or an option has no such value.
        """
        next(self.samples(model), None)

    def samples(self, model: Model, progress: Progress = SILENT) -> Iterator[Sample]:
        """Read one input after the other.

        Parameters
        ----------
        model
            What takes them.
        progress
            Told once what was decided about their values.

        Raises
        ------
        InputError
            When one cannot be read, or an option has no such value.
        """
        reader = InputReader(
            model,
            dtype=self.dtype,
            resize=self.resize,
            scale_to=self.scale_to,
            progress=progress,
        )
        for path in self.files():
            yield replace(reader.read(path), name=self._name(path))
        for each in self.given:
            if not isinstance(each, str | Path):
                yield reader.array(each)
        if self.corners:
            yield from corner_samples(model)
        for number in range(self.count):
            yield random_sample(model, self.seed + number)

    def _name(self, path: Path) -> str:
        """Return how a file is called: of a folder's, with the sub-folder."""
        folders = [each for each in self.places if each in path.parents]
        return path.relative_to(folders[0] if folders else path.parent).as_posix()
