"""A real or simulated board on a serial port, which runs a model and returns a `Run`."""

from __future__ import annotations

import re
import secrets
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfuforge.base.errors import InputError, RunError
from cfuforge.base.progress import SILENT, Progress
from cfuforge.base.shown import shown
from cfuforge.cfu.design import Design
from cfuforge.gateware.console import Console
from cfuforge.gateware.wire import Wire
from cfuforge.soc.board import BAUD
from cfuforge.sw.oracle import check_inputs
from cfuforge.sw.run import LayerRun, Run
from cfuforge.sw.tflite_model import Model, Operator

__all__ = ["DeviceInfo", "SerialTarget"]

_LIMIT = 600.0  # time limit of an inference in seconds
_MOST = (1 << 32) - 1  # maximum of a word of the device
_MOST_BLOCK = 1 << 16
_MOST_NAME = 250
_ROOM = 1 << 16  # bytes of a reply in addition to those for each layer or byte of an output
_SAID = re.compile(r"m-([a-z]+(?:-[a-z]+)*)-")
_LAYER = re.compile(r"m-layer-\[(\d{1,9}),([^,]*),([^,]{0,60})" + 3 * r",(\d{1,10})" + r"\]")
_TENSOR = re.compile(r"m-(output|value)-(\d{1,9})-((?:[0-9a-f]{2})+)")
_CHECK = re.compile(r"m-check-\[(\d{1,9}),(\d{1,9}),([0-9a-f]{8})\]")
_CYCLES = re.compile(r"m-cycles-(\d{1,20})")


@dataclass(frozen=True)
class DeviceInfo:
    """A device's answer to ``info``.

    Parameters
    ----------
    board, cfu
        Names of the board and the design, as for `board` and `Design.load`.
    clock_hz
        Frequency of the cycle counter, in Hz.
    block_bytes, model_room
        Maximum size of a block and of a model, in bytes.
    model
        ``kws01``, ``vww01``, ``ic01``, ``ad01``, ``sww01``, ``other`` or ``none``.
    model_bytes, model_crc
        Its size and CRC-32; 0 without one.
    arena_used
        Used bytes of the tensor arena.
    program_at, program_room
        Address and size in bytes of the memory for a program; 0 if it cannot load one.
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
    program_at: int
    program_room: int

    @classmethod
    def of(cls, lines: Sequence[str]) -> DeviceInfo:
        """Parse the reply to ``info``.

        Raises
        ------
        ValueError
            When something is missing, repeated or invalid; the message begins with a verb.
        """
        said: dict[str, str] = {}
        for line in lines:
            if match := _SAID.match(line):
                if match[1] in said:
                    raise ValueError(f"says '{shown(match[1])}' twice")
                said[match[1]] = line[match.end() :].removeprefix("[").removesuffix("]")
        return cls(
            board=_name(said, "board"),
            cfu=_name(said, "cfu"),
            clock_hz=_number(said, "clock-hz", least=1),
            block_bytes=_number(said, "block-bytes", least=1, most=_MOST_BLOCK),
            model_room=_number(said, "model-room"),
            model=_name(said, "model"),
            model_bytes=_number({"model-bytes": "0", **said}, "model-bytes"),
            model_crc=_number({"model-crc": "0", **said}, "model-crc", base=16),
            arena_used=_number({"arena-used": "0", **said}, "arena-used"),
            program_at=_number({"program-at": "0", **said}, "program-at", base=16),
            program_room=_number({"program-room": "0", **said}, "program-room"),
        )

    def has(self, model: Model) -> bool:
        """Return whether `model` is loaded."""
        return (self.model_bytes, self.model_crc) == (len(model.data), zlib.crc32(model.data))


class SerialTarget:
    """A board that runs the device firmware.

    Parameters
    ----------
    port
        A port such as ``/dev/ttyACM0``, or the name of a simulated board's pseudo-terminal.
    design
        The design that the board is expected to have. By default the one that it names, if that is
        built-in: no other module is imported because a board names it.
    baud
        Baud rate, for a UART.
    limit
        Time limit of an inference, in seconds.
    log
        Called with each line that the device sends.

    Raises
    ------
    InputError
        When the board has another design, or one that must be given as `design`.
    RunError
        From here and from all methods: as in `Wire`, and when an answer is invalid.

    Notes
    -----
    A `cfuforge.sw.target.Target`, and a context manager that closes the port. A model stays loaded
    from run to run.
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
            self.design = design or _builtin(port, cfu)
        except BaseException:
            self.wire.close()
            raise

    def __enter__(self) -> SerialTarget:
        return self

    def __exit__(self, *error: object) -> None:
        self.wire.close()

    def info(self) -> DeviceInfo:
        """Return the device's information about itself."""
        try:
            return DeviceInfo.of(self.wire.command("info"))
        except ValueError as error:
            raise RunError(
                f"{self.wire.port}: the reply to info {error}: does the board run another version "
                "of the device firmware?"
            ) from error

    def load(self, model: Model, progress: Progress = SILENT) -> DeviceInfo:
        """Load a model unless it is already loaded, and return the device's information.

        Parameters
        ----------
        model
            The model.
        progress
            Told how far loading is.

        Raises
        ------
        RunError
            When the device rejects it: it is too large, or has an unsupported operator.
        """
        info = self.info()
        if info.has(model):
            return info
        self.wire.command(f"model {len(model.data)} {zlib.crc32(model.data):08x}")
        self.wire.send_blocks("block", model.data, info.block_bytes, progress)
        return self.info()

    def start(self, image: bytes, progress: Progress = SILENT) -> Console:
        """Load a program and start it, and return what it reads and writes on.

        Parameters
        ----------
        image
            The program, built for the memory that `info` names.
        progress
            Told how far loading is.
        """
        info = self.info()
        self.wire.command(f"program {len(image)} {zlib.crc32(image):08x}")
        self.wire.send_blocks("block", image, info.block_bytes, progress)
        return Console(self.wire, secrets.randbits(32))

    def run(self, model: Model, inputs: Sequence[NDArray[Any]]) -> Run:
        """Run one inference; see `cfuforge.sw.target.Target`."""
        check_inputs(model, inputs)
        info = self.load(model)
        if model.stateful:
            self.wire.command("reset")
        data = b"".join(np.ascontiguousarray(array).tobytes() for array in inputs)
        self.wire.send_blocks("input", data, info.block_bytes)
        started = time.perf_counter()
        results = _ROOM + 32 * sum(tensor.nbytes for tensor in model.outputs)
        said = self.wire.command("infer 1 0", limit=self._limit, most=results)
        wall = time.perf_counter() - started
        profile = self.wire.command("layers", most=_ROOM + 200 * len(model.operators))
        cycles, layers = self._cycles(profile), self._layers(profile, model)
        outputs = self._outputs(model)
        return Run(
            design=self.design.identity,
            soc={"name": info.board, "clock_hz": info.clock_hz, "port": self.wire.port},
            tools={"cfuforge": version("cfuforge")},
            cycles=cycles,
            layers=layers,
            outputs=outputs,
            arena_bytes=info.arena_used,
            uart="\n".join([*said, ""]),
            wall_seconds=wall,
            checks=self._ask_checks(model),
        )

    def values(self, model: Model, operator: Operator) -> dict[int, NDArray[Any]]:
        """Return an operator's outputs for the last input, by tensor index.

        The device runs that input again.
        """
        sizes = [tensor.nbytes for tensor in operator.outputs]
        lines = self._ask_again(model, f"values {operator.index}", 4 * sum(sizes))
        whole = self._bytes(lines, "value", sizes)
        pairs = zip(whole, operator.outputs, strict=True)
        return {t.index: np.frombuffer(each, t.dtype).reshape(t.shape) for each, t in pairs}

    def _ask_checks(self, model: Model) -> dict[int, int]:
        """Have the device run the input again, and return the CRC-32 of each output."""
        outputs = [(each.index, at) for each in model.operators for at in range(len(each.outputs))]
        lines = self._ask_again(model, "checks", 40 * len(outputs))
        found = [match for line in lines if (match := _CHECK.fullmatch(line))]
        if [(int(match[1]), int(match[2])) for match in found] != outputs:
            wanted = f"m-check-[...] of each of the {len(outputs)} outputs"
            raise self._wrong("checks", wanted, lines)
        tensors = (tensor for operator in model.operators for tensor in operator.outputs)
        return {t.index: int(match[3], 16) for t, match in zip(tensors, found, strict=True)}

    def _ask_again(self, model: Model, command: str, most: int) -> list[str]:
        if model.stateful:
            self.wire.command("reset")
        return self.wire.command(command, limit=self._limit, most=_ROOM + most)

    def _cycles(self, profile: Sequence[str]) -> int:
        for line in profile:
            if match := _CYCLES.fullmatch(line):
                return int(match[1])
        raise self._wrong("layers", "m-cycles-N", profile)

    def _layers(self, profile: Sequence[str], model: Model) -> tuple[LayerRun, ...]:
        found = [match for line in profile if (match := _LAYER.fullmatch(line))]
        if [int(match[1]) for match in found] != [each.index for each in model.operators]:
            wanted = f"m-layer-[...] of each of the {len(model.operators)} layers"
            raise self._wrong("layers", wanted, profile)
        return tuple(
            LayerRun.of(
                operator,
                cycles=int(match[4]),
                kernel=match[3],
                scratch_bytes=int(match[5]),
                persistent_bytes=int(match[6]),
            )
            for operator, match in zip(model.operators, found, strict=True)
        )

    def _outputs(self, model: Model) -> tuple[tuple[int | float, ...], ...]:
        sizes = [tensor.nbytes for tensor in model.outputs]
        lines = self.wire.command("outputs", most=_ROOM + 4 * sum(sizes))
        whole = self._bytes(lines, "output", sizes)
        pairs = zip(whole, model.outputs, strict=True)
        return tuple(tuple(np.frombuffer(each, t.dtype).tolist()) for each, t in pairs)

    def _bytes(self, lines: Sequence[str], kind: str, sizes: Sequence[int]) -> list[bytes]:
        """Parse the tensors in lines ``m-KIND-INDEX-HEX``."""
        wanted = f"m-{kind}-[0 to {len(sizes) - 1}]-HEX, with {sum(sizes):,} bytes in all"
        data: list[list[bytes]] = [[] for _ in sizes]
        for line in lines:
            match = _TENSOR.fullmatch(line)
            if not match or match[1] != kind or int(match[2]) >= len(data):
                raise self._wrong(f"{kind}s", wanted, [line])
            data[int(match[2])].append(bytes.fromhex(match[3]))
        whole = [b"".join(parts) for parts in data]
        if [len(each) for each in whole] != sizes:
            raise self._wrong(f"{kind}s", wanted, lines)
        return whole

    def _wrong(self, command: str, wanted: str, lines: Sequence[str]) -> RunError:
        last = shown(lines[-1] if lines else "", 60)
        return RunError(
            f"{self.wire.port}: the reply to {command} is not {wanted}; the last line is '{last}': "
            "does the board run another version of the device firmware?"
        )


def _builtin(port: str, spec: str) -> Design:
    try:
        return Design.builtin(spec)
    except InputError as error:
        raise InputError(
            f"the board on {port} says that its CFU is '{shown(spec)}' ({error}): name it with "
            "design=, which runs the code of its module"
        ) from error


def _said(said: Mapping[str, str], name: str) -> str:
    if name not in said:
        raise ValueError(f"lacks {name!r}")
    return said[name]


def _name(said: Mapping[str, str], name: str) -> str:
    text = _said(said, name)
    if not text.isprintable() or not 1 <= len(text) <= _MOST_NAME:
        raise ValueError(
            f"says {name} '{shown(text, 40)}', which must be a name of 1 to {_MOST_NAME} characters"
        )
    return text


def _number(
    said: Mapping[str, str], name: str, least: int = 0, most: int = _MOST, base: int = 10
) -> int:
    text = _said(said, name)
    digits = r"[0-9a-f]{1,8}" if base == 16 else r"[0-9]{1,20}"
    if not re.fullmatch(digits, text) or not least <= int(text, base) <= most:
        raise ValueError(f"says {name} '{shown(text, 40)}', which must be {least} to {most}")
    return int(text, base)
