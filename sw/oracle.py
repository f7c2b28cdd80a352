"""Run a model in TensorFlow Lite Micro itself, which defines the right result bit for bit."""

from __future__ import annotations

import itertools
import math
import os
import struct
import threading
import weakref
from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.base.apart import Apart, LostError
from cfuforge.base.errors import InputError, RunError
from cfuforge.base.shown import counted
from cfuforge.sw.flatbuffer import File
from cfuforge.sw.tflite_fields import ModelField
from cfuforge.sw.tflite_model import Model
from cfuforge.sw.tflm_models import TflmModels

__all__ = ["Oracle", "check_inputs", "start_oracle"]

_LARGEST_ARENA = 1 << 28  # bytes to try when TFLM needs more than the tensors take
_ADDRESSABLE = 1 << 48  # bytes; more than any process has
_LONGEST_REASON = 300


def check_inputs(model: Model, inputs: Sequence[NDArray[Any]]) -> None:
    """Raise unless there is one array of the right type and shape for each input of the model.

    Raises
    ------
    InputError
        Naming the mismatch and what the model takes.
    """
    if len(inputs) != len(model.inputs):
        takes = counted(len(model.inputs), "input")
        raise InputError(f"{model.name} takes {takes}, not {len(inputs)}")
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
    timeout
        Seconds that loading the model, or one inference, may take.

    Raises
    ------
    InputError
        When TFLM does not run the model: it lacks an operator, or the tensors do not fit.
    RunError
        When TFLM crashes, or takes too long.

    Notes
    -----
    TFLM may crash, and so it runs in a separate process, shared by all oracles of this one. The
    process starts with the first oracle, and again after a crash. The arena has somewhat more bytes
    than all tensors together, and grows eightfold until TFLM accepts it.
    """

    def __init__(self, model: Model, *, keep_all: bool = False, timeout: float = 600.0) -> None:
        self.model = model
        self._keep_all = keep_all
        self._timeout = timeout
        self._number = next(_numbers)
        self._began = False  # whether the model holds state from an inference
        self._apart: Apart | None = None
        weakref.finalize(self, _dropped.append, self._number).atexit = False
        with _lock:
            self._load()

    def __call__(self, *inputs: NDArray[Any]) -> list[NDArray[Any]]:
        """Run one inference and return a copy of every output.

        Raises
        ------
        InputError
            When the inputs are not what the model takes, or TFLM refuses to run it.
        RunError
            When TFLM crashes, or takes too long.
        """
        return self._infer(inputs, [])[0]

    def reset(self) -> None:
        """Forget the model's state between inferences."""
        self._began = False
        self._ask("reset")

    def run_layers(self, *inputs: NDArray[Any]) -> dict[int, NDArray[Any]]:
        """Run one inference; return all inputs, variables and operators' results, by tensor index.

        Needs `keep_all`.
        """
        if not self._keep_all:
            raise ValueError("Oracle.run_layers needs keep_all=True")
        tensors = [*self.model.inputs, *self.model.outputs]
        for operator in self.model.operators:
            tensors += operator.written
        shapes = {tensor.index: tensor.shape for tensor in tensors}
        found = self._infer(inputs, list(shapes))[1]
        pairs = zip(shapes.items(), found, strict=True)
        return {index: data.reshape(shape) for (index, shape), data in pairs}

    def _infer(
        self, inputs: Sequence[NDArray[Any]], tensors: list[int]
    ) -> tuple[list[NDArray[Any]], list[NDArray[Any]]]:
        check_inputs(self.model, inputs)
        arrays = [np.ascontiguousarray(array) for array in inputs]
        outputs, found = self._ask("infer", arrays, len(self.model.outputs), tensors)
        self._began = self.model.stateful
        pairs = zip(outputs, self.model.outputs, strict=True)
        return [data.reshape(tensor.shape) for data, tensor in pairs], found

    def _load(self) -> None:
        """Load the model into TFLM's process."""
        values = sum(math.prod(tensor.shape) for tensor in self.model.tensors)
        arena = min(8 * values + len(self.model.data) + (1 << 18), _ADDRESSABLE)
        data = _without_metadata(self.model.data) if self._keep_all else self.model.data
        self._apart = start_oracle()
        gone = [_dropped.popleft() for _ in range(len(_dropped))]
        while True:
            try:
                self._call("load", data, self._keep_all, arena, gone)
                return
            except MemoryError as error:
                raise InputError(
                    f"TensorFlow Lite Micro does not run {self.model.name}: its tensors take "
                    f"{arena:,} bytes, more than there is memory"
                ) from error
            except RuntimeError as error:
                arena *= 8
                if "allocate" not in str(error) or arena > _LARGEST_ARENA:
                    raise self._refused(error) from error

    def _ask(self, method: str, *arguments: Any) -> Any:
        """Call a method of `TflmModels` for this model."""
        with _lock:
            if self._apart is not start_oracle():  # after a crash
                if self._began:
                    raise RunError(
                        f"what {self.model.name} kept from the inferences before is lost: "
                        "TensorFlow Lite Micro was started again after a crash; reset the oracle"
                    )
                self._load()
            try:
                return self._call(method, *arguments)
            except (RuntimeError, MemoryError) as error:
                raise self._refused(error) from error

    def _call(self, method: str, *arguments: Any) -> Any:
        assert self._apart
        try:
            return self._apart.call(method, self._number, *arguments, timeout=self._timeout)
        except LostError as error:
            said = _shortened(self._apart.read_output())
            self._apart.end()
            limit = f" (the limit is {self._timeout:g} s)" if error.late else ""
            raise RunError(
                f"TensorFlow Lite Micro itself {error} with model {self.model.name}{limit}: "
                f"there is nothing to compare with{said}"
            ) from error

    def _refused(self, error: Exception) -> InputError:
        assert self._apart
        said = _shortened(self._apart.read_output())
        return InputError(f"TensorFlow Lite Micro does not run {self.model.name}: {error}{said}")


def start_oracle() -> Apart:
    """Return TFLM's process, without waiting until it has started."""
    global _process
    with _lock:
        if _process is None or not _process.alive:
            _process = Apart(TflmModels, quiet=True)
        return _process


def _without_metadata(data: bytes) -> bytes:
    """Return the file without its metadata.

    They may hold an arena plan in which tensors share memory, so that TFLM could not keep them all.
    """
    root = File(data).root()
    position = root.target(ModelField.METADATA)
    if not position:
        return data
    changed = bytearray(data)
    struct.pack_into("<I", changed, position, 0)  # the length of the list
    return bytes(changed)


def _shortened(said: str) -> str:
    """Return TFLM's own message as one line in brackets."""
    text = " ".join(said.split())
    if not text:
        return ""
    return f" ({text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + ' ...'})"


def _forget() -> None:
    """Leave TFLM's process to the parent after a fork."""
    global _lock, _process
    _lock = threading.RLock()
    _process = None


_lock = threading.RLock()
_process: Apart | None = None
_numbers = itertools.count()
_dropped: deque[int] = deque()  # numbers of deleted oracles
os.register_at_fork(after_in_child=_forget)
