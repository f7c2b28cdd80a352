"""Files of which a reader that trusts them would make gigabytes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hostile_models import hostile_models, shared_tables
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

from cfuforge.base.errors import InputError
from cfuforge.sw.acceptance import accept, refusal
from cfuforge.sw.alone import refusals
from cfuforge.sw.host_runtime import HostRuntime
from cfuforge.sw.tflite_model import LARGEST_FILE, Model
from support.graph import Graph, Quantisation, Tensor

MODELS = hostile_models()
SECONDS = 5
MEGABYTES = 500
# Reads each model in a process of its own, which has imported everything before.
READ = """
import json
import os
import sys
from pathlib import Path
from cfuforge.base.errors import InputError
from cfuforge.defaults import model_or_sample

def read(path):
    try:
        model_or_sample(path)
    except InputError as error:
        print(error)
    # ru_maxrss would count the process that started this one as well.
    print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0], flush=True)

for path in sys.argv[1:]:
    into, out = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(out, 1)
        os.close(out)
        read(path)
        os._exit(0)
    os.close(out)
    with open(into) as pipe:
        said = pipe.read()
    _, status, usage = os.wait4(child, 0)
    print(json.dumps([said, status, usage.ru_utime + usage.ru_stime]), flush=True)
"""


@pytest.fixture(scope="module")
def readings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, int, float]]:
    """Return what reading each model prints, its exit status and its processor time."""
    HostRuntime(shared_tables())  # it is built
    paths = [tmp_path_factory.mktemp("hostile") / f"{name}.tflite" for name in MODELS]
    for path, data in zip(paths, MODELS.values(), strict=True):
        path.write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", READ, *paths], capture_output=True, text=True, check=True
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return dict(zip(MODELS, found, strict=True))


@pytest.mark.parametrize("name", MODELS)
def test_work_and_memory_are_bounded(
    name: str, readings: dict[str, tuple[str, int, float]]
) -> None:
    text, status, seconds = readings[name]
    assert status == 0
    *said, kilobytes = text.splitlines()
    assert len(said) <= 1, "more than a line"
    assert int(kilobytes) < MEGABYTES << 10
    assert seconds < SECONDS


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tensors", "the model m has 20,000 tensors: at most 16,384 are read"),
        ("operators", "the model m has 100,000 operators: at most 16,384 are read"),
        ("scales", "the model m is truncated or damaged (its lists overlap, or have more than"),
        ("operands", "the model m has operators with more than 131,072 inputs and outputs"),
        ("dimensions", "(tensor 0 has 100,000 dimensions, more than 32)"),
    ],
)
def test_the_reader_refuses(name: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Model(MODELS[name], "m")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("subgraphs", "the model is damaged: its lists of tensors overlap"),
        ("elements", "dimension 0 is 2147483647, negative or too large"),
        ("eight gigabytes", "dimension 1 is 131072, negative or too large"),
    ],
)
def test_the_runtime_refuses(name: str, message: str) -> None:
    with pytest.raises(InputError, match=f"^m: .*{message}"):
        accept(Model(MODELS[name], "m"))


def test_constants_that_overlap() -> None:
    data = bytearray(shared_tables(tensors=3, shape=[1, 64], data=64))
    whole = Model(bytes(data))
    constant = whole.tensors[2].constant
    assert constant == bytes(64)
    assert whole.tensors[2].constant is constant
    length = data.index((64).to_bytes(4, "little") + bytes(64))
    data[length : length + 4] = (1 << 20).to_bytes(4, "little")
    with pytest.raises(InputError, match=r"a list of 1,048,576 reaches beyond the file"):
        Model(bytes(data))


def test_a_long_name_is_cut() -> None:
    model = Model(shared_tables(name="n" * 10_000_000))
    assert {tensor.name for tensor in model.tensors} == {"n" * 1000 + "…"}
    assert Model(shared_tables(name="é" * 1000)).tensors[0].name == "é" * 1000


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "x.tflite"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    with pytest.raises(InputError, match=r"^the model .*x\.tflite has 134,217,729 bytes; at most"):
        Model.read(path)


def test_all_operators_are_looked_at_within_a_bound() -> None:
    model = Model(shared_tables(operators=16_000, code=32))  # CUSTOM
    began = time.process_time()
    found = refusals(model, 1 << 20)
    assert time.process_time() - began < 2 * SECONDS
    assert len(found) == 16_000
    assert found[0] == "CUSTOM is not supported"
    assert found[15_999] == "not looked at: only the first 300 operators are"


@pytest.mark.parametrize("what", ["inputs", "outputs", "operators"])
def test_a_model_without(what: str) -> None:
    model = Model(shared_tables())
    setattr(model, what, ())
    assert refusal(model) == f"the model has no {what}: there is nothing to run"


def test_a_sparse_tensor() -> None:
    graph = Graph()
    given, made = (graph.tensor(Tensor((1, 8), Quantisation((0.5,)), name=name)) for name in "xy")
    weights = graph.tensor(Tensor((8, 8), Quantisation((0.5,)), np.zeros(6, np.int8), name="w"))
    graph.tensors[weights].sparsity = schema.SparsityParametersT()
    graph.operator("FULLY_CONNECTED", [given, weights, -1], [made])
    model = graph.model("sparse", [given], [made])
    assert refusal(model) == "tensor 2 'w': sparse tensors are not supported"


@pytest.mark.parametrize("kind", ["COMPLEX64", "BFLOAT16", "RESOURCE", "INT4", "STRING", "100"])
def test_a_type_without_a_size(kind: str) -> None:
    number = int(kind) if kind.isdecimal() else getattr(schema.TensorType, kind)
    model = Model(shared_tables(kind=number), "m")
    named = f"type {kind}" if kind.isdecimal() else kind.lower()
    assert [tensor.dtype for tensor in model.tensors] == [named] * 2
    assert refusal(model)
    if kind != "COMPLEX64":
        with pytest.raises(InputError, match=rf"tensor 0 \(x\) is {named}, which is not supp"):
            _ = model.tensors[0].nbytes
