"""A little fuzzing of the parsers in Python, and the limits of what runs them."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from byte_mutator import mutate
from parser_campaign import fuzz
from parser_worker import Worker, targets

SEED = random.SystemRandom().randrange(1 << 32)
EXECUTIONS = 50
TARGET = """
import time
from pathlib import Path
from cfuforge.base.errors import InputError

def seeds():
    return [b"good"]

def run(data, folder):
    if data == b"spin":
        while True:
            pass
    if data == b"wait":
        time.sleep(1000)
    if data == b"large":
        bytearray(200_000_000)
    if data == b"hidden":
        try:
            bytearray(200_000_000)
        except MemoryError as error:
            raise InputError("x is no picture") from error
    if data == b"wrong":
        raise KeyError("wrong")
    if data == b"lines":
        raise InputError("one\\nand two")
    if data == b"refused":
        raise InputError(f"{folder}/x has 17 bytes")
    if data == b"end":
        import os
        os.abort()
"""


@pytest.mark.parametrize("target", targets(), ids=lambda path: path.stem)
def test_parsers(target: Path, tmp_path: Path) -> None:
    print(f"seed {SEED}")
    campaign = fuzz(target, EXECUTIONS, SEED, tmp_path)
    assert campaign.executions >= EXECUTIONS
    assert campaign.findings == {}


def test_limits(tmp_path: Path) -> None:
    target = tmp_path / "target.py"
    target.write_text(TARGET)
    with Worker(target, seconds=0.3, bytes=100_000_000, wait=3) as worker:
        for data, finding in (
            (b"spin", "more than 0.3 s"),
            (b"wait", "no end after 3 s"),
            (b"large", "MemoryError"),
            (b"hidden", "more than 100 MB, and said: 'x is no picture'"),
            (b"wrong", "KeyError: 'wrong'"),
            (b"end", "the process ended: SIGABRT"),
        ):
            assert finding in worker.run(data).finding
            assert worker.run(b"good").finding == ""
        refused = worker.run(b"refused")
        lines = worker.run(b"lines")
    assert (refused.finding, refused.said) == ("", "# has # bytes")
    assert (lines.finding, lines.said) == ("", r"one\nand two")


def test_a_seed_gives_the_same_files_again() -> None:
    others = [bytes(range(256)) * 4, b"some text, 12 of it", b""]

    def files(seed: int) -> list[bytes]:
        rng = random.Random(seed)
        return [mutate(rng.choice(others), others, rng) for _ in range(300)]

    assert files(1) == files(1)
    assert files(1) != files(2)
    assert len(set(files(1))) > 250
