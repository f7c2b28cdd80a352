"""A board on a serial port, or a simulated one: give it a model and an input, get a `Run`."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.cfu.design import Design
from cfuforge.cfu.errors import InputError, RunError
from cfuforge.gateware.wire import BAUD, Wire
from cfuforge.sim.run import LayerRun, Run
from cfuforge.sw.oracle import check_inputs
from cfuforge.sw.tflite_model import Model

__all__ = ["DeviceInfo", "SerialTarget"]

_LIMIT = 600.0  # seconds that an inference may take
_LAYER = re.compile(r"m-layer-\[(\d+),([^,]*),([^,]*),(\d+),(\d+)\]")


@dataclass(frozen=True)
class DeviceInfo:
    """What a device says of itself.

    Parameters
    ----------
    board, cfu
        Names of the board and of the design, as ``--board`` and ``--cfu`` take them.
    clock_hz
        Of the cycle counter.
    block_bytes, model_room
        The longest block, and the longest model.
    model
        ``kws01``, ``vww01``, ``ic01``, ``ad01``, ``sww01``, ``other`` or ``none``.
    model_bytes, model_crc
        Its size and CRC-32; 0 without one.
    arena_used
        Bytes of the tensor arena.
    """

    board: str
    cfu: str
    clock_hz: int
    block_bytes: int
    model_room: int
    model: str
    model_bytes: int
    model_crc: int
    arena_used: int

    @classmethod
    def of(cls, lines: Sequence[str]) -> DeviceInfo:
        """Return what the reply to ``info`` says.

        Raises
        ------
        KeyError
            When something is missing.
        """
        values = dict(re.findall(r"^m-([a-z-]+)-\[?([^]\n]*)\]?$", "\n".join(lines), re.MULTILINE))
        return cls(
            board=values["board"],
            cfu=values["cfu"],
            clock_hz=int(values["clock-hz"]),
            block_bytes=int(values["block-bytes"]),
            model_room=int(values["model-room"]),
            model=values["model"],
            model_bytes=int(values.get("model-bytes", 0)),
            model_crc=int(values.get("model-crc", "0"), 16),
            arena_used=int(values.get("arena-used", 0)),
        )

    def has(self, model: Model) -> bool:
        """Return whether `model` is the one that is loaded."""
        return (self.model_bytes, self.model_crc) == (len(model.data), zlib.crc32(model.data))


class SerialTarget:
    """A board that runs the device's firmware.

    Parameters
    ----------
    port
        Such as ``/dev/ttyACM0``, or the name of a simulated board's pseudo-terminal.
    design
        What the board is expected to have; by default what it says.
    baud
        Of a UART.
    limit
        Seconds that an inference may take.
    log
        Called with each line that the device sends.

    Notes
    -----
    A `cfuforge.sim.protocol.Target`, and a context manager that gives the port back. A model stays
    on the board from run to run.
    """

    def __init__(
        self,
        port: str,
        design: Design | None = None,
        *,
        baud: int = BAUD,
        limit: float = _LIMIT,
        log: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.wire = Wire(port, baud, log)
        self._limit = limit
        try:
            cfu = self.info().cfu
            if design and design.spec != cfu:
                raise InputError(f"the board on {port} has CFU {cfu}, not {design.spec}")
            self.design = design or Design.load(cfu)
        except BaseException:
            self.wire.close()
            raise

    def __enter__(self) -> SerialTarget:
        return self

    def __exit__(self, *error: object) -> None:
        self.wire.close()

    def info(self) -> DeviceInfo:
        """Return what the device says of itself."""
        try:
            return DeviceInfo.of(self.wire.command("info"))
        except (KeyError, ValueError) as error:
            raise RunError(
                f"{self.wire.port}: the reply to info lacks {error}: does the board run another "
                "version of the device firmware?"
            ) from error

    def load(self, model: Model, progress: Callable[[int], None] = lambda sent: None) -> DeviceInfo:
        """Load a model, unless it is there already, and return the device's information.

        Parameters
        ----------
        model
            The model.
        progress
            Called with the number of bytes that are there.

        Raises
        ------
        RunError
            When the device does not take it: too large, or an operator that it lacks.
        """
        info = self.info()
        if info.has(model):
            return info
        self.wire.command(f"model {len(model.data)} {zlib.crc32(model.data):08x}")
        self.wire.send_blocks("block", model.data, info.block_bytes, progress)
        return self.info()

    def run(self, model: Model, inputs: Sequence[NDArray[Any]]) -> Run:
        """Run one inference; see `cfuforge.sim.protocol.Target`."""
        check_inputs(model, inputs)
        info = self.load(model)
        if model.stateful:
            self.wire.command("reset")
        data = b"".join(np.ascontiguousarray(array).tobytes() for array in inputs)
        self.wire.send_blocks("input", data, info.block_bytes)
        started = time.perf_counter()
        said = self.wire.command("infer 1 0", limit=self._limit)
        wall = time.perf_counter() - started
        profile = self.wire.command("layers")
        return Run(
            design=self.design.identity,
            soc={"name": info.board, "clock_hz": info.clock_hz, "port": self.wire.port},
            tools={"cfuforge": version("cfuforge")},
            cycles=self._cycles(profile),
            layers=self._layers(profile, model),
            outputs=self._outputs(model),
            arena_bytes=info.arena_used,
            uart="\n".join([*said, ""]),
            wall_seconds=wall,
        )

    def _cycles(self, profile: Sequence[str]) -> int:
        for line in profile:
            if match := re.fullmatch(r"m-cycles-(\d+)", line):
                return int(match[1])
        raise self._wrong("layers", profile)

    def _layers(self, profile: Sequence[str], model: Model) -> tuple[LayerRun, ...]:
        found = [match for line in profile if (match := _LAYER.fullmatch(line))]
        if len(found) != len(model.operators):
            raise self._wrong("layers", profile)
        return tuple(
            LayerRun.of(
                operator, cycles=int(match[4]), kernel=match[3], scratch_bytes=int(match[5])
            )
            for operator, match in zip(model.operators, found, strict=True)
        )

    def _outputs(self, model: Model) -> tuple[tuple[int | float, ...], ...]:
        lines = self.wire.command("outputs")
        data = [b""] * len(model.outputs)
        for line in lines:
            if not (match := re.fullmatch(r"m-output-(\d+)-((?:[0-9a-f]{2})+)", line)):
                raise self._wrong("outputs", lines)
            data[int(match[1])] += bytes.fromhex(match[2])
        if [len(each) for each in data] != [tensor.nbytes for tensor in model.outputs]:
            raise self._wrong("outputs", lines)
        pairs = zip(data, model.outputs, strict=True)
        return tuple(tuple(np.frombuffer(each, t.dtype).tolist()) for each, t in pairs)

    def _wrong(self, command: str, lines: Sequence[str]) -> RunError:
        last = lines[-1] if lines else ""
        return RunError(f"{self.wire.port}: the reply to {command} is not whole: {last[:60]!r}")
