"""TensorFlow Lite Micro as the oracle."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest

from cfuforge.base.errors import InputError, RunError
from cfuforge.sw.oracle import Oracle, check_inputs, start_oracle
from cfuforge.sw.tflite_model import Model
from support import operators
from support.graph import Graph, Quantisation, Tensor, one_operator
from support.graph import planned as with_plan
from support.operators import svdf

ONE = Quantisation((1.0,), 0)
INPUT = np.array([1, -2, 3, -4], np.int8).reshape(1, 2, 2, 1)


def crashes_when_loaded() -> Model:
    """Return a convolution without a bias, whose place is kept."""
    filter_ = np.ones((1, 1, 1, 1), np.int8)
    inputs = [Tensor(INPUT.shape, ONE), Tensor(filter_.shape, ONE, filter_, name="filter")]
    return one_operator(
        "DEPTHWISE_CONV_2D",
        [*inputs, None],
        [Tensor(INPUT.shape, ONE)],
        strideH=1,
        strideW=1,
        depthMultiplier=1,
    )


def aborts() -> tuple[Model, np.ndarray]:
    """Return a softmax over a row of which TFLM cannot take the sum."""
    return operators.softmax((1, 512), 1.0, 0, 1.0), np.full((1, 512), 3, np.int8)


def takes_hours() -> tuple[Model, np.ndarray]:
    shape = (1, 1000, 1000, 1)
    options = {"padding": 0, "strideH": 1, "strideW": 1, "fusedActivationFunction": 0}
    model = operators.average_pool_2d(shape, ONE, filterHeight=900, filterWidth=900, **options)
    return model, np.zeros(shape, np.int8)


def stateful() -> Model:
    rng = np.random.default_rng(3)
    feature = rng.integers(-128, 128, (4, 5), np.int8)
    time = rng.integers(-128, 128, (4, 3), np.int16)
    scales = (0.05, 0.02, 0.01, 0.05, 0.1)
    bias = np.zeros(2, np.int32)
    return svdf(1, 2, feature, time, bias, [Quantisation((scale,)) for scale in scales])


def works() -> None:
    np.testing.assert_array_equal(Oracle(identity())(INPUT)[0], INPUT)


def identity() -> Model:
    return operators.average_pool_2d(
        (1, 2, 2, 1),
        Quantisation((1.0,), 0),
        padding=1,
        filterHeight=1,
        filterWidth=1,
        strideH=1,
        strideW=1,
        fusedActivationFunction=0,
    )


def test_outputs_and_layers() -> None:
    model = identity()
    input_ = np.array([1, -2, 3, -4], np.int8).reshape(1, 2, 2, 1)
    (output,) = Oracle(model)(input_)
    np.testing.assert_array_equal(output, input_)
    layers = Oracle(model, keep_all=True).run_layers(input_)
    np.testing.assert_array_equal(layers[model.outputs[0].index], input_)
    with pytest.raises(ValueError, match="keep_all"):
        Oracle(model).run_layers(input_)


def planned() -> Model:
    """Return three operators whose file says where in the arena the tensors lie."""
    graph = Graph()
    tensors = [graph.tensor(Tensor(INPUT.shape, ONE, name=f"t{index}")) for index in range(4)]
    for given, found in pairwise(tensors):
        graph.operator("RELU", [given], [found])
    data = graph.model("planned", tensors[:1], tensors[3:]).data
    return Model(with_plan(data, [0, 16, 0, 16]), "planned")


def test_layers_of_a_model_that_plans_its_memory() -> None:
    model = planned()
    right = np.maximum(INPUT, 0)
    np.testing.assert_array_equal(Oracle(model)(INPUT)[0], right)
    layers = Oracle(model, keep_all=True).run_layers(INPUT)
    np.testing.assert_array_equal(layers[0], INPUT)
    for index in (1, 2, 3):
        np.testing.assert_array_equal(layers[index], right)


def test_outputs_are_copies() -> None:
    oracle = Oracle(identity())
    (first,) = oracle(np.full((1, 2, 2, 1), 5, np.int8))
    oracle(np.full((1, 2, 2, 1), 6, np.int8))
    assert (first == 5).all()


def test_inputs_that_do_not_fit() -> None:
    model = identity()
    with pytest.raises(InputError, match="takes 1 input, not 0"):
        check_inputs(model, [])
    with pytest.raises(InputError, match="must be int8, not float32"):
        check_inputs(model, [np.zeros((1, 2, 2, 1), np.float32)])
    with pytest.raises(InputError, match=r"must have shape \(1, 2, 2, 1\), not \(1, 4\)"):
        check_inputs(model, [np.zeros((1, 4), np.int8)])


def test_a_model_that_tflm_does_not_run(capfd: pytest.CaptureFixture[str]) -> None:
    shape = (1, 1, 1, 1)
    model = operators.conv_2d(
        shape,
        Quantisation((1.0,), 0),
        np.ones((3, 1, 1, 1), np.int8),
        Quantisation((1.0, 1.0)),  # two scales for three channels
        None,
        Quantisation((1.0,), 0),
        padding=1,
        strideH=1,
        strideW=1,
        dilationHFactor=1,
        dilationWFactor=1,
        fusedActivationFunction=0,
    )
    with pytest.raises(InputError, match="does not run conv_2d") as caught:
        Oracle(model)
    assert "Node CONV_2D" in str(caught.value)  # TFLM's own words
    assert len(str(caught.value).splitlines()) == 1
    assert capfd.readouterr() == ("", "")


def test_a_crash_is_told_from_everything_else() -> None:
    before = Oracle(identity())
    with pytest.raises(RunError) as caught:
        Oracle(crashes_when_loaded())
    assert str(caught.value) == (
        "TensorFlow Lite Micro itself crashed (SIGSEGV) with model depthwise_conv_2d: there is "
        "nothing to compare with"
    )
    np.testing.assert_array_equal(before(INPUT)[0], INPUT)
    model, array = aborts()
    oracle = Oracle(model)
    for _ in range(2):
        with pytest.raises(RunError, match=r"itself crashed \(SIGABRT\) with model softmax: there"):
            oracle(array)
    np.testing.assert_array_equal(before(INPUT)[0], INPUT)


def test_no_end() -> None:
    model, array = takes_hours()
    oracle = Oracle(model, timeout=2)
    with pytest.raises(
        RunError, match=r"did not finish in time .*average_pool_2d \(the limit is 2 s"
    ):
        oracle(array)
    works()


def test_killed_from_outside() -> None:
    oracle = Oracle(identity())
    process = start_oracle()
    os.kill(process.pid, signal.SIGKILL)  # nothing is lost
    while process.alive:
        time.sleep(0.01)
    np.testing.assert_array_equal(oracle(INPUT)[0], INPUT)
    model, array = takes_hours()
    long = Oracle(model)
    threading.Timer(1.0, os.kill, (start_oracle().pid, signal.SIGKILL)).start()
    with pytest.raises(
        RunError, match=r"itself was killed \(SIGKILL, .*\) with model average_pool_2d"
    ):
        long(array)
    works()


def test_a_lost_state() -> None:
    oracle, array = Oracle(stateful()), np.arange(0, 125, 25, np.int8).reshape(1, 5)
    first = oracle(array)[0]
    assert (oracle(array)[0] != first).any()
    with pytest.raises(RunError):
        Oracle(crashes_when_loaded())
    with pytest.raises(RunError, match="started again after a crash; reset the oracle"):
        oracle(array)
    oracle.reset()
    np.testing.assert_array_equal(oracle(array)[0], first)


def test_threads() -> None:
    def run(value: int) -> bool:
        if value % 10 == 9:
            with pytest.raises(RunError):
                Oracle(crashes_when_loaded())
        array = np.full(INPUT.shape, value, np.int8)
        return bool((Oracle(identity())(array)[0] == array).all())

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(run, range(40)))


def test_a_fork_has_its_own() -> None:
    pid = start_oracle().pid
    forked = multiprocessing.get_context("fork").Process(target=works)
    forked.start()
    forked.join(60)
    assert forked.exitcode == 0
    works()
    assert start_oracle().pid == pid


@pytest.mark.parametrize("dimensions", [2, 8])
def test_tensors_that_no_machine_holds(dimensions: int) -> None:
    shape = (2**31 - 1,) * dimensions
    model = one_operator("RELU", [Tensor(shape, ONE, name="x")], [Tensor(shape, ONE, name="y")])
    with pytest.raises(
        InputError,
        match=r"does not run relu: its tensors take [\d,]+ bytes, more than there is memory",
    ):
        Oracle(model)


def test_nobody_else_loads_tflm() -> None:
    code = (
        "import sys, cfuforge.comparisons.compare, cfuforge.checks.check\n"
        "import cfuforge.inspection.inspect\n"
        "from cfuforge.sw.oracle import Oracle\n"
        "from cfuforge.sw import models\n"
        "Oracle(cfuforge.comparisons.compare.Model.read(models.KWS_MODEL))\n"
        "print([name for name in sys.modules if name.startswith('tflite_micro')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
