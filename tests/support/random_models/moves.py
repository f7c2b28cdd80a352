"""Random operators that move or resize data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from support.graph import Quantisation, Tensor, indices, one_operator
from support.random_models.case import Case, random_of

__all__ = ["concatenations", "dimensions", "packs", "pads", "reshapings", "resizes", "slices"]
__all__ += ["splits", "strided_slices", "transposes", "unpacks"]

_quantisations = st.builds(
    lambda exponent, zero_point: Quantisation((2.0**exponent,), zero_point),
    st.integers(-9, 3),
    st.one_of(st.sampled_from([-128, 127, 0]), st.integers(-128, 127)),
)


_seeds = st.integers(0, 2**32 - 1)


def _shapes(lowest: int, highest: int, most: int = 2000) -> st.SearchStrategy[tuple[int, ...]]:
    """Draw shapes of up to `highest` dimensions and `most` elements, often of size 1 or 4n."""
    size = st.one_of(st.just(1), st.integers(1, 9), st.sampled_from([4, 8, 16]))
    shapes = st.integers(lowest, highest).flatmap(lambda rank: st.tuples(*[size] * rank))
    return shapes.filter(lambda shape: np.prod(shape) <= most)


def _types(*others: str) -> st.SearchStrategy[str]:
    return st.sampled_from(["int8", "int8", "int8", *others])


def _part(shape: Sequence[int], dtype: str, quantisation: Quantisation) -> Tensor:
    """Return a tensor; int16 has zero point 0, and only int8 and int16 have a scale."""
    if dtype == "int16":
        quantisation = Quantisation(quantisation.scales)
    quantised = dtype in ("int8", "int16")
    return Tensor(tuple(shape), quantisation if quantised else None, dtype=dtype)


@st.composite
def pads(draw: st.DrawFn) -> Case:
    """Draw a PAD or PADV2, with or without a value, of any type."""
    shape, quantisation = draw(_shapes(1, 5, 300)), draw(_quantisations)
    dtype = draw(_types("int16", "int32", "float32"))
    side = st.sampled_from([0, 0, 0, 1, 2, 3])
    paddings = [(draw(side), draw(side)) for _ in shape]
    output = [size + sum(padding) for size, padding in zip(shape, paddings, strict=True)]
    name, seed = draw(st.sampled_from(["PAD", "PADV2"])), draw(_seeds)
    inputs = [
        _part(shape, dtype, quantisation),
        indices([side for padding in paddings for side in padding]),
    ]
    if name == "PADV2" or not draw(st.integers(0, 3)):
        value = _part((1,), dtype, quantisation)
        constant = random_of(np.random.default_rng(seed), (1,), dtype)
        given = constant if draw(st.booleans()) else None
        inputs.append(Tensor(value.shape, value.quantisation, given, dtype=dtype))
    return Case.of(one_operator(name, inputs, [_part(output, dtype, quantisation)]), seed)


@st.composite
def concatenations(draw: st.DrawFn) -> Case:
    """Draw a CONCATENATION of up to ten inputs, some of them constant."""
    shape, quantisation = draw(_shapes(1, 5, 300)), draw(_quantisations)
    dtype = draw(_types("int16", "int32", "float32", "int64", "bool"))
    axis, seed = draw(st.integers(0, len(shape) - 1)), draw(_seeds)
    inputs: list[Tensor] = []
    rng, total = np.random.default_rng(seed), 0
    for size in draw(st.lists(st.integers(1, 9), min_size=1, max_size=10)):
        part = _part((*shape[:axis], size, *shape[axis + 1 :]), dtype, quantisation)
        if inputs and not draw(st.integers(0, 3)):
            part = Tensor(
                part.shape, part.quantisation, random_of(rng, part.shape, dtype), dtype=dtype
            )
        inputs.append(part)
        total += size
    output = _part((*shape[:axis], total, *shape[axis + 1 :]), dtype, quantisation)
    given = axis - draw(st.sampled_from([0, len(shape)]))
    return Case.of(one_operator("CONCATENATION", inputs, [output], axis=given), seed)


@st.composite
def splits(draw: st.DrawFn) -> Case:
    """Draw a SPLIT or SPLIT_V; the latter's sizes are not always all given."""
    shape, quantisation = draw(_shapes(1, 5, 300)), draw(_quantisations)
    dtype = draw(_types("int16", "int32", "float32"))
    axis, seed = draw(st.integers(0, len(shape) - 1)), draw(_seeds)
    given = indices(axis - draw(st.sampled_from([0, len(shape)])))
    name = draw(st.sampled_from(["SPLIT", "SPLIT_V"]))
    sizes = draw(st.lists(st.integers(1, 9), min_size=1, max_size=6))
    if name == "SPLIT":
        sizes = [sizes[0]] * len(sizes)
    whole = _part((*shape[:axis], sum(sizes), *shape[axis + 1 :]), dtype, quantisation)
    outputs = [
        _part((*shape[:axis], size, *shape[axis + 1 :]), dtype, quantisation) for size in sizes
    ]
    unknown = draw(st.integers(0, len(sizes) - 1)) if draw(st.booleans()) else None
    told = [-1 if number == unknown else size for number, size in enumerate(sizes)]
    inputs = [given, whole] if name == "SPLIT" else [whole, indices(told), given]
    return Case.of(one_operator(name, inputs, outputs, numSplits=len(sizes)), seed)


@st.composite
def packs(draw: st.DrawFn) -> Case:
    """Draw a PACK, along any new axis."""
    shape, quantisation = draw(_shapes(1, 5, 300)), draw(_quantisations)
    dtype, count = draw(_types("int16", "int32", "float32", "int64")), draw(st.integers(1, 12))
    axis, seed = draw(st.integers(0, len(shape))), draw(_seeds)
    inputs = [_part(shape, dtype, quantisation)] * count
    output = _part((*shape[:axis], count, *shape[axis:]), dtype, quantisation)
    given = axis - draw(st.sampled_from([0, len(shape) + 1]))
    model = one_operator("PACK", inputs, [output], axis=given, valuesCount=count)
    return Case.of(model, seed)


@st.composite
def unpacks(draw: st.DrawFn) -> Case:
    """Draw an UNPACK, along any axis."""
    shape, quantisation = draw(_shapes(2, 6, 600)), draw(_quantisations)
    dtype, seed = draw(_types("int16", "int32", "float32")), draw(_seeds)
    axis = draw(st.integers(0, len(shape) - 1))
    outputs = [_part((*shape[:axis], *shape[axis + 1 :]), dtype, quantisation)] * shape[axis]
    given = axis - draw(st.sampled_from([0, len(shape)]))
    inputs = [_part(shape, dtype, quantisation)]
    return Case.of(one_operator("UNPACK", inputs, outputs, axis=given, num=shape[axis]), seed)


@st.composite
def transposes(draw: st.DrawFn) -> Case:
    """Draw a TRANSPOSE in any order."""
    shape, quantisation = draw(_shapes(1, 5)), draw(_quantisations)
    dtype, order = draw(_types("int16", "float32")), draw(st.permutations(range(len(shape))))
    inputs = [_part(shape, dtype, quantisation), indices(order)]
    output = _part([shape[axis] for axis in order], dtype, quantisation)
    return Case.of(one_operator("TRANSPOSE", inputs, [output]), draw(_seeds))


@st.composite
def strided_slices(draw: st.DrawFn) -> Case:
    """Draw a STRIDED_SLICE with all masks whose result, in numpy's terms, is not empty."""
    shape, quantisation = draw(_shapes(1, 4)), draw(_quantisations)
    dtype = draw(_types("int16", "int32", "float32", "bool"))
    begins, ends, strides, output = [], [], [], []
    masks = {"beginMask": 0, "endMask": 0, "shrinkAxisMask": 0}
    for axis, size in enumerate(shape):
        stride = draw(st.one_of(st.just(1), st.sampled_from([1, 2, 3, -1, -2, 100, -(2**31)])))
        near = st.one_of(st.integers(-size - 2, size + 2), st.sampled_from([-(2**31), 2**31 - 1]))
        begin, end = draw(near), draw(near)
        here = {name for name in masks if not draw(st.integers(0, 3))}
        if "shrinkAxisMask" in here:
            begin, stride = draw(st.integers(-size, size - 1)), abs(stride) % 2**31 or 1
        else:
            if not _left(size, begin, end, stride, here):
                here |= {"beginMask", "endMask"}
            output.append(_left(size, begin, end, stride, here))
        for name in here:
            masks[name] |= 1 << axis
        begins.append(begin)
        ends.append(end)
        strides.append(stride)
    inputs = [_part(shape, dtype, quantisation), *map(indices, (begins, ends, strides))]
    result = _part(output, dtype, quantisation)
    return Case.of(one_operator("STRIDED_SLICE", inputs, [result], **masks), draw(_seeds))


def _left(size: int, begin: int, end: int, stride: int, masks: set[str]) -> int:
    """Return the size that a slice leaves of a dimension."""
    first = None if "beginMask" in masks else begin
    last = None if "endMask" in masks else end
    return len(range(size)[slice(first, last, stride)])


@st.composite
def reshapings(draw: st.DrawFn) -> Case:
    """Draw a SQUEEZE or an EXPAND_DIMS."""
    shape, quantisation = draw(_shapes(1, 5, 300)), draw(_quantisations)
    dtype, seed = draw(_types("int16", "float32")), draw(_seeds)
    ones = [axis for axis, size in enumerate(shape) if size == 1]
    if len(ones) == len(shape) or draw(st.booleans()):
        axis = draw(st.integers(0, len(shape)))
        output = _part((*shape[:axis], 1, *shape[axis:]), dtype, quantisation)
        given = indices(axis - draw(st.sampled_from([0, len(shape) + 1])))
        inputs = [_part(shape, dtype, quantisation), given]
        return Case.of(one_operator("EXPAND_DIMS", inputs, [output]), seed)
    dropped = draw(st.sets(st.sampled_from(ones))) if ones else set()
    dropped = dropped or {*ones}  # no axes means all dimensions of size 1
    kept = [size for axis, size in enumerate(shape) if axis not in dropped]
    axes = [axis - draw(st.sampled_from([0, len(shape)])) for axis in dropped]
    inputs, output = [_part(shape, dtype, quantisation)], _part(kept, dtype, quantisation)
    return Case.of(one_operator("SQUEEZE", inputs, [output], squeezeDims=axes), seed)


@st.composite
def dimensions(draw: st.DrawFn) -> Case:
    """Draw a SHAPE."""
    shape, seed = draw(_shapes(1, 6)), draw(_seeds)
    inputs = [_part(shape, draw(_types("int16", "int32", "float32")), draw(_quantisations))]
    outputs = [Tensor((len(shape),), dtype="int32")]
    return Case.of(one_operator("SHAPE", inputs, outputs, outType=2), seed)


@st.composite
def slices(draw: st.DrawFn) -> Case:
    """Draw a SLICE; a size is sometimes -1, which means the rest."""
    shape, quantisation = draw(_shapes(1, 5)), draw(_quantisations)
    dtype = draw(_types("int16", "int32", "float32", "bool"))
    begins = [draw(st.integers(0, size - 1)) for size in shape]
    left = [size - begin for size, begin in zip(shape, begins, strict=True)]
    sizes = [draw(st.one_of(st.just(-1), st.integers(1, most))) for most in left]
    output = [most if size == -1 else size for size, most in zip(sizes, left, strict=True)]
    wide = np.dtype(draw(st.sampled_from([np.int32, np.int32, np.int64])))
    inputs, late = [_part(shape, dtype, quantisation)], []
    for values in (begins, sizes):
        data = np.array(values, wide)
        if draw(st.integers(0, 5)) == 0:  # known only in Eval
            inputs.append(Tensor(data.shape, dtype=wide.name))
            late.append(data)
        else:
            inputs.append(Tensor(data.shape, data=data, dtype=wide.name))
    model = one_operator("SLICE", inputs, [_part(output, dtype, quantisation)])
    return Case(model, (Case.of(model, draw(_seeds)).inputs[0], *late))


@st.composite
def resizes(draw: st.DrawFn) -> Case:
    """Draw a RESIZE_NEAREST_NEIGHBOR or RESIZE_BILINEAR to a larger or smaller size."""
    name = draw(st.sampled_from(["RESIZE_NEAREST_NEIGHBOR", "RESIZE_BILINEAR"]))
    dtype = draw(_types("int16", "float32")) if name == "RESIZE_NEAREST_NEIGHBOR" else "int8"
    corners, half_pixel = draw(st.booleans()), draw(st.booleans())
    if name == "RESIZE_BILINEAR" and corners:
        half_pixel = False
    side = st.one_of(st.integers(1, 12), st.sampled_from([1, 2, 24, 33]))
    (height, width), size = draw(st.tuples(side, side)), draw(st.tuples(side, side))
    batches, channels = draw(st.sampled_from([1, 1, 2])), draw(st.sampled_from([1, 3, 4, 8, 17]))
    quantisation = draw(_quantisations)
    inputs = [_part((batches, height, width, channels), dtype, quantisation), indices([*size])]
    output = _part((batches, *size, channels), dtype, quantisation)
    options = {"alignCorners": corners, "halfPixelCenters": half_pixel}
    return Case.of(one_operator(name, inputs, [output], **options), draw(_seeds))
