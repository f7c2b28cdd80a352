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
    """The inputs that a user names; files are looked for on first use.

    Parameters
    ----------
    given
        Files, folders, and arrays for a model with one input.
    count, seed
        Number of random inputs to add, and the seed of the first.
    corners
        Add inputs of all minimum, all maximum and all zero point.
    dtype, resize, scale_to
        How to read files, as in `cfuforge.inputs.files.InputReader`.

    Raises
    ------
    InputError
        When one of these options has an invalid value.
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
        """Whether the user named no input."""
        return not (self.given or self.count or self.corners)

    @property
    def paths(self) -> list[Path]:
        """The files and folders that the user named."""
        return [Path(each) for each in self.given if isinstance(each, str | Path)]

    def files(self) -> list[Path]:
        """Return the files, including those in folders.

        Raises
        ------
        InputError
            When a path does not exist, or a folder has no input.
        """
        return find_inputs(self.paths)

    def total(self) -> int:
        """Return the number of inputs that `samples` yields."""
        arrays = len(self.given) - len(self.paths)
        return len(self.files()) + arrays + (3 if self.corners else 0) + self.count

    def check(self, model: Model) -> None:
        """Read the first input as a check, before anything is built.

        Raises
        ------
        InputError
            When it cannot be read, or an option has an invalid value.
        """
        next(self.samples(model), None)

    def samples(self, model: Model, progress: Progress = SILENT) -> Iterator[Sample]:
        """Read the inputs one by one.

        Parameters
        ----------
        model
            The model that takes them.
        progress
            Receives one note about how values are converted.

        Raises
        ------
        InputError
            When one cannot be read, or an option has an invalid value.
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
        """Return the display name of a file, with the subfolder if it is from a folder."""
        folders = [each for each in self.paths if each in path.parents]
        return path.relative_to(folders[0] if folders else path.parent).as_posix()
