"""Run a model in TensorFlow Lite Micro itself: what is right, bit for bit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tflite_micro import runtime

from cfuforge.cfu.errors import InputError
from cfuforge.sw.tflite_model import Model

__all__ = ["Oracle", "check_inputs"]

_LARGEST_ARENA = 1 << 28


def check_inputs(model: Model, inputs: Sequence[NDArray[Any]]) -> None:
    """Raise unless there is one array for each of the model's inputs, of its type and shape.

    Raises
    ------
    InputError
        Naming what does not fit, and what the model takes.
    """
    if len(inputs) != len(model.inputs):
        raise InputError(f"{model.name} takes {len(model.inputs)} inputs, not {len(inputs)}")
    for number, (array, tensor) in enumerate(zip(inputs, model.inputs, strict=True)):
        if array.dtype.name != tensor.dtype:
            raise InputError(
                f"input {number} of {model.name} must be {tensor.dtype}, not {array.dtype.name}"
            )
        if tuple(array.shape) != tensor.shape:
            raise InputError(
                f"input {number} of {model.name} must have shape {tensor.shape}, "
                f"not {tuple(array.shape)}"
            )


class Oracle:
    """TensorFlow Lite Micro with a model loaded.

    Parameters
    ----------
    model
        What to run.
    keep_all
        Keep the results of all operators, for `layers`.

    Raises
    ------
    InputError
        When TFLM does not run the model: an operator that it lacks, tensors that do not fit.

    Notes
    -----
    The arena is as large as all tensors together and some more, then eightfold until TFLM takes
    it. TFLM writes its own complaints to standard error.
    """

    def __init__(self, model: Model, *, keep_all: bool = False) -> None:
        self.model = model
        self._keep_all = keep_all
        self._interpreter = self._load()

    def __call__(self, *inputs: NDArray[Any]) -> list[NDArray[Any]]:
        """Run one inference and return a copy of every output.

        Raises
        ------
        InputError
            When the inputs are not what the model takes.
        """
        check_inputs(self.model, inputs)
        for number, array in enumerate(inputs):
            self._interpreter.set_input(np.ascontiguousarray(array), number)
        self._interpreter.invoke()
        return [
            np.array(self._interpreter.get_output(number)).reshape(tensor.shape)
            for number, tensor in enumerate(self.model.outputs)
        ]

    def reset(self) -> None:
        """Forget what the model keeps from one inference to the next."""
        self._interpreter.reset()

    def layers(self, *inputs: NDArray[Any]) -> dict[int, NDArray[Any]]:
        """Run one inference; return inputs and all operators' results by the tensor's index.

        Needs `keep_all`.
        """
        if not self._keep_all:
            raise ValueError("Oracle.layers needs keep_all=True")
        self(*inputs)
        tensors = [*self.model.inputs]
        for operator in self.model.operators:
            tensors += operator.outputs
        return {tensor.index: self._tensor(tensor.index, tensor.shape) for tensor in tensors}

    def _tensor(self, index: int, shape: tuple[int, ...]) -> NDArray[Any]:
        data: NDArray[Any] = self._interpreter.GetTensor(index, 0)["tensor_data"]
        return np.array(data).reshape(shape)

    def _load(self) -> Any:
        config = runtime.InterpreterConfig
        kind = config.kPreserveAllTensors if self._keep_all else config.kAllocationRecording
        values = sum(math.prod(tensor.shape) for tensor in self.model.tensors)
        arena = 8 * values + len(self.model.data) + (1 << 18)
        while True:
            try:
                return runtime.Interpreter.from_bytes(
                    self.model.data, arena_size=arena, intrepreter_config=kind
                )
            except (RuntimeError, MemoryError) as error:
                arena *= 8
                if "allocate" not in str(error) or arena > _LARGEST_ARENA:
                    raise InputError(
                        f"TensorFlow Lite Micro does not run {self.model.name}: {error} "
                        "(its reason is on standard error)"
                    ) from error
