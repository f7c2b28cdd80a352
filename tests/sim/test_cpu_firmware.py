"""The firmware, compiled for each CPU's instruction set: keyword spotting, bit for bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cfuforge.cfu.design import Design
from cfuforge.cfu.errors import EnvironmentLacksError
from cfuforge.sim.target import SimTarget
from cfuforge.soc.board import board
from cfuforge.soc.cpu import CPUS, Core
from cfuforge.sw import models
from cfuforge.sw.oracle import Oracle
from cfuforge.sw.tflite_model import Model


@pytest.mark.parametrize("cpu", list(CPUS))
def test_keyword_spotting(cpu: str, record_property: pytest.RecordProperty) -> None:
    model = Model.read(models.KWS)
    sample = np.load(models.KWS.with_suffix("") / "yes_9.npy").reshape(model.inputs[0].shape)
    try:
        target = SimTarget(Design.load("simd_mac"), replace(board("sim"), cpu_variant=cpu))
    except EnvironmentLacksError as error:
        if CPUS[cpu].core is not Core.GENERATED:
            raise
        pytest.skip(str(error))
    run = target.run(model, [sample])
    expected = ORACLE_PLACEHOLDER
    assert [list(values) for values in run.outputs] == expected
