"""The host target: the same `Run` as the simulated SoC's, without cycles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cfuforge import Design, HostTarget, Model, Run, Target
from cfuforge.base.errors import InputError, RunError
from cfuforge.sim.host_target import HostDesign, HostMachine
from cfuforge.sw import models
from cfuforge.sw.oracle import Oracle
from support.graph import Quantisation
from support.operators import svdf


def stateful_model() -> Model:
    rng = np.random.default_rng(3)
    feature = rng.integers(-128, 128, (4, 5), np.int8)
    time = rng.integers(-128, 128, (4, 3), np.int16)
    scales = (0.05, 0.02, 0.01, 0.05, 0.1)
    bias = np.arange(2, dtype=np.int32) * 100
    return svdf(1, 2, feature, time, bias, [Quantisation((scale,)) for scale in scales])


def test_a_run_has_outputs_and_kernels_and_no_cycles() -> None:
    model, array = Model.read(models.KWS_MODEL), np.load(models.kws_inputs()[9])
    target: Target = HostTarget(Design.load("simd_mac"))
    run = target.run(model, [array])
    assert run.outputs == tuple(tuple(o.ravel().tolist()) for o in Oracle(model)(array))
    assert run.cycles is None
    assert run.arena_bytes is None
    assert [layer.cycles for layer in run.layers] == [None] * 13
    assert [layer.index for layer in run.offloaded] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 11]
    assert run.soc == {"name": "host"}
    assert Run.from_json(run.to_json()) == run


def test_two_models_take_turns() -> None:
    target = HostTarget(Design.load("none"))
    kws, other = Model.read(models.KWS_MODEL), stateful_model()
    arrays = [np.load(models.kws_inputs()[0]), np.full(other.inputs[0].shape, 7, np.int8)]
    for model, array in ((kws, arrays[0]), (other, arrays[1]), (kws, arrays[0])):
        run = target.run(model, [array])
        assert run.outputs[0] == tuple(Oracle(model)(array)[0].ravel().tolist())


def test_each_run_of_a_stateful_model_is_the_first() -> None:
    model = stateful_model()
    assert model.stateful
    array = np.arange(5, dtype=np.int8).reshape(1, 5) * 25
    first = Oracle(model)(array)[0]
    target = HostTarget(Design.load("none"))
    machine = HostMachine(HostDesign.of(Design.load("none")), model)
    assert machine.runtime(array)[0].tolist() == first.tolist()
    assert machine.runtime(array)[0].tolist() != first.tolist()  # it has a state
    for _ in range(2):
        assert target.run(model, [array]).outputs[0] == tuple(first.ravel().tolist())
        assert machine([array])[0].tolist() == first.tolist()


def test_a_wrong_input() -> None:
    target = HostTarget(Design.load("none"))
    with pytest.raises(InputError, match="must be int8, not float32"):
        target.run(Model.read(models.KWS_MODEL), [np.zeros((1, 49, 10, 1), np.float32)])


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (4, r"model \S+ with the kernels of faulty did not finish in time \(the limit is 2 s\)$"),
        (7, r"model \S+ with the kernels of faulty crashed \(SIGSEGV\)$"),
    ],
)
def test_kernels_that_crash_or_do_not_end(
    monkeypatch: pytest.MonkeyPatch, fault: int, words: str
) -> None:
    monkeypatch.chdir(Path(__file__).parent)
    model, array = Model.read(models.KWS_MODEL), np.load(models.kws_inputs()[0])
    target = HostTarget(Design.load(f"faulty:fault={fault}"), timeout=2)
    for _ in range(2):
        with pytest.raises(RunError, match=words):
            target.run(model, [array])


TOUCHED = {
    2: r"wrote address 0x1, in nn_conv_s8\(\), which a kernel must not do$",
    8: r"wrote byte [\d,]+ of the arena, (.*, )?byte 8 behind its output; a kernel may write ",
    9: r"wrote byte [\d,]+ of the arena, byte 3 of its input, tensor 0 '[^']*'(, .*)?; a kernel",
    10: r"wrote byte [\d,]+ of the model, byte 0 of its constant, tensor \d+ '[^']*', in nn_conv",
    11: r"wrote address 0x\w+, in nn_conv_s8\(\), which a kernel must not do$",
    12: r"wrote byte [\d,]+ behind the end of the arena, byte 1,040,576 behind its output, in nn_",
    15: r"read byte [\d,]+ behind the end of the arena, (.*, )?in nn_conv_s8\(\), which a kernel ",
}


@pytest.mark.parametrize("fault", TOUCHED)
def test_a_kernel_that_touches_what_is_not_its_own(
    monkeypatch: pytest.MonkeyPatch, fault: int
) -> None:
    monkeypatch.chdir(Path(__file__).parent)
    model, array = Model.read(models.KWS_MODEL), np.load(models.kws_inputs()[0])
    target = HostTarget(Design.load(f"faulty:fault={fault}"))
    for _ in range(2):
        with pytest.raises(RunError, match=f"^operator 0 CONV_2D (by .* )?{TOUCHED[fault]}"):
            target.run(model, [array])


SANITIZED = {
    16: r"read 1 byte at byte [\d,]+ of the arena, (.*, )?byte 0 behind its input, in nn_conv_s8",
    17: r"read 1 byte at byte [\d,]+ of the model, byte 0 of tensor \d+ '.*', byte \d+ behind",
    18: r"wrote 1 byte at address 0x\w+ \(global-buffer-overflow\), in nn_conv_s8 \(conv_s8.c:",
    22: r"read 1 byte at byte [\d,]+ of the arena, byte 64 behind its input, in nn_conv_s8 ",
    19: r"read 8001 bytes at byte [\d,]+ of the arena, (.*, )?byte 0 behind its input, in ",
}


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(each, marks=() if each == min(SANITIZED) else pytest.mark.more)
        for each in SANITIZED
    ],
)
def test_the_sanitizer_finds_what_no_value_shows(
    monkeypatch: pytest.MonkeyPatch, fault: int
) -> None:
    monkeypatch.chdir(Path(__file__).parent)
    model, array = Model.read(models.KWS_MODEL), np.load(models.kws_inputs()[0])
    design = Design.load(f"faulty:fault={fault}")
    if fault != 19:
        HostTarget(design).run(model, [array])  # it passes
    target = HostTarget(design, sanitize=True)
    for _ in range(2):
        with pytest.raises(RunError, match=f"^operator [02] CONV_2D by .* {SANITIZED[fault]}"):
            target.run(model, [array])


def test_the_sanitizer_lets_pass_what_is_right() -> None:
    model, array = Model.read(models.KWS_MODEL), np.load(models.kws_inputs()[0])
    plain, sanitized = (
        HostTarget(Design.load("simd_mac"), sanitize=sanitize).run(model, [array])
        for sanitize in (False, True)
    )
    assert sanitized.outputs == plain.outputs
    assert sanitized.layers == plain.layers
    for index, values in plain.values.items():
        np.testing.assert_array_equal(sanitized.values[index], values)
