"""The interface of everything that can run a model with a design."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from cfuforge.cfu.design import Design
from cfuforge.sw.run import Run
from cfuforge.sw.tflite_model import Model

__all__ = ["Target"]


class Target(Protocol):
    """The simulated SoC, the host build, or real hardware, with a design in it.

    Members
    -------
    design
        The CFU and its kernels.
    """

    design: Design

    def run(self, model: Model, inputs: Sequence[NDArray[Any]]) -> Run:
        """Run one inference after a reset.

        Parameters
        ----------
        model
            The model.
        inputs
            One array for each input of the model, of the input's shape and type.

        Raises
        ------
        RunError
            When the CFU does not respond, or the program fails in another way.
        InputError
            When the model cannot be run.
        """
        ...
