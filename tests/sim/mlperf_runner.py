"""A simulated board on a pseudo-terminal, and a runner that drives it as MLPerf Tiny's does."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import serial
from numpy.typing import NDArray

from cfuforge.cfu.design import Design
from cfuforge.sim.pty_board import PtyBoard
from cfuforge.soc.board import board
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model

READY = "m-ready"
BYTES_A_COMMAND = 31  # of db


class Runner:
    """The host's side of MLPerf Tiny, with nothing of ours.

    What it expects is in ``benchmark/runner`` of mlcommons/tiny at 1afd2c9: a line within 5 s, 30 s
    for ``infer``, and each line gives as much time again; a reply ends with ``m-ready``.
    """

    def __init__(self, port: str) -> None:
        self.serial = serial.Serial(port, 115200, timeout=0.1)
        self.silences: list[float] = []  # seconds between two lines
        self._received = b""

    def line(self, timeout: float) -> str:
        began = time.monotonic()
        while b"\n" not in self._received:
            assert time.monotonic() - began < timeout, f"no line within {timeout} s"
            self._received += self.serial.read(self.serial.in_waiting or 1)
        line, _, self._received = self._received.partition(b"\n")
        assert line.endswith(b"\r")
        return line[:-1].decode("ascii")

    def reply(self, timeout: float) -> list[str]:
        """Return the lines before m-ready, without those that only say that the board works."""
        lines = []
        while True:
            began = time.monotonic()
            line = self.line(timeout)
            self.silences.append(time.monotonic() - began)
            if line == READY:
                return [each for each in lines if not each.startswith("m-busy-")]
            lines.append(line)

    def command(self, text: str, timeout: float = 5.0) -> list[str]:
        self.serial.write(f"{text}%".encode())
        return self.reply(timeout)

    def load(self, data: bytes) -> None:
        assert self.command(f"db load {len(data)}") == [f"m-[Expecting {len(data)} bytes]"]
        done = []
        for at in range(0, len(data), BYTES_A_COMMAND):
            assert done == []
            done = self.command(f"db {data[at : at + BYTES_A_COMMAND].hex()}")
        assert done == ["m-load-done"]

    def infer(self, count: int, warm_up: int | None = None) -> tuple[int, list[str]]:
        """Return the microseconds and the results as they are written."""
        asked = f"infer {count}" + ("" if warm_up is None else f" {warm_up}")
        lines = self.command(asked, timeout=30.0)
        laps = [int(lap[1]) for line in lines if (lap := re.fullmatch(r"m-lap-us-(\d+)", line))]
        assert [re.sub(r"us-\d+", "us-T", line) for line in lines[:-1]] == [
            f"m-warmup-start-{10 if warm_up is None else warm_up}",
            "m-warmup-done",
            f"m-infer-start-{count}",
            "m-lap-us-T",
            "m-lap-us-T",
            "m-infer-done",
        ]
        match = re.fullmatch(r"m-results-\[([^]]+)\]", lines[-1])
        assert match
        return laps[1] - laps[0], match[1].split(",")


@contextmanager
def running(
    cfu: str = "simd_mac", model: Model | None = None, name: str = "sim", **options: Any
) -> Iterator[Runner]:
    """Simulate a board, and read its boot lines."""
    design = Design.load(cfu)
    # The terminal's buffer is emptied when it is opened: the board starts after that.
    served = PtyBoard(design, board(name), model, **options)
    runner = Runner(served.port)
    with served:
        yield runner
    runner.serial.close()


def scores(model: Model, array: NDArray[np.int8]) -> list[str]:
    """Return what TFLM computes, as the protocol has it."""
    (output,) = Oracle(model)(array)
    tensor = model.outputs[0]
    assert tensor.scale is not None
    assert tensor.zero_point is not None
    values = np.float32(tensor.scale) * (output.ravel() - np.float32(tensor.zero_point))
    return [f"{value:.3f}" for value in values]


def mean_squared_error(model: Model, window: NDArray[np.float32]) -> str:
    """Return what the benchmark's reference computes, in its order, with TFLM's outputs."""
    source, result = model.inputs[0], model.outputs[0]
    assert source.scale is not None
    assert source.zero_point is not None
    assert result.scale is not None
    assert result.zero_point is not None
    ratio = (window / np.float32(source.scale)).astype(np.float64)
    rounded = np.copysign(np.floor(np.abs(ratio) + 0.5), ratio)  # half away from zero
    quantised = np.clip(rounded + source.zero_point, -128, 127).astype(np.int8)
    (output,) = Oracle(model)(quantised.reshape(source.shape))
    total = np.float32(0)
    for value, sent in zip(output.ravel(), window, strict=True):
        difference = np.float32(result.scale) * np.float32(int(value) - result.zero_point) - sent
        total += difference * difference
    return f"{total / np.float32(len(window)):.3f}"
