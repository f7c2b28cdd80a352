"""The models that fuzzing starts from: every operator, the sample model, the real models."""

from __future__ import annotations

import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cfuforge.sw.models import KWS_MODEL
from cfuforge.sw.tflite_model import Model

sys.path.append(str(Path(__file__).parents[1]))

from support import random_models
from support.graph import Quantisation, Tensor, indices, one_operator
from support.random_models import Case

__all__ = ["OPERATORS", "one_operator_models", "real_models", "write_seeds"]

ROOT = Path(__file__).parents[2]
SHARED = ROOT / ".." / "shared" / "models"
EXAMPLES = 12  # models of each strategy
LARGEST = 1 << 14  # bytes of a one-operator model
SMALL = 1 << 16  # bytes of a real model among the one-operator models
CONTROL = struct.pack(
    "<IHBB", 1, 0x8000, 3, 8
)  # execution.h: an ample arena, random inputs, compare

OPERATORS: frozenset[str] = frozenset(
    re.findall(
        r"^X\(\w+, (\w+)\)",
        (ROOT / "sw/tflm/include/tensorflow/lite/micro/kernels/micro_ops.inc").read_text(),
        re.MULTILINE,
    )
)
"""The operators that the runtime has."""


@st.composite
def _reshapes(draw: st.DrawFn) -> Model:
    first, second = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    quantisation = Quantisation((0.5,), 3)
    parts = [Tensor((first, second, 2), quantisation), indices([second, 2 * first])]
    output = Tensor((second, 2 * first), quantisation)
    return one_operator("RESHAPE", parts, [output], newShape=[second, 2 * first])


def _strategies() -> list[st.SearchStrategy[Any]]:
    pairs = ["ADD", "SUB", "MUL", "MINIMUM", "MAXIMUM", "PRELU"]
    singles = ["RELU", "RELU6", "LEAKY_RELU", "ABS", "TANH", "LOGISTIC", "HARD_SWISH"]
    some = random_models
    return [
        *(some.convs(), some.convs(), some.depthwise_convs(), some.depthwise_convs()),
        *(some.fully_connecteds(), some.average_pools(), some.softmaxes()),
        *(some.softmaxes(wide=True), some.transpose_convs()),
        *(some.binaries(name) for name in pairs),
        *(some.integers(name) for name in pairs[:-1]),
        *(some.unaries(name) for name in singles),
        *(some.quantizes(), some.dequantizes(), some.negs()),
        *(some.svdfs("int8"), some.svdfs("int16"), _reshapes()),
        *(some.pads(), some.concatenations(), some.splits(), some.packs(), some.unpacks()),
        *(some.transposes(), some.strided_slices(), some.reshapings(), some.slices()),
        *(some.dimensions(), some.resizes(), some.max_pools(), some.lstms()),
        *(some.reductions(name) for name in ("mean", "sum_", "reduce_max")),
        *(some.args(name) for name in ("arg_max", "arg_min")),
    ]


def one_operator_models() -> dict[str, bytes]:
    """Return models of one operator, the same in every run, named by operator and number.

    Raises
    ------
    LookupError
        When an operator of the runtime has no model.
    """
    models: dict[str, bytes] = {}
    for strategy in _strategies():
        for model in _examples(strategy):
            name = model.operators[0].name
            models.setdefault(f"{name}-{len(models)}", model.data)
    missing = OPERATORS - {name.partition("-")[0] for name in models}
    if missing:
        raise LookupError(f"no seed for {', '.join(sorted(missing))}: extend {__file__}")
    return models


def _examples(strategy: st.SearchStrategy[Any]) -> list[Model]:
    found: list[Model] = []

    @settings(
        max_examples=3 * EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn=strategy)
    def collect(drawn: Any) -> None:
        model = _model(drawn)
        if len(model.data) <= LARGEST:
            found.append(model)

    collect()
    return found[-EXAMPLES:]  # the first ones that hypothesis draws are the simplest


def _model(drawn: Model | Case | tuple[Case, ...]) -> Model:
    if isinstance(drawn, tuple):
        drawn = drawn[0]
    return drawn.model if isinstance(drawn, Case) else drawn


def real_models() -> Iterator[Path]:
    """Yield the sample model and, where they are, the real models beside the checkout."""
    yield KWS_MODEL
    yield from sorted(SHARED.glob("*.tflite"))


def write_seeds(work: Path) -> Path:
    """Write the fuzzer's first inputs into a folder with ``small`` and ``large`` ones."""
    folder = work / "seeds"
    for name in ("small", "large"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, data in one_operator_models().items():
        (folder / "small" / name).write_bytes(data + CONTROL)
    for path in real_models():
        data = path.read_bytes()
        size = "small" if len(data) <= SMALL else "large"
        (folder / size / path.stem).write_bytes(data + CONTROL)
    return folder
