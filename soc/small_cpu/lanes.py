"""Byte lanes of `SmallCpu`'s loads and stores of 1, 2 or 4 bytes."""

from __future__ import annotations

from amaranth.hdl import C, Cat, Mux, Value

__all__ = ["lanes", "loaded", "stored"]


def lanes(funct3: Value, address: Value) -> Value:
    """Return a mask of the bytes of its word that an access covers."""
    return Mux(
        funct3[1], 0b1111, Mux(funct3[0], C(0b11, 4) << (address[1] << 1), C(1, 4) << address[:2])
    )


def stored(funct3: Value, value: Value) -> Value:
    """Return the word to store, with a narrow value repeated in every place it may go."""
    byte, half = value[:8], value[:16]
    return Mux(funct3[1], value, Mux(funct3[0], half.replicate(2), byte.replicate(4)))


def loaded(funct3: Value, address: Value, word: Value) -> Value:
    """Return a load's result, given the word from the bus."""
    half = Mux(address[1], word[16:], word[:16])
    byte = Mux(address[0], half[8:], half[:8])
    sign = ~funct3[2]
    return Mux(
        funct3[1],
        word,
        Mux(
            funct3[0],
            Cat(half, (half[15] & sign).replicate(16)),
            Cat(byte, (byte[7] & sign).replicate(24)),
        ),
    )
