"""Change files at random: bytes, words, numbers, pieces."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

__all__ = ["mutate"]

WORDS = (1, 2, 4, 8)
TELLING = (0, 1, 2, 3, 7, 8, 127, 128, 255, 256, 1 << 15, (1 << 16) - 1, 1 << 20, 1 << 24, 1 << 30)
TELLING += ((1 << 31) - 1, 1 << 31, (1 << 32) - 1, (1 << 32) - 4, (1 << 63) - 1, (1 << 64) - 1)
TEXTS = (
    b"",
    b"-1",
    b"0",
    b"1e999",
    b"nan",
    b"9" * 40,
    b"9" * 6000,
    b"\x1b[31m",
    b"\0",
    b"\xff",
    b"\n",
)
LARGEST = 1 << 20


def mutate(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Return a file with one to eight changes, some with a piece of another file."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        if not changed:
            changed = bytearray(rng.choice([each for each in others if each] or [bytes(1)]))
        rng.choice(CHANGES)(changed, others, rng)
    return bytes(changed[:LARGEST])


def flip(data: bytearray, _: Sequence[bytes], rng: random.Random) -> None:
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)


def set_word(data: bytearray, _: Sequence[bytes], rng: random.Random) -> None:
    width, place = word(data, rng)
    value = rng.choice((*TELLING, len(data), place, rng.getrandbits(64), rng.randrange(64)))
    put(data, place, width, value, rng)


def add_to_word(data: bytearray, _: Sequence[bytes], rng: random.Random) -> None:
    width, place = word(data, rng)
    value = int.from_bytes(data[place : place + width], "little")
    put(data, place, width, value + rng.choice((-16, -8, -4, -2, -1, 1, 2, 4, 8, 16)))


def copy_word(data: bytearray, _: Sequence[bytes], rng: random.Random) -> None:
    """Make an offset, or what else it is, the same as another one."""
    width, place = word(data, rng)
    _, there = word(data, rng)
    data[place : place + width] = data[there : there + width]


def lead_elsewhere(data: bytearray, _: Sequence[bytes], rng: random.Random) -> None:
    """Make an offset lead to another place of the file."""
    place = rng.randrange(len(data)) & ~3
    put(data, place, 4, (rng.randrange(len(data)) & ~3) - place)


def truncate(data: bytearray, _: Sequence[bytes], rng: random.Random) -> None:
    del data[rng.randrange(len(data)) :]


def delete(data: bytearray, _: Sequence[bytes], rng: random.Random) -> None:
    first, last = piece(data, rng)
    del data[first:last]


def repeat(data: bytearray, _: Sequence[bytes], rng: random.Random) -> None:
    first, last = piece(data, rng)
    data[first:first] = data[first:last] * rng.choice((1, 1, 2, 100))


def insert(data: bytearray, others: Sequence[bytes], rng: random.Random) -> None:
    other = rng.choice(others)
    first, last = piece(other, rng) if other else (0, 0)
    place = rng.randrange(len(data))
    data[place : place + rng.choice((0, last - first))] = other[first:last]


def fill(data: bytearray, _: Sequence[bytes], rng: random.Random) -> None:
    first, last = piece(data, rng)
    data[first:last] = bytes([rng.choice((0, 1, 255, rng.randrange(256)))]) * (last - first)


def change_text(data: bytearray, _: Sequence[bytes], rng: random.Random) -> None:
    """Put something else in the place of a number in digits, or of a word."""
    found = list(re.finditer(rb"[0-9]+|[A-Za-z_]+", data[: 1 << 14]))
    if found:
        chosen = rng.choice(found)
        text = rng.choice((*TEXTS, rng.choice(found)[0], str(rng.choice(TELLING)).encode()))
        data[chosen.start() : chosen.end()] = text


CHANGES: list[Callable[[bytearray, Sequence[bytes], random.Random], None]] = [
    *(flip, set_word, set_word, add_to_word, copy_word, lead_elsewhere, truncate),
    *(delete, repeat, insert, fill, change_text, change_text),
]


def word(data: bytearray, rng: random.Random) -> tuple[int, int]:
    """Return the width and the place of a number, most of them aligned."""
    width = rng.choice(WORDS)
    place = rng.randrange(len(data))
    return width, place & -width if rng.random() < 0.8 else place


def put(
    data: bytearray, place: int, width: int, value: int, rng: random.Random | None = None
) -> None:
    """Write a number, now and then in the other order of bytes; the file keeps its size."""
    order = "big" if rng and rng.random() < 0.3 else "little"
    new = (value % (1 << 8 * width)).to_bytes(width, order)  # type: ignore[arg-type]
    data[place : place + width] = new[: len(data) - place]


def piece(data: bytes | bytearray, rng: random.Random) -> tuple[int, int]:
    first = rng.randrange(len(data))
    return first, min(len(data), first + rng.choice((1, 4, 16, 64, 1024, len(data))))
