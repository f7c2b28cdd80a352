"""Prepare a model in a separate process, where the runtime may crash."""

from __future__ import annotations

from typing import Any

from cfuforge.base.apart import Apart, LostError
from cfuforge.base.errors import RunError
from cfuforge.sw.acceptance import ARENA, refusal
from cfuforge.sw.alone import refusals
from cfuforge.sw.command_trace import CommandTrace, trace_commands
from cfuforge.sw.host_runtime import HostRuntime, build_host_runtime
from cfuforge.sw.kernels import PLAIN, KernelSet
from cfuforge.sw.memory_plan import Buffer, memory_plan
from cfuforge.sw.tflite_model import Model

__all__ = ["Preparation", "PreparationApart"]

_TIMEOUT = 600.0


class Preparation:
    """A model to prepare, in the process of `PreparationApart`.

    Parameters
    ----------
    data, name
        The content of the model's file, and its name.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self._model = Model(data, name)

    def refusals(self) -> tuple[str, dict[int, str]]:
        """Return why the runtime refuses the model and which operators; empty if it does not."""
        refused = refusal(self._model)
        return refused, refusals(self._model, ARENA) if refused else {}

    def plan(self, kernels: KernelSet) -> list[Buffer]:
        """Return the plan of the arena, including the scratch memory of the kernels."""
        return memory_plan(self._model, HostRuntime(self._model, arena_size=ARENA, kernels=kernels))

    def persistent(self, kernels: KernelSet) -> list[int]:
        """Return the bytes that the kernel of each operator keeps."""
        runtime = HostRuntime(self._model, arena_size=ARENA, kernels=kernels)
        return [layer.persistent_bytes for layer in runtime.layers]

    def commands(self, kernels: KernelSet) -> CommandTrace:
        """Return the commands that the kernels of a CFU with a memory port give it."""
        return trace_commands(self._model, kernels, ARENA)


class PreparationApart:
    """A `Preparation` in another process, as a context manager.

    Parameters
    ----------
    model
        The model.
    """

    def __init__(self, model: Model) -> None:
        self._name = model.name
        self._apart = Apart(Preparation, model.data, model.name)

    def __enter__(self) -> PreparationApart:
        return self

    def __exit__(self, *error: object) -> None:
        self._apart.end()

    def refusals(self) -> tuple[str, dict[int, str]]:
        """Return why the runtime refuses the model and, by index, its operators; empty if accepted.

        Raises
        ------
        RunError
            When the runtime crashes.
        """
        build_host_runtime()
        found: tuple[str, dict[int, str]] = self._call(PLAIN, "refusals")
        return found

    def plan(self, kernels: KernelSet = PLAIN) -> list[Buffer]:
        """Return the plan of the arena, including the scratch memory of the kernels.

        Raises
        ------
        InputError
            When the kernels do not compile.
        RunError
            When they crash.
        """
        build_host_runtime(kernels)
        found: list[Buffer] = self._call(kernels, "plan", kernels)
        return found

    def persistent(self, kernels: KernelSet) -> list[int]:
        """Return the bytes that the kernel of each operator keeps.

        Raises
        ------
        InputError, RunError
            As `plan` does.
        """
        build_host_runtime(kernels)
        found: list[int] = self._call(kernels, "persistent", kernels)
        return found

    def commands(self, kernels: KernelSet) -> CommandTrace:
        """Return the commands that the kernels of a CFU with a memory port give it.

        Raises
        ------
        InputError, RunError
            As `plan` does.
        """
        build_host_runtime(kernels)
        found: CommandTrace = self._call(kernels, "commands", kernels)
        return found

    def _call(self, kernels: KernelSet, method: str, *arguments: Any) -> Any:
        try:
            return self._apart.call(method, *arguments, timeout=_TIMEOUT)
        except LostError as error:
            limit = f" (the limit is {_TIMEOUT:g} s)" if error.late else ""
            who = f"model {self._name} with {kernels.whose}"
            raise RunError(f"{who} {error}{limit} when it was prepared on this machine") from error
