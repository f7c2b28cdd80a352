"""What a device answers: the parts between zero bytes, one to each command, over a terminal."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import threading
import tty
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from cfuforge.gateware import serial_target, wire
from support.graph import Quantisation
from support.operators import average_pool_2d

WINDOW = {"filterHeight": 2, "filterWidth": 2, "strideH": 2, "strideW": 2, "padding": 1}
MODEL = average_pool_2d((1, 4, 4, 1), Quantisation((1 / 255,), -128), **WINDOW)
INPUT = np.zeros((1, 4, 4, 1), np.int8)
WAITS = {"_POLL": 0.005, "_SILENCE": 0.05, "_CHECKING": 0.05, "_LONGEST": 0.5, "_LEFT": 1 << 16}
PATIENCE = 200  # ms without a command after which the device goes away

READY = b"m-ready\r\n"
INFO = b"m-board-[sim]\r\nm-cfu-[%s]\r\nm-clock-hz-100000000\r\nm-block-bytes-1024\r\n"
EMPTY = b"m-db-bytes-4096\r\nm-model-room-1000000\r\nm-model-[none]\r\n"
LOADED = EMPTY.replace(b"none", b"other") + (
    b"m-model-bytes-%d\r\nm-model-crc-%08x\r\nm-arena-room-9999\r\nm-arena-used-496\r\n"
    % (len(MODEL.data), zlib.crc32(MODEL.data))
)
RUN = (
    b"m-input-done\r\n",
    b"m-warmup-start-0\r\nm-busy-[5 cycles]\r\nm-infer-done\r\nm-results-[0.5,0.5]\r\n",
    b"m-layer-[0,AVERAGE_POOL_2D,reference/average_pool_s8,120,0,0]\r\nm-cycles-150\r\n",
    b"m-output-0-80808080\r\n",
)


def seeds() -> list[bytes]:
    there = INFO % b"simd_mac:rows=2" + LOADED
    blocks = -(-len(MODEL.data) // 1024) * [b""]
    answers = [
        (b"", there, there, *RUN),
        (b"m-init-done\r\n", INFO % b"none" + EMPTY, INFO % b"none" + EMPTY, b"", *blocks),
        (b"", INFO % b"none" + EMPTY, INFO % b"none" + EMPTY, b"", *blocks, there, *RUN),
        (b"", there, b"e-[there is no model]\r\n"),
        (b"", INFO % b"os:system" + EMPTY),
    ]
    return [b"\0".join(answer + READY for answer in each) for each in answers]


@contextmanager
def device(answers: list[bytes]) -> Iterator[str]:
    """A terminal behind which each command is answered, and that is gone after the last."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)

    def serve() -> None:
        poll = select.poll()
        for answer in answers:
            poll.register(master, select.POLLIN)
            if not poll.poll(PATIENCE):
                break
            os.read(master, 1 << 16)
            poll.register(master, select.POLLOUT)
            while answer and [(master, select.POLLOUT)] == poll.poll(PATIENCE):  # nobody hung up
                with contextlib.suppress(BlockingIOError):
                    answer = answer[os.write(master, answer) :]
        poll.register(master, select.POLLIN)
        poll.poll(PATIENCE)

    def quietly() -> None:
        with contextlib.suppress(OSError):
            serve()
        os.close(master)

    thread = threading.Thread(target=quietly)
    thread.start()
    try:
        yield os.ttyname(slave)
    finally:
        os.close(slave)
        thread.join()


def run(data: bytes, folder: Path) -> None:
    kept = {name: getattr(wire, name) for name in WAITS}
    try:
        for name, value in WAITS.items():
            setattr(wire, name, value)
        with (
            device(data.split(b"\0")) as port,
            serial_target.SerialTarget(port, limit=0.05) as target,
        ):
            target.run(MODEL, [INPUT])
    finally:
        for name, value in kept.items():
            setattr(wire, name, value)
