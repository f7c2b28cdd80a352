"""Sizes and values for which the arithmetic of resizing shows."""

from __future__ import annotations

from functools import partial

import numpy as np

from support.adversarial import Case, Values, int8, tells
from support.graph import PLAIN, Tensor, indices, one_operator

ONE = 1 << 10


def nearest(rng: np.random.Generator) -> Case:
    """Return a row of up to 100 values, resized to up to 400."""
    sizes = int(rng.integers(2, 101)), int(rng.integers(2, 401))
    corners = bool(rng.integers(2))
    half_pixel = not corners and bool(rng.integers(2))
    x = rng.permutation(256)[: sizes[0]].astype(np.uint8).view(np.int8).reshape(1, 1, -1, 1)
    low, high = (each - corners for each in sizes)

    def places(dtype: type) -> Values:
        scale = dtype(low) / dtype(high)
        at = (np.arange(sizes[1]).astype(dtype) + dtype(0.5 if half_pixel else 0)) * scale
        return np.floor(at.astype(np.float64) + (0.5 if corners else 0))

    def result(found: Values) -> Values:
        return x[0, 0, np.minimum(found, sizes[0] - 1).astype(int), 0]

    twice = 2 * np.arange(sizes[1]) + half_pixel
    exact = (twice * low + (high if corners else 0)) // (2 * high)
    others = {
        "double": lambda: result(places(np.float64)),
        "integers": lambda: result(exact),
    }
    options = {"alignCorners": corners, "halfPixelCenters": half_pixel}
    output = Tensor((1, 1, sizes[1], 1), PLAIN)
    parts = [Tensor(x.shape, PLAIN), indices([1, sizes[1]])]
    make = partial(one_operator, "RESIZE_NEAREST_NEIGHBOR", parts, [output], **options)
    return Case(make, (x,), result(places(np.float32)), others)


def bilinear(rng: np.random.Generator) -> Case:
    """Return a row of up to 40 values, resized to up to 100."""
    sizes = int(rng.integers(2, 41)), int(rng.integers(2, 101))
    corners = bool(rng.integers(2))
    half_pixel = not corners and bool(rng.integers(2))
    x = rng.integers(-128, 128, (1, 1, sizes[0], 1)).astype(np.int8)
    low, high = (each - corners for each in sizes)

    def result(half: int = 1, ties: str = "away", exact: bool = False) -> Values:
        step = low * ONE / high if exact else (low * ONE + half * (high // 2)) // high
        shift = step / 2 - ONE / 2 if exact else step // 2 - ONE // 2
        at = np.maximum(np.arange(sizes[1]) * step + (shift if half_pixel else 0), 0)
        lower = np.minimum(at // ONE, sizes[0] - 1).astype(int)
        upper = np.minimum(lower + 1, sizes[0] - 1)
        row = x[0, 0, :, 0].astype(np.int64)
        value = (row[lower] * ONE + (at - lower * ONE) * (row[upper] - row[lower])) / ONE
        if ties == "up":
            return int8(np.floor(value + 0.5))
        return int8(np.trunc(value + (np.copysign(0.5, value) if ties == "away" else 0)))

    others = {
        "truncated scale": partial(result, 0),
        "scale in floating point": partial(result, exact=True),
        "halves up": partial(result, ties="up"),
        "truncated values": partial(result, ties="down"),
    }
    options = {"alignCorners": corners, "halfPixelCenters": half_pixel}
    parts = [Tensor(x.shape, PLAIN), indices([1, sizes[1]])]
    make = partial(
        one_operator, "RESIZE_BILINEAR", parts, [Tensor((1, 1, sizes[1], 1), PLAIN)], **options
    )
    return Case(make, (x,), result(), others)


test_resize = tells(nearest, bilinear, cases=5)
