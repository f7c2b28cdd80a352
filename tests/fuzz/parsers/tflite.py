"""``.tflite`` files: the reader, what is told of a model, the inputs that are made for it."""

import io
import json
from pathlib import Path

import numpy as np
from rich.console import Console

from cfuforge.base.errors import InputError
from cfuforge.inputs.made_up import corner_samples, random_sample
from cfuforge.inspection.inspect import inspect
from cfuforge.inspection.lifetimes_svg import lifetimes_svg
from cfuforge.inspection.table import print_inspection
from cfuforge.sw.models import KWS_MODEL
from support.graph import Graph, Quantisation, Tensor

SCALE = Quantisation((0.5,), 3)


def one_of_many() -> bytes:
    """Return a model with options of many kinds, constants, a variable, two inputs."""
    graph = Graph()
    given = [graph.tensor(Tensor((1, 4, 4, 2), SCALE, name=name)) for name in "ab"]
    kept = graph.tensor(Tensor((1, 8), SCALE, name="state", variable=True))
    shape = graph.tensor(
        Tensor((2,), data=np.array([2, 32], np.int32), dtype="int32", name="shape")
    )
    part = Quantisation((0.5, 0.25), 0, 3)
    filter_ = graph.tensor(Tensor((1, 2, 2, 2), part, np.ones(8, np.int8), name="filter"))
    places = [
        Tensor(size, SCALE, name=name)
        for name, size in {"c": (1, 4, 4, 2), "d": (1, 3, 3, 2), "e": (2, 16), "f": (2, 32)}.items()
    ]
    c, d, e, f = (graph.tensor(place) for place in places)
    graph.operator("ADD", given, [c], fusedActivationFunction=1)
    graph.operator(
        "DEPTHWISE_CONV_2D",
        [c, filter_, -1],
        [d],
        depthMultiplier=1,
        strideH=1,
        strideW=1,
        padding=1,
    )
    graph.operator("RESHAPE", [c, shape], [e], newShape=[2, 16])
    graph.operator("VAR_HANDLE", [kept], [f], container="c" * 20, sharedName="s" * 20)
    return graph.model("many", given, [e, f]).data


def seeds() -> list[bytes]:
    graph = Graph()
    given = graph.tensor(Tensor((1, 8), SCALE, name="x"))
    made = graph.tensor(Tensor((1, 8), Quantisation((1 / 256,), -128), name="y"))
    graph.operator("LOGISTIC", [given], [made])
    small = graph.model("small", [given], [made]).data
    return [small, one_of_many(), small, one_of_many(), KWS_MODEL.read_bytes()]


def run(data: bytes, folder: Path) -> None:
    path = folder / "x.tflite"
    path.write_bytes(data)
    found = inspect(path, cfu=())
    print_inspection(found, Console(file=io.StringIO(), width=100))
    lifetimes_svg(found.plan, [operator.name for operator in found.model.operators])
    json.dumps(found.to_json())
    if found.refused:
        raise InputError(found.refused)
    random_sample(found.model)
    for _ in corner_samples(found.model):
        pass
