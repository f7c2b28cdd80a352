"""Random SVDF layers."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from support.graph import Quantisation
from support.operators import svdf
from support.random_models.case import Case

__all__ = ["svdfs"]


@st.composite
def svdfs(draw: st.DrawFn, kind: str) -> Case:
    """Draw an SVDF whose state and time weights are of type `kind`, int8 or int16."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    inputs, units, memory, rank = (draw(st.integers(1, 6)) for _ in range(4))
    filters = units * rank
    model = svdf(
        draw(st.integers(1, 2)),
        rank,
        rng.integers(-128, 128, (filters, inputs), dtype=np.int8),
        rng.integers(-128, 128, (filters, memory)).astype(kind),
        rng.integers(-1000, 1001, units).astype(np.int32),
        [Quantisation((float(2.0 ** rng.uniform(-8, 2)),)) for _ in range(5)],
    )
    return Case.of(model, seed)
