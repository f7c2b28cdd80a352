"""TensorFlow Lite Micro with its models, for the separate process of `cfuforge.sw.oracle`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["TflmModels"]


class TflmModels:
    """Models in TFLM, identified by numbers that the caller chooses.

    Notes
    -----
    TFLM trusts the file, and may crash. It writes its messages to standard error.
    """

    def __init__(self) -> None:
        from tflite_micro import runtime  # imported only here: no other process may load it

        self._runtime = runtime
        self._models: dict[int, Any] = {}

    def load(
        self, number: int, data: bytes, keep_all: bool, arena_size: int, gone: Iterable[int]
    ) -> None:
        """Load a model, and drop the models `gone`.

        Raises
        ------
        RuntimeError, MemoryError
            When TFLM refuses it, or the arena is too small.
        """
        for each in gone:
            self._models.pop(each, None)
        config = self._runtime.InterpreterConfig
        self._models[number] = self._runtime.Interpreter.from_bytes(
            data,
            arena_size=arena_size,
            intrepreter_config=config.kPreserveAllTensors
            if keep_all
            else config.kAllocationRecording,
        )

    def reset(self, number: int) -> None:
        """Forget a model's state between inferences."""
        self._models[number].reset()

    def infer(
        self, number: int, inputs: Sequence[NDArray[Any]], outputs: int, tensors: Sequence[int]
    ) -> tuple[list[NDArray[Any]], list[NDArray[Any]]]:
        """Run an inference and return the outputs and the requested tensors.

        Parameters
        ----------
        number
            The number of the model.
        inputs
            Contiguous arrays.
        outputs
            The number of outputs.
        tensors
            Indices of the requested tensors.

        Raises
        ------
        RuntimeError
            When an operator fails.
        """
        model = self._models[number]
        for index, array in enumerate(inputs):
            model.set_input(array, index)
        model.invoke()
        return (
            [np.asarray(model.get_output(index)) for index in range(outputs)],
            [np.asarray(model.GetTensor(index, 0)["tensor_data"]) for index in tensors],
        )
