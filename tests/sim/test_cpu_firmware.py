"""The firmware, compiled for each CPU's instruction set: keyword spotting, bit for bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cfuforge import Design, Model, SimTarget, board
from cfuforge.base.errors import EnvironmentLacksError
from cfuforge.soc.cpu import CPUS, Core
from cfuforge.sw.models import KWS_MODEL
from cfuforge.sw.oracle import Oracle

LIMITS = {  # cycles on ideal memory: what was measured, and a tenth more
    "full+cfu": 2_350_000,
    "lite+cfu": 3_380_000,
    "minimal+cfu": 10_300_000,
    "small+mul+cfu": 5_400_000,
    "small+mul+cfu, folded": 4_680_000,
    "small+cfu": 9_700_000,
}


@pytest.mark.parametrize(
    ("cpu", "design", "limit"),
    [
        ("full+cfu", "simd_mac", "full+cfu"),
        *(
            pytest.param(cpu, "simd_mac", cpu, marks=pytest.mark.more)
            for cpu in ("lite+cfu", "minimal+cfu", "small+cfu")
        ),
        pytest.param("small+mul+cfu", "simd_mac", "small+mul+cfu", marks=pytest.mark.long),
        pytest.param(
            *("small+mul+cfu", "simd_mac:folded=1", "small+mul+cfu, folded"),
            marks=pytest.mark.more,
        ),
    ],
)
def test_keyword_spotting(cpu: str, design: str, limit: str) -> None:
    kws = Model.read(KWS_MODEL)
    array = np.random.default_rng(5).integers(-128, 128, kws.inputs[0].shape, np.int8)
    try:
        target = SimTarget(Design.load(design), replace(board("sim"), cpu_variant=cpu))
    except EnvironmentLacksError as error:
        if CPUS[cpu].core is not Core.GENERATED:
            raise
        pytest.skip(f"{cpu}: {error}")
    run = target.run(kws, [array])
    print(f"{limit}: {run.cycles:,} cycles")
    assert run.outputs == tuple(tuple(o.ravel().tolist()) for o in Oracle(kws)(array))
    assert run.cycles <= LIMITS[limit]
