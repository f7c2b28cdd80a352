"""Random models for hypothesis: one operator each, of any shape and scale, with inputs.

Hypothesis draws shapes and parameters, which it can shrink, and a seed for the values.
"""

from support.random_models.case import Case
from support.random_models.elementwise import (
    binaries,
    conversions,
    dequantizes,
    integers,
    negs,
    quantizes,
    shapes,
    unaries,
)
from support.random_models.lstm import lstms
from support.random_models.moves import (
    concatenations,
    dimensions,
    packs,
    pads,
    reshapings,
    resizes,
    slices,
    splits,
    strided_slices,
    transposes,
    unpacks,
)
from support.random_models.reductions import args, average_pools, max_pools, reductions, softmaxes
from support.random_models.svdf import svdfs
from support.random_models.weighted import (
    convs,
    depthwise_convs,
    fully_connecteds,
    transpose_convs,
)

__all__ = ["Case", "args", "average_pools", "binaries", "concatenations", "conversions", "convs"]
__all__ += ["depthwise_convs", "dequantizes", "dimensions", "fully_connecteds", "integers", "lstms"]
__all__ += ["max_pools", "negs", "packs", "pads", "quantizes", "reductions", "reshapings"]
__all__ += ["resizes", "shapes", "slices", "softmaxes", "splits", "strided_slices"]
__all__ += ["svdfs"]
__all__ += ["transpose_convs", "transposes", "unaries", "unpacks"]
