"""Test kernels on the host against TFLM, in an arena of which every byte is watched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.sim.cfu_model import CfuModel
from cfuforge.sw.arena_watch import ArenaWatch
from cfuforge.sw.host_runtime import HostRuntime, build_host_runtime
from cfuforge.sw.kernels import PLAIN, KernelSet
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model
from support.random_models import Case

__all__ = ["REAL_MODELS", "KernelsUnderTest", "plain_runtime", "real_model"]

_ARENA = 1 << 24
# Models beside the checkout, and the folders of their inputs; None for random inputs and corners.
REAL_MODELS = [
    ("mlperf_kws_dscnn_int8", "kws"),
    ("mlperf_ad_fcae_int8", "ad"),
    ("mlperf_ic_resnet8_int8", "ic"),
    ("mlperf_vww_mnv1_025_96_int8", "vww"),
    ("tflm_person_detect_int8", "person_detect"),
    ("cfupg_mnv2_160_035_int8", "mnv2"),
    ("mlperf_sww_1ddscnn_int8", None),
    ("tflm_micro_speech_int8", None),
    ("tflm_hello_world_int8", None),
]


def real_model(folder: Path, name: str, inputs: str | None) -> tuple[Model, NDArray[Any]]:
    """Return one of `REAL_MODELS` and an input for it: the first one, or a random one."""
    model = Model.read(folder / f"{name}.tflite")
    if inputs:
        return model, np.load(sorted((folder / "inputs" / inputs).glob("*.npy"))[0])
    rng = np.random.default_rng(1)
    return model, rng.integers(-128, 128, model.inputs[0].shape, dtype=np.int8)


@cache
def _plain_library() -> Path:
    """Build the library once, so that its sources are not read for each model."""
    return build_host_runtime()


def plain_runtime(model: Model | bytes, **options: Any) -> HostRuntime:
    """Return a `HostRuntime` with the plain kernels; `options` are passed to it."""
    return HostRuntime(model, built=_plain_library(), **options)


@dataclass(frozen=True)
class KernelsUnderTest:
    """The plain kernels or a design's, in the runtime.

    Parameters
    ----------
    kernels
        The kernels to test.
    small
        Whether to use the slim firmware's plain kernels.
    cfu
        The model that executes the instructions of a design's kernels.
    """

    kernels: KernelSet = PLAIN
    small: bool = False
    cfu: CfuModel | None = None

    def run(
        self,
        model: Model,
        *inputs: NDArray[Any],
        ended: Callable[[HostRuntime, int], None] = lambda runtime, index: None,
    ) -> tuple[list[NDArray[Any]], list[str]]:
        """Return the model's outputs, and the kernel that ran for each operator.

        Parameters
        ----------
        ended
            Called with the runtime and the number of each operator as soon as it has run.

        Raises
        ------
        RunError
            When a kernel writes anything but its outputs and its scratch memory.
        """
        runtime = self._runtime(model)
        watch = ArenaWatch(runtime)

        def layer(index: int) -> None:
            watch.check(index)
            ended(runtime, index)

        outputs = runtime(*inputs, began=watch.begin, ended=layer)
        if self.cfu:
            self.cfu.check()
        return outputs, [each.ran for each in runtime.layers]

    def check_steps(self, model: Model, *steps: NDArray[Any]) -> str:
        """Check inferences of an operator whose state goes on; return the kernel that ran."""
        runtime, oracle = self._runtime(model), Oracle(model)
        watch = ArenaWatch(runtime)
        for step in steps:
            output = runtime(step, began=watch.begin, ended=watch.check)[0]
            np.testing.assert_array_equal(output, oracle(step)[0])
        if self.cfu:
            self.cfu.check()
        return runtime.layers[0].ran

    def _runtime(self, model: Model) -> HostRuntime:
        runtime = HostRuntime(
            model,
            arena_size=_ARENA,
            kernels=self.kernels,
            cfu_op=self.cfu.address if self.cfu else None,
            built=self._built,
            low=self.cfu is not None and self.cfu.memory_width > 0,
        )
        runtime.fit()
        return runtime

    @cached_property
    def _built(self) -> Path:
        """The runtime's library, built once so that its sources are not read for each example."""
        return build_host_runtime(self.kernels, small_kernels=self.small)

    def check(self, case: Case, kernel: str, *, falls_back: bool = False) -> list[NDArray[Any]]:
        """Check that `kernel`, or the one that it falls back to, computes TFLM's outputs.

        Returns the outputs.
        """
        outputs, ran = self.check_any(case)
        assert ran == f"{'reference' if falls_back else self.kernels.name}/{kernel}"
        return outputs

    def check_any(self, case: Case) -> tuple[list[NDArray[Any]], str]:
        """Check that the outputs are TFLM's; return them, and the kernel that ran."""
        expected = Oracle(case.model)(*case.inputs)
        outputs, (ran,) = self.run(case.model, *case.inputs)
        for output, right in zip(outputs, expected, strict=True):
            np.testing.assert_array_equal(output, right)
        return outputs, ran

    def check_layers(self, model: Model, *inputs: NDArray[Any]) -> list[str]:
        """Check every layer against TFLM, and return the kernel that ran for each."""
        expected = Oracle(model, keep_all=True).run_layers(*inputs)

        def compare(runtime: HostRuntime, index: int) -> None:
            for tensor in model.operators[index].outputs:
                value, right = runtime.tensor(tensor), expected[tensor.index]
                np.testing.assert_array_equal(value, right, f"operator {index}")

        return self.run(model, *inputs, ended=compare)[1]
